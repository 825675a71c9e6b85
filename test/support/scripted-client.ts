import { Buffer } from 'node:buffer'
import { ManualClock } from '../../src/lib/clock.ts'
import type { Call, Reply, Transport, WireRequest } from '../../src/transport/transport.ts'
import { realAddresses } from '../../src/upstream/pan115/addresses.ts'
import { Pan115Client } from '../../src/upstream/pan115/client.ts'
import { productionKeys } from '../../src/upstream/pan115/keys.ts'
import type { Pan115Keys } from '../../src/upstream/pan115/keys.ts'

/** An answer of the script: JSON, or text as it stands, with a status and headers where they matter. */
export interface ScriptedAnswer {
  readonly json?: unknown
  readonly text?: string
  readonly status?: number
  readonly headers?: Reply['headers']
}

/** For tests: a client whose 115 is a function, and what it was asked. */
export interface ScriptedClient {
  readonly client: Pan115Client
  readonly clock: ManualClock
  readonly requests: readonly WireRequest[]
  readonly calls: readonly Call<unknown>[]
}

/** `answer` gets each request and its number, from 0. */
export function scriptedClient(
  answer: (request: WireRequest, number: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
  keys: Pan115Keys = productionKeys,
): ScriptedClient {
  const clock = new ManualClock()
  const calls: Call<unknown>[] = []
  const requests: WireRequest[] = []
  const transport: Transport = {
    async send(call) {
      calls.push(call)
      requests.push(call.request)
      return call.decode(toReply(await answer(call.request, calls.length - 1)))
    },
  }
  const client = new Pan115Client({
    addresses: realAddresses,
    transport,
    clock,
    keys,
    userAgent: 'Mozilla/5.0 115Browser/1.2.3',
    cookie: 'UID=1_R2_2; CID=c; SEID=s; KID=k',
  })
  return { client, clock, calls, requests }
}

/** The reply that `answer` stands for. */
export function toReply({ json, text, status = 200, headers = {} }: ScriptedAnswer): Reply {
  return { status, headers, body: Buffer.from(text ?? JSON.stringify(json)) }
}

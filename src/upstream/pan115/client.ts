import type { Ctx } from '../../core/ctx.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Bucket, Reply, Transport, WireRequest } from '../../transport/transport.ts'
import { addressOf } from './addresses.ts'
import type { Addresses, Pan115Host } from './addresses.ts'
import { readAnswer } from './answer.ts'
import { findRefusal, refusalError } from './codes.ts'
import type { WireObject } from './wire.ts'

/** The version of 115's browser that panport passes for when nobody has set another. */
export const defaultAppVersion = '35.6.0.3'

/** An old or foreign User-Agent is refused by uploads and shares. */
export function browserUserAgent(appVersion = defaultAppVersion): string {
  return `Mozilla/5.0 115Browser/${appVersion}`
}

/** One question to 115. */
export interface Ask<T> {
  /** Names the call in logs: `files list`. */
  readonly name: string
  /** What it is for; completes "Cannot …" and quotes names: `list "films"`. */
  readonly action: string
  readonly host: Pan115Host
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Present: sent by POST as a form. */
  readonly form?: Readonly<Record<string, string>>
  readonly bucket: Bucket
  /** Whether asking twice does no more than asking once. */
  readonly repeatable: boolean
  /** Instead of the client's own; some answers are bound to it. */
  readonly userAgent?: string
  readonly timeoutMs?: number
  /** Error numbers that `read` takes as an answer. */
  readonly accepts?: readonly string[]
  read(answer: WireObject, reply: Reply): T
}

export interface Pan115ClientOptions {
  readonly addresses: Addresses
  readonly transport: Transport
  readonly clock: Clock
  readonly userAgent: string
  /** The `Cookie` header; null for the calls before a login. */
  readonly cookie: string | null
}

/** Speaks to 115 as one login. Keeps nothing between calls. */
export class Pan115Client {
  readonly clock: Clock
  readonly userAgent: string
  readonly #options: Pan115ClientOptions

  constructor(options: Pan115ClientOptions) {
    this.clock = options.clock
    this.userAgent = options.userAgent
    this.#options = options
  }

  /** Throws StorageError for everything but a yes; `ask.read` sees only those and what `ask.accepts`. */
  call<T>(ask: Ask<T>, ctx: Ctx): Promise<T> {
    const { name, bucket, repeatable, timeoutMs } = ask
    const decode = (reply: Reply) => decodeReply(ask, reply)
    const call = { name, request: this.#requestOf(ask), bucket, repeatable, decode }
    return this.#options.transport.send(timeoutMs === undefined ? call : { ...call, timeoutMs }, ctx)
  }

  #requestOf(ask: Ask<unknown>): WireRequest {
    const { addresses, cookie } = this.#options
    const url = addressOf(addresses, ask.host, ask.path, ask.query)
    const headers: Record<string, string> = { 'user-agent': ask.userAgent ?? this.userAgent }
    if (cookie !== null) headers.cookie = cookie
    if (!ask.form) return { method: 'GET', url, headers }
    headers['content-type'] = 'application/x-www-form-urlencoded'
    return { method: 'POST', url, headers, body: new URLSearchParams(ask.form).toString() }
  }
}

function decodeReply<T>(ask: Ask<T>, reply: Reply): T {
  const answer = readAnswer(ask.action, reply)
  const refusal = findRefusal(answer)
  if (refusal && !ask.accepts?.includes(refusal.code)) {
    throw refusalError(ask.action, refusal, { status: reply.status })
  }
  return ask.read(answer, reply)
}

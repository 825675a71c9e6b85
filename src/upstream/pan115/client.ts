import type { Ctx } from '../../core/ctx.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Bucket, Reply, Transport, WireRequest } from '../../transport/transport.ts'
import { addressOf } from './addresses.ts'
import type { Addresses, Pan115Host } from './addresses.ts'
import { readAnswer } from './answer.ts'
import { findRefusal, isBlockText, refusalError } from './codes.ts'
import type { Reading } from './codes.ts'
import { M115 } from './crypto/m115.ts'
import type { Pan115Keys } from './keys.ts'
import type { WireObject } from './wire.ts'

/** The version of 115's browser that panport passes for when nobody has set another. */
const defaultAppVersion = '35.6.0.3'

/** An old or foreign User-Agent is refused by uploads and shares. */
export function browserUserAgent(appVersion = defaultAppVersion): string {
  return `Mozilla/5.0 115Browser/${appVersion}`
}

/** A request to 115. */
export interface Question {
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
}

/** A request and how its answer is read. */
export interface Ask<T> extends Question {
  /** Error numbers that `read` takes as an answer. */
  readonly accepts?: readonly string[]
  /** What refusals mean here, where that differs. */
  readonly reading?: Reading
  read(answer: WireObject, reply: Reply): T
}

export interface Pan115ClientOptions {
  readonly addresses: Addresses
  readonly transport: Transport
  readonly clock: Clock
  readonly keys: Pan115Keys
  readonly userAgent: string
  /** The `Cookie` header; null for the calls before a login. */
  readonly cookie: string | null
}

/** Speaks to 115 as one login. Keeps nothing between calls. */
export class Pan115Client {
  readonly clock: Clock
  readonly userAgent: string
  readonly m115: M115
  readonly #options: Pan115ClientOptions

  constructor(options: Pan115ClientOptions) {
    this.m115 = new M115(options.keys.modulusHex, options.keys.exponent)
    this.clock = options.clock
    this.userAgent = options.userAgent
    this.#options = options
  }

  /** Epoch seconds, which 115 wants in addresses. */
  get epochSeconds(): string {
    return String(Math.floor(this.clock.now() / 1000))
  }

  /** Throws StorageError for everything but a yes; `ask.read` sees only those and what `ask.accepts`. */
  call<T>(ask: Ask<T>, ctx: Ctx): Promise<T> {
    return this.#send(ask, (reply) => decodeReply(ask, reply), ctx)
  }

  /** The reply as it came, a no included. */
  fetch(question: Question, ctx: Ctx): Promise<RawReply> {
    return this.#send(question, rawReply, ctx)
  }

  #send<T>(question: Question, decode: (reply: Reply) => T, ctx: Ctx): Promise<T> {
    const { name, bucket, repeatable, timeoutMs } = question
    const call = { name, request: this.#requestOf(question), bucket, repeatable, decode }
    return this.#options.transport.send(timeoutMs === undefined ? call : { ...call, timeoutMs }, ctx)
  }

  #requestOf(ask: Question): WireRequest {
    const { addresses, cookie } = this.#options
    const url = addressOf(addresses, ask.host, ask.path, ask.query)
    const headers: Record<string, string> = { 'user-agent': ask.userAgent ?? this.userAgent }
    if (cookie !== null) headers.cookie = cookie
    if (!ask.form) return { method: 'GET', url, headers }
    headers['content-type'] = 'application/x-www-form-urlencoded'
    return { method: 'POST', url, headers, body: new URLSearchParams(ask.form).toString() }
  }
}

/** An answer that nobody has read yet. */
export interface RawReply {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

function rawReply({ status, headers, body }: Reply): RawReply {
  const contentType = headers['content-type']
  return { status, contentType: typeof contentType === 'string' ? contentType : 'application/json', body }
}

function decodeReply<T>(ask: Ask<T>, reply: Reply): T {
  const answer = readAnswer(ask.action, reply)
  const refusal = findRefusal(answer)
  // A block says no number, so it must not pass for the bare "no" that some calls accept.
  const isAccepted = refusal && ask.accepts?.includes(refusal.code) && !isBlockText(refusal.text)
  if (refusal && !isAccepted) {
    throw refusalError(ask.action, refusal, { status: reply.status, reading: ask.reading ?? {} })
  }
  return ask.read(answer, reply)
}

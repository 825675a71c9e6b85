import type { Readable } from 'node:stream'
import type { Ctx } from './ctx.ts'

/** Both ends count: `{ start: 0, end: 0 }` is the first byte. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What a link may be tied to: only a reader with the same value may follow it. */
export type LinkBinding = 'userAgent' | 'clientIp'

/** Who is going to read through the link. */
export interface LinkRequest {
  /** The User-Agent the reader will send, verbatim. */
  readonly userAgent: string
  /** Null when the reader is the gateway itself. */
  readonly clientIp: string | null
  /** An address that was handed out for this reader and is refused: any other will do, also one made meanwhile. */
  readonly refused?: string
}

/** An address whose bytes anybody may fetch who keeps to its rules. A bearer secret: never logged with its query. */
export interface UrlLink {
  readonly kind: 'url'
  readonly url: string
  /** Lower-case names. Exactly what the address demands of each request; empty when it demands nothing. */
  readonly headers: Readonly<Record<string, string>>
  /** Null when it does not expire. */
  readonly expiresAt: Date | null
  /** How many requests may run at once; null when there is no limit. */
  readonly maxConnections: number | null
  readonly boundTo: readonly LinkBinding[]
}

/** Bytes that only this process can open. */
export interface StreamLink {
  readonly kind: 'stream'
  /** The bytes of `range` (everything when null), as a byte stream. Destroying it stops the source. */
  open(range: ByteRange | null, ctx: Ctx): Promise<Readable>
}

export type Link = UrlLink | StreamLink

/**
 * Whether `reader` can use `link` itself, given that a redirect tells a client where to go and nothing of what
 * to send there: the only header it can count on is the User-Agent the client has anyway. Derived from what the
 * link demands and is bound to, never from the cloud it belongs to. `link` was made for this reader.
 */
export function canFollow(link: Link, reader: LinkRequest): link is UrlLink {
  if (link.kind !== 'url' || !/^https?:\/\//i.test(link.url)) return false
  const sendsDemanded = Object.entries(link.headers).every(
    ([name, value]) => name === 'user-agent' && value !== '' && value === reader.userAgent,
  )
  // A client that does not say who it is cannot be who the link is bound to.
  return sendsDemanded && link.boundTo.every((binding) => Boolean(reader[binding]))
}

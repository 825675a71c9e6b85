import type { Readable } from 'node:stream'
import type { Ctx } from './ctx.ts'
import type { ByteRange } from './link.ts'

/** What came back when an address was opened for reading. The body must be read or destroyed. */
export interface OpenedUrl {
  /** 200 or 206; everything else is thrown. */
  readonly status: 200 | 206
  /** Bytes this body will give; null when the other side did not say. */
  readonly length: number | null
  /** Bytes of the whole file, from Content-Range or Content-Length; null when unknown. */
  readonly totalSize: number | null
  readonly body: Readable
}

/**
 * Opens an address the way a download does: streamed, with time limits to the head and between chunks, no
 * retry, no redirect to another host than http(s) ones. Throws PermissionDenied for 401/403 (an expired or
 * foreign link), NotFound for 404/410, RangeNotSatisfiable for 416, RateLimited for 429, Unavailable for the
 * network and 5xx, Protocol for any other status.
 */
export type OpenUrl = (
  request: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly range: ByteRange | null
  },
  ctx: Ctx,
) => Promise<OpenedUrl>

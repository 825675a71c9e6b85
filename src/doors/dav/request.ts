import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Ctx } from '../../core/ctx.ts'
import type { LinkRequest } from '../../core/link.ts'
import type { VPath } from '../../core/path.ts'
import type { DownloadMode } from '../../vfs/storage-record.ts'
import type { Located, View } from '../../vfs/view.ts'

export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** Somebody who may read at `path`, asking for something there. */
export interface DavRequest extends Exchange {
  /** As the user sees it. */
  readonly path: VPath
  readonly query: URLSearchParams
  readonly view: View
  readonly client: LinkRequest
  /** What every href begins with: an absolute path without a host or a trailing `/`, percent-encoded. */
  readonly hrefRoot: string
  readonly ctx: Ctx
}

/**
 * Answers a GET or HEAD for a file: range, preconditions, redirect or stream. Throws StorageError while nothing
 * has been sent.
 */
export type ServeFile = (
  request: Exchange & {
    readonly view: View
    readonly file: Located
    readonly mode: DownloadMode
    readonly client: LinkRequest
    readonly query: URLSearchParams
  },
  ctx: Ctx,
) => Promise<void>

/** The methods of anything, and those of a folder: what `Allow` says. */
export const allowedMethods = 'OPTIONS, GET, HEAD, POST, PROPFIND'
export const allowedOnDirectories = 'OPTIONS, HEAD, PROPFIND'

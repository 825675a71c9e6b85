import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Ctx } from '../../core/ctx.ts'
import type { LinkRequest } from '../../core/link.ts'
import type { DownloadMode } from '../../vfs/storage-record.ts'
import type { Located, View } from '../../vfs/view.ts'

/** A GET or HEAD for a file that was found, by somebody who may read it. */
export interface FileRequest {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly view: View
  readonly file: Located
  /** What the storage's settings say for this door. */
  readonly mode: DownloadMode
  /** Who would follow a redirect; an empty user agent when it sends none. */
  readonly client: LinkRequest
  readonly query: URLSearchParams
}

/**
 * Answers the request. Throws StorageError while nothing has been sent; once the head is out a failure
 * destroys the connection instead.
 */
export type ServeFile = (request: FileRequest, ctx: Ctx) => Promise<void>

import type { OutgoingHttpHeaders } from 'node:http'
import type { Entry } from '../../core/entry.ts'
import { encodeSegment } from '../../core/path.ts'
import { httpDate, type Validators } from '../../lib/http-validators.ts'
import { isActiveType, mediaTypeOf } from '../../lib/mime.ts'

/** What every answer about a file says of its version: 200, 206 and 304 alike. */
export function versionHeaders({ etag, modifiedAt }: Validators): OutgoingHttpHeaders {
  return {
    // A path may hold another version tomorrow, so a kept copy is asked about each time; the tag makes it cheap.
    'cache-control': 'private, no-cache',
    ...(etag !== null && { etag }),
    ...(modifiedAt !== null && { 'last-modified': httpDate(modifiedAt) }),
  }
}

/** What an answer with the file's content says besides version and length. */
export function contentHeaders(file: Entry): OutgoingHttpHeaders {
  const type = mediaTypeOf(file.name)
  return {
    'content-type': type,
    'content-disposition': attachment(file.name),
    'accept-ranges': file.size === null ? 'none' : 'bytes',
    'x-content-type-options': 'nosniff',
    // The file is somebody's and the page it would become is ours: its scripts must not act for our users.
    ...(isActiveType(type) && { 'content-security-policy': 'sandbox' }),
  }
}

/** Content-Disposition with the name twice: for clients that know RFC 8187, and in ASCII for the others. */
export function attachment(name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeSegment(name)}`
}

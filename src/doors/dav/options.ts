import { allowedMethods, type Exchange } from './request.ts'

/**
 * Says what this server can do, to anybody and for any path: clients ask before they have a password, and the
 * answer tells nothing about what exists.
 */
export function options({ res }: Exchange): void {
  res.writeHead(200, {
    // Class 1 only: there are no locks.
    dav: '1',
    allow: allowedMethods,
    // Windows does not believe in a WebDAV server without it.
    'ms-author-via': 'DAV',
    'content-length': 0,
  })
  res.end()
}

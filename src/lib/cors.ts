import type { IncomingHttpHeaders } from 'node:http'

/** Sent with an answer, they let the scripts of any page read it and the headers that players need. */
export const readableAnywhere = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After',
} as const

/**
 * What to answer a browser's preflight with: `methods`, and the `known` request headers with whatever else was
 * asked for. Names are listed because `*` does not cover Authorization (Fetch standard, "CORS-safelisted").
 */
export function preflightHeaders(
  headers: IncomingHttpHeaders,
  allowed: { readonly methods: string; readonly known: string },
): Readonly<Record<string, string>> {
  const asked = headers['access-control-request-headers'] ?? ''
  return {
    'access-control-allow-methods': allowed.methods,
    'access-control-allow-headers': /^[\w\-, ]{1,1000}$/.test(asked)
      ? `${allowed.known}, ${asked}`
      : allowed.known,
    'access-control-max-age': '86400',
  }
}

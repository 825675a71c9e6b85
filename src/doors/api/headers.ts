import type { FastifyInstance } from 'fastify'
import { preflightHeaders, readableAnywhere } from '../../lib/cors.ts'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
const known =
  'Authorization, Content-Type, Accept, Accept-Language, Range, File-Path, As-Task, Overwrite, Password, ' +
  'Last-Modified, X-File-Md5, X-File-Sha1, X-File-Sha256, X-File-Size, Client-Id'

/**
 * Headers of every answer, and the answer to browsers' preflights. Any origin may call: identity comes by a
 * header that only the caller's own script can set, never by a cookie that a foreign page would bring along.
 */
export function serveHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      ...readableAnywhere,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy':
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'cross-origin-opener-policy': 'same-origin',
      // Answers hold tokens and links that are somebody's own.
      'cache-control': 'no-store',
    })
    if (request.method !== 'OPTIONS') return
    return reply.code(204).headers(preflightHeaders(request.headers, { methods, known })).send()
  })
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
/** `*` does not cover Authorization (Fetch standard, "CORS-safelisted"), so names are listed. */
const requestHeaders =
  'Authorization, Content-Type, Accept, Accept-Language, Range, File-Path, As-Task, Overwrite, Password, ' +
  'Last-Modified, X-File-Md5, X-File-Sha1, X-File-Sha256, X-File-Size, Client-Id'

/**
 * Headers of every answer, and the answer to browsers' preflights. Any origin may call: identity comes by a
 * header that only the caller's own script can set, never by a cookie that a foreign page would bring along.
 */
export function serveHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'access-control-allow-origin': '*',
      'access-control-expose-headers':
        'Content-Length, Content-Range, Content-Disposition, ETag, Retry-After',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy':
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'cross-origin-opener-policy': 'same-origin',
      // Answers hold tokens and links that are somebody's own.
      'cache-control': 'no-store',
    })
    if (request.method === 'OPTIONS') return answerPreflight(request, reply)
  })
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = request.headers['access-control-request-headers'] ?? ''
  const names = /^[\w\-, ]{1,1000}$/.test(asked) ? `${requestHeaders}, ${asked}` : requestHeaders
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': methods,
      'access-control-allow-headers': names,
      'access-control-max-age': '86400',
    })
    .send()
}

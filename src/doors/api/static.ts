import type { FastifyInstance } from 'fastify'
import type { ApiParts } from './parts.ts'

const plainText = 'text/plain; charset=utf-8'

/** The small things every site answers, outside the envelope. */
export function serveStatic(app: FastifyInstance, { settings }: ApiParts): void {
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/ping',
    exposeHeadRoute: false,
    handler: async (_request, reply) => reply.header('content-type', plainText).send('pong'),
  })
  app.get('/robots.txt', async (_request, reply) =>
    reply.header('content-type', plainText).send(settings.get('robots_txt')),
  )
  app.get('/favicon.ico', async (_request, reply) => {
    const address = settings.get('favicon').trim()
    // Only a web address or a path of this site: a `javascript:` address would run where the icon is opened.
    if (!/^(https?:\/\/|\/(?!\/))[^\s]+$/.test(address)) return reply.code(404).send()
    return reply
      .code(302)
      .header('location', encodeURI(decodeSafely(address)))
      .send()
  })
}

/** Undoes an encoding that is there, so that encoding again does not double it. */
function decodeSafely(address: string): string {
  try {
    return decodeURI(address)
  } catch {
    // Not encoded: a lone percent sign stands for itself.
    return address
  }
}

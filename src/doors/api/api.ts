import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { leaveBodyUnread } from '../../lib/http-exchange.ts'
import { below } from '../../lib/http-target.ts'
import { authRoutes } from './auth.ts'
import { acceptAnyBody, maxBodyBytes } from './body.ts'
import { driverRoutes } from './driver.ts'
import { fail } from './envelope.ts'
import { ApiError } from './errors.ts'
import { fsRoutes } from './fs.ts'
import { serveHeaders } from './headers.ts'
import { meRoutes } from './me.ts'
import type { ApiParts } from './parts.ts'
import { publicRoutes } from './public.ts'
import { serveOlderLogin } from './qr-legacy.ts'
import { QrLogins } from './qr-logins.ts'
import { qrRoutes } from './qr.ts'
import { sendFailure, sendJson, serveRoutes } from './route.ts'
import { settingRoutes } from './setting.ts'
import { serveStatic } from './static.ts'
import { storageRoutes } from './storage.ts'
import { userRoutes } from './user.ts'

/**
 * AList's HTTP API over the vfs, not yet listening: the app may register pages on it and then make it ready.
 * Everything below `/api/` is answered with HTTP 200 and an envelope.
 */
export async function createApi(parts: ApiParts): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: (request) => withoutPrefix(request.url ?? '/', parts.originOf(request)),
    frameworkErrors: (error, request, reply) => {
      void answerFramework(error, request, reply, parts)
    },
    ...(parts.serverFactory && { serverFactory: parts.serverFactory }),
  })
  acceptAnyBody(app)
  serveHeaders(app)
  app.setErrorHandler((error: FastifyError, request, reply) => answerFramework(error, request, reply, parts))
  app.setNotFoundHandler(answerUnknown)
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    leaveBodyUnread(request.raw, reply.raw)
    return answerUnknown(request, reply)
  })
  const logins = new QrLogins(parts)
  serveRoutes(app, parts, [
    ...authRoutes(parts),
    ...meRoutes(parts),
    ...fsRoutes(parts),
    ...publicRoutes(parts),
    ...storageRoutes(parts, logins),
    ...driverRoutes(parts),
    ...userRoutes(parts),
    ...settingRoutes(parts),
    ...qrRoutes(logins),
  ])
  serveOlderLogin(app, parts)
  serveStatic(app, parts)
  return app
}

/** A proxy in front may pass its prefix on or take it away. */
function withoutPrefix(url: string, origin: string): string {
  const prefix = URL.canParse(origin) ? new URL(origin).pathname.replace(/\/+$/, '') : ''
  const [path = ''] = url.split('?', 1)
  const rest = prefix === '' ? null : below(prefix, path)
  return rest === null ? url : (rest || '/') + url.slice(path.length)
}

/** What goes wrong before a route is reached, or outside the ones that answer for themselves. */
function answerFramework(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ApiParts,
): FastifyReply {
  if (!isApi(request) && (error.statusCode ?? 500) < 500) {
    return sendJson(reply.code(error.statusCode ?? 400), JSON.stringify(fail(400, 'malformed request')))
  }
  return sendFailure(describeFramework(error), request, reply, parts)
}

function describeFramework(error: FastifyError): unknown {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new ApiError(400, `request body is larger than ${maxBodyBytes} bytes`)
  }
  const isCallers = error.statusCode !== undefined && error.statusCode < 500
  return isCallers ? new ApiError(400, `malformed request: ${error.code}`) : error
}

function answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = JSON.stringify(fail(404, 'no such address'))
  return sendJson(reply.code(isApi(request) ? 200 : 404), body)
}

function isApi({ url }: FastifyRequest): boolean {
  return /^\/api(\/|\?|$)/.test(url)
}

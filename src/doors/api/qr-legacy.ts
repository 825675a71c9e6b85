import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { networkOf } from '../../auth/login-gate.ts'
import { makeCtx } from '../../core/ctx.ts'
import { toStorageError } from '../../core/errors.ts'
import { abortWhenGone } from '../../lib/http-exchange.ts'
import { maxQrTextBytes, qrPng } from '../../lib/qr-image.ts'
import { describe } from './messages.ts'
import type { ApiParts } from './parts.ts'
import { sendJson } from './route.ts'

/** Per network and minute: a person who logs in asks for one token, some dozen states and one picture. */
const perMinute = { token: 10, status: 60, picture: 60 } as const
/** Held questions of everybody together. */
const maxHeld = 64

const plainText = 'text/plain; charset=utf-8'

/**
 * The older way to log in, for pages that were made for it: they ask for a QR token, draw it, and ask whether it
 * was scanned. Nobody logs in for that, so it is counted per network. Exactly two addresses of 115 can be reached
 * this way; everything else below `/proxy/` does not exist.
 */
export function serveOlderLogin(app: FastifyInstance, parts: ApiParts): void {
  const limits = {
    token: new RateLimiterMemory({ points: perMinute.token, duration: 60 }),
    status: new RateLimiterMemory({ points: perMinute.status, duration: 60 }),
    picture: new RateLimiterMemory({ points: perMinute.picture, duration: 60 }),
  }
  let held = 0

  /** Answers and gives false when this network has asked too often. */
  async function isWithin(
    kind: keyof typeof limits,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<boolean> {
    try {
      await limits[kind].consume(networkOf(parts.clientIp(request.raw)))
      return true
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      reply.header('retry-after', String(Math.ceil(error.msBeforeNext / 1000)))
      sendRefusal(reply, 429, 'too many requests, try again later')
      return false
    }
  }

  async function ask(
    question: Parameters<ApiParts['qrLogin']['raw']>[0],
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (held >= maxHeld) return sendRefusal(reply, 429, 'too many logins at once, try again later')
    held += 1
    try {
      const ctx = makeCtx({ log: parts.log, signal: abortWhenGone(reply.raw) })
      const answer = await parts.qrLogin.raw(question, ctx)
      return reply.code(answer.status).header('content-type', safeType(answer.contentType)).send(answer.body)
    } catch (error) {
      return sendRefusal(reply, 502, describe(toStorageError(error)))
    } finally {
      held -= 1
    }
  }

  app.get('/proxy/qrcodeapi.115.com/api/1.0/web/1.0/token', async (request, reply) =>
    (await isWithin('token', request, reply)) ? ask({ ask: 'token' }, reply) : reply,
  )

  app.get('/proxy/qrcodeapi.115.com/get/status', async (request, reply) => {
    if (!(await isWithin('status', request, reply))) return reply
    const { uid, time, sign } = request.query as Record<string, unknown>
    if (!isWord(uid, 64) || !isWord(sign, 128) || !isWord(time, 20)) {
      return sendRefusal(reply, 400, 'uid, time and sign are needed as they came with the token')
    }
    return ask({ ask: 'status', uid, time, sign }, reply)
  })

  app.get('/qr', async (request, reply) => {
    if (!(await isWithin('picture', request, reply))) return reply
    const { text, size } = request.query as Record<string, unknown>
    if (typeof text !== 'string' || text === '' || Buffer.byteLength(text) > maxQrTextBytes) {
      return sendRefusal(reply, 400, `text is needed, of ${maxQrTextBytes} bytes at most`)
    }
    return reply.header('content-type', 'image/png').send(qrPng(text, Number(size ?? 256)))
  })
}

/** In the shape that 115 itself refuses in. */
function sendRefusal(reply: FastifyReply, status: number, message: string): FastifyReply {
  const body = { state: 0, code: status, errno: status, message, error: message, data: {} }
  return sendJson(reply.code(status), JSON.stringify(body))
}

function isWord(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength && /^[0-9A-Za-z]+$/.test(value)
}

/** What the cloud sends is shown under our address, so it must never run there as a page. */
function safeType(contentType: string): string {
  return /^application\/json\b/i.test(contentType) ? contentType : plainText
}

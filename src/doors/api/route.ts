import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { User } from '../../auth/user.ts'
import { type Ctx, makeCtx } from '../../core/ctx.ts'
import { StorageError } from '../../core/errors.ts'
import { abortWhenGone, leaveBodyUnread } from '../../lib/http-exchange.ts'
import { type Language, preferredLanguage } from '../../lib/language.ts'
import type { Subject } from '../../vfs/subject.ts'
import { readInput } from './body.ts'
import { succeed } from './envelope.ts'
import { ApiError, answerBug, answerError } from './errors.ts'
import type { ApiParts } from './parts.ts'

/** A request nobody had to log in for. */
export interface Visit {
  /** The parsed body, or the query of a GET; not checked. */
  readonly input: unknown
  readonly query: Readonly<Record<string, unknown>>
  readonly language: Language
  /** Ends when the client leaves. */
  readonly ctx: Ctx
  readonly request: FastifyRequest
}

/** A request of somebody known, the guest among them. */
export interface Call extends Visit {
  readonly user: User
  readonly subject: Subject
  /** As it came, without `Bearer`; empty for the guest. */
  readonly token: string
}

/** An envelope that was written out already, because the rows in it are many. */
export class WrittenReply {
  readonly body: Buffer

  constructor(body: Buffer) {
    this.body = body
  }
}

interface RouteFacts {
  /** `ANY`: every method, GET with its fields in the query. */
  readonly method: 'GET' | 'POST' | 'ANY'
  readonly url: string
}

/** `answer` gives the envelope's data, or throws what `errors.ts` can put into words. */
export type Route = RouteFacts &
  (
    | { readonly access: 'anyone'; answer(visit: Visit): Promise<unknown> }
    | { readonly access: 'user' | 'admin'; answer(call: Call): Promise<unknown> }
  )

const methodsOf = {
  GET: ['GET', 'HEAD'],
  POST: ['POST'],
  ANY: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
} as const

/** Serves `routes` in AList's envelope: always HTTP 200, the outcome in `code`. */
export function serveRoutes(app: FastifyInstance, parts: ApiParts, routes: readonly Route[]): void {
  const callers: Callers = new WeakMap()
  for (const route of routes) {
    app.route({
      method: [...methodsOf[route.method]],
      url: route.url,
      exposeHeadRoute: false,
      // Before the body is read: nobody who may not come in makes us hold one.
      onRequest: (request, reply) => admit(route, parts, callers, request, reply),
      handler: (request, reply) => serve(route, parts, callers, request, reply),
    })
  }
}

/** Who was let in. */
type Callers = WeakMap<FastifyRequest, User>

async function admit(
  { access }: Route,
  parts: ApiParts,
  callers: Callers,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  if (access === 'anyone') return undefined
  try {
    const user = await parts.authenticator.byToken(tokenOf(request))
    if (access === 'admin' && user.role !== 'admin') throw new ApiError(403, 'You are not an admin')
    callers.set(request, user)
    return undefined
  } catch (error) {
    leaveBodyUnread(request.raw, reply.raw)
    return sendFailure(error, request, reply, parts)
  }
}

async function serve(
  route: Route,
  parts: ApiParts,
  callers: Callers,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const ctx = makeCtx({ log: parts.log, signal: abortWhenGone(reply.raw) })
  try {
    const data = await run(route, parts, callers.get(request), request, ctx)
    return sendJson(reply, data instanceof WrittenReply ? data.body : JSON.stringify(succeed(data)))
  } catch (error) {
    return sendFailure(error, request, reply, parts)
  }
}

async function run(
  route: Route,
  parts: ApiParts,
  user: User | undefined,
  request: FastifyRequest,
  ctx: Ctx,
): Promise<unknown> {
  const language = languageOf(request)
  const query = request.query as Visit['query']
  if (route.access === 'anyone') {
    return route.answer({ input: readInput(request), query, language, ctx, request })
  }
  if (!user) throw new StorageError('Internal', 'A route was reached by nobody')
  const subject = parts.subjectOf(user)
  const token = tokenOf(request)
  return route.answer({ input: readInput(request), query, language, ctx, request, user, subject, token })
}

export function sendJson(reply: FastifyReply, body: string | Buffer): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(body)
}

/** Answers with the envelope for `error`; what is a bug is logged in full and told in general words. */
export function sendFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Pick<ApiParts, 'log'>,
): FastifyReply {
  const language = languageOf(request)
  const known = answerError(error, language)
  if (!known) parts.log.error({ error, url: request.routeOptions.url }, 'request failed by a bug')
  return sendJson(reply.code(200), JSON.stringify(known ?? answerBug(language)))
}

function languageOf(request: FastifyRequest): Language {
  return preferredLanguage(request.headers['accept-language'])
}

/** AList wants the bare token; `Bearer` in front of it is forgiven. */
function tokenOf(request: FastifyRequest): string {
  return (request.headers.authorization ?? '').replace(/^Bearer\s+/i, '').trim()
}

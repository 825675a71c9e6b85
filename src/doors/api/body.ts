import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

export const maxBodyBytes = 1024 * 1024

/**
 * Takes every body whatever its content type says: scripts post JSON as text/plain, as a form, or without a
 * type. Bodies are kept as bytes here and read by `readInput`.
 */
export function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async ({ raw }) => {
    // The framework refuses a type that is none ("json"), which says nothing about the body.
    if (!/^[\w.+-]+\/[\w.+-]+/.test(raw.headers['content-type'] ?? '')) delete raw.headers['content-type']
  })
}

/** The query of a GET, else the body: JSON, or a form when it is declared as one. Throws 400 for anything else. */
export function readInput(request: FastifyRequest): unknown {
  if (request.method === 'GET' || request.method === 'HEAD') return request.query
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8').trim() : ''
  if (text === '') return {}
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  // JSON that is wrongly declared as a form is still JSON; no form begins with a brace.
  if (isForm && !/^[[{]/.test(text)) return Object.fromEntries(new URLSearchParams(text))
  return parseJson(text)
}

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // The parser quotes what it could not read, and a body may hold a password: only the place is told.
    const [place = ''] = / at position \d+/.exec(String(error)) ?? []
    throw new ApiError(400, `cannot read the body: malformed JSON${place}`)
  }
  if (typeof value === 'object') return value ?? {}
  throw new ApiError(400, `cannot read the body: an object is needed, not a ${typeof value}`)
}

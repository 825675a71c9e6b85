import type { OutgoingHttpHeaders } from 'node:http'
import { type AuthError, type AuthReason, isAuthError } from '../../auth/auth-error.ts'
import { type ErrorKind, type StorageError, toStorageError } from '../../core/errors.ts'
import { basicChallenge } from '../../lib/http-basic.ts'
import { publicText } from '../../lib/public-text.ts'
import { allowedMethods, type Exchange } from './request.ts'

/**
 * A cloud that fails is 502 or 503, never 404 and never an empty folder: a sync client takes those for "deleted"
 * and deletes on its side too.
 */
const statusOf = {
  NotFound: 404,
  AlreadyExists: 405,
  // A path through a file names nothing. 409 is for what would be made there (RFC 4918, 9.3.1 and 9.7.1).
  NotADirectory: 404,
  IsADirectory: 405,
  InvalidName: 400,
  InvalidInput: 400,
  RangeNotSatisfiable: 416,
  Unsupported: 405,
  PermissionDenied: 403,
  AuthExpired: 502,
  VerificationRequired: 502,
  QuotaExceeded: 507,
  Conflict: 409,
  RateLimited: 503,
  Unavailable: 503,
  Protocol: 502,
  // Nobody is there to read it.
  Cancelled: 503,
  Internal: 500,
} as const satisfies Record<ErrorKind, number>

const authStatusOf = {
  invalid: 401,
  expired: 401,
  'not-yet': 401,
  'password-changed': 401,
  disabled: 403,
  'guest-disabled': 403,
  'wrong-credentials': 401,
  locked: 429,
  missing: 401,
} as const satisfies Record<AuthReason, number>

/** How long a client should wait when the cloud did not say. */
const defaultRetryAfterMs = 30_000

/** A short text for people who look at the answer; the status is what programs read. */
export function replyText(
  { res }: Exchange,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(`${text}\n`)
  res.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  res.end(body)
}

/** The answer to whatever was thrown; the end of the connection when another answer has begun. */
export function replyError(exchange: Exchange, thrown: unknown, signal?: AbortSignal): void {
  if (isAuthError(thrown)) return replyAuthError(exchange, thrown)
  const error = toStorageError(thrown, signal)
  // A multistatus that breaks off must not look complete.
  if (exchange.res.headersSent || error.kind === 'Cancelled') {
    exchange.res.destroy()
    return
  }
  replyText(exchange, statusOf[error.kind], describeError(error), errorHeaders(error))
}

function errorHeaders(error: StorageError): OutgoingHttpHeaders {
  const status = statusOf[error.kind]
  // "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110, 15.5.6).
  if (status === 405) return { allow: allowedMethods }
  return error.retry === 'later' ? { 'retry-after': seconds(error.retryAfterMs) } : {}
}

function replyAuthError(exchange: Exchange, error: AuthError): void {
  const status = authStatusOf[error.reason]
  const headers: OutgoingHttpHeaders = {}
  // Without the challenge many clients never ask for the password again.
  if (status === 401) {
    headers['www-authenticate'] = basicChallenge
    const seek = /^bytes=(\d{1,15})-/.exec(exchange.req.headers.range ?? '')?.[1]
    // FFmpeg forgets its credentials at a redirect, so each seek asks here again without them, and it answers
    // the challenge only when the refusal names the offset it asked for. Nobody else reads the field in a 401.
    if (seek !== undefined && seek !== '0') headers['content-range'] = `bytes ${seek}-${seek}/*`
  }
  if (status === 429) headers['retry-after'] = seconds(error.retryAfterMs)
  replyText(exchange, status, publicText(error.message), headers)
}

function seconds(ms: number | null): string {
  return String(Math.ceil((ms ?? defaultRetryAfterMs) / 1000))
}

function describeError(error: StorageError): string {
  // An internal error's text may hold anything.
  if (error.kind === 'Internal') return 'Internal error'
  return [error.message, error.upstream?.message ?? '']
    .filter((part) => part !== '')
    .map(publicText)
    .join('; ')
}

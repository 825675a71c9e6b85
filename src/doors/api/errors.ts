import type { AuthReason } from '../../auth/auth-error.ts'
import { isAuthError } from '../../auth/auth-error.ts'
import { type ErrorKind, type StorageError, toStorageError } from '../../core/errors.ts'
import type { Language } from '../../lib/language.ts'
import type { FailureReply } from './contract.ts'
import { fail } from './envelope.ts'
import { explain } from './messages.ts'

/** A refusal whose code and text are AList's own, to the letter. Thrown by routes, answered as it is. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data: unknown = null) {
    super(message)
    this.code = code
    this.data = data
  }
}

interface Answer {
  readonly code: number
  /**
   * The words that clients look for at the end of the message; nothing may follow them. Null: no client looks,
   * so the message explains the failure to a person.
   */
  readonly text: string | null
}

/**
 * AList answers nearly every failure with 500. 401 and 403 would be wrong for a cloud's refusal: clients take
 * them for their own login, log in again and again, or ask their user for a folder password.
 */
const answers = {
  NotFound: { code: 500, text: 'object not found' },
  AlreadyExists: { code: 500, text: 'file exists' },
  NotADirectory: { code: 500, text: 'not a folder' },
  IsADirectory: { code: 500, text: 'not a file' },
  InvalidName: { code: 400, text: null },
  InvalidInput: { code: 400, text: null },
  RangeNotSatisfiable: { code: 500, text: null },
  Unsupported: { code: 500, text: 'not implement' },
  PermissionDenied: { code: 500, text: null },
  AuthExpired: { code: 500, text: null },
  VerificationRequired: { code: 500, text: null },
  QuotaExceeded: { code: 500, text: null },
  Conflict: { code: 500, text: null },
  RateLimited: { code: 500, text: null },
  Unavailable: { code: 500, text: null },
  Protocol: { code: 500, text: null },
  Cancelled: { code: 500, text: null },
  Internal: { code: 500, text: null },
} satisfies Record<ErrorKind, Answer>

const refusals = {
  invalid: { code: 401, text: 'token is invalidated' },
  expired: { code: 401, text: 'token is expired' },
  'not-yet': { code: 401, text: 'token not active yet' },
  'password-changed': { code: 401, text: 'Password has been changed, login please' },
  disabled: { code: 401, text: 'Current user is disabled, replace please' },
  'guest-disabled': { code: 401, text: 'Guest user is disabled, login please' },
  // Not 401: the classic web page would leave the login form that is just being filled in.
  'wrong-credentials': { code: 400, text: 'username or password is incorrect' },
  locked: {
    code: 429,
    text: 'Too many unsuccessful sign-in attempts have been made using an incorrect username or password, Try again later.',
  },
  missing: { code: 401, text: 'Guest user is disabled, login please' },
} satisfies Record<AuthReason, Answer>

/** How the envelope says `error` when nothing more is known about where it happened. */
function textOf(error: StorageError, language: Language): string {
  return answers[error.kind].text ?? explain(error, language)
}

/**
 * An ApiError for `error`, AList's words for the failed step in front: outermost first, the cause last. A bug of
 * ours stays what it is, so that it is logged and its details are told to nobody.
 */
export function refuse(error: unknown, steps: string, language: Language, data: unknown = null): Error {
  if (error instanceof ApiError) return error
  const failure = toStorageError(error)
  if (failure.kind === 'Internal') return failure
  return new ApiError(answers[failure.kind].code, `${steps}: ${textOf(failure, language)}`, data)
}

/** The envelope for whatever a route threw. Null: a bug of ours, which the caller must log. */
export function answerError(error: unknown, language: Language): FailureReply | null {
  if (error instanceof ApiError) return fail(error.code, error.message, error.data)
  if (isAuthError(error)) return fail(refusals[error.reason].code, refusals[error.reason].text)
  const failure = toStorageError(error)
  if (failure.kind === 'Internal') return null
  return fail(answers[failure.kind].code, textOf(failure, language))
}

/** The envelope for a bug: its details are for the log alone. */
export function answerBug(language: Language): FailureReply {
  const text = { zh: '程序内部错误，请查看日志并反馈', en: 'internal error, look at the log and report it' }
  return fail(500, text[language])
}

/**
 * Every failure below the doors is one of these. The set is closed: each door answers it by a table typed
 * `satisfies Record<ErrorKind, ...>`, so a new kind does not compile until every door has an answer.
 */
export type ErrorKind =
  | 'NotFound'
  | 'AlreadyExists'
  | 'NotADirectory'
  | 'IsADirectory'
  | 'InvalidName'
  | 'InvalidInput'
  | 'RangeNotSatisfiable'
  | 'Unsupported'
  | 'PermissionDenied'
  | 'AuthExpired'
  | 'VerificationRequired'
  | 'QuotaExceeded'
  | 'Conflict'
  | 'RateLimited'
  | 'Unavailable'
  | 'Protocol'
  | 'Cancelled'
  | 'Internal'

/** Whether the same request may succeed without anybody changing anything. */
export type Retry = 'never' | 'later'

/** What the cloud itself said, kept for diagnostics and shown beside our own words. */
export interface UpstreamFacts {
  /** HTTP status, when there was an answer. */
  readonly status?: number
  /** The cloud's own error number, as text: clouds mix numbers and strings. */
  readonly code?: string
  /** The cloud's own words. */
  readonly message?: string
  /** The cloud's id of the request, for its support. */
  readonly requestId?: string
}

/** Where a failure happened. Filled in once, by the error-context layer. */
export interface ErrorPlace {
  readonly storage?: string
  readonly verb?: string
  readonly entry?: string
}

export interface StorageErrorOptions {
  readonly retryAfterMs?: number
  readonly upstream?: UpstreamFacts
  readonly cause?: unknown
  /** What the person can do about it: a stable key that doors translate, never prose. */
  readonly advice?: Advice
}

/** The next step for a person. Doors hold the words for each, in Chinese and English. */
export type Advice =
  | 'log-in-again'
  | 'scan-with-app-client'
  | 'choose-other-client'
  | 'check-folder-id'
  | 'wait'
  | 'verify-account'
  | 'report'
  | 'check-network'

const retryOf: Readonly<Record<ErrorKind, Retry>> = {
  NotFound: 'never',
  AlreadyExists: 'never',
  NotADirectory: 'never',
  IsADirectory: 'never',
  InvalidName: 'never',
  InvalidInput: 'never',
  RangeNotSatisfiable: 'never',
  Unsupported: 'never',
  PermissionDenied: 'never',
  AuthExpired: 'never',
  VerificationRequired: 'never',
  QuotaExceeded: 'never',
  Conflict: 'never',
  RateLimited: 'later',
  Unavailable: 'later',
  Protocol: 'never',
  Cancelled: 'never',
  Internal: 'never',
}

/**
 * The one error class. Upstreams make it where the cloud's answer is understood; nobody wraps it again.
 * `message` names the action, quotes values and ends without a full stop.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly kind: ErrorKind
  readonly retry: Retry
  /** How long the cloud asked us to wait; null when it did not say. */
  readonly retryAfterMs: number | null
  readonly upstream: UpstreamFacts | null
  readonly advice: Advice | null
  #place: ErrorPlace = {}

  constructor(kind: ErrorKind, message: string, options: StorageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.retry = retryOf[kind]
    this.retryAfterMs = options.retryAfterMs ?? null
    this.upstream = options.upstream ?? null
    this.advice = options.advice ?? null
  }

  get place(): ErrorPlace {
    return this.#place
  }

  /** Adds where it happened. What was said closer to the truth stays. */
  locate(place: ErrorPlace): this {
    this.#place = { ...place, ...this.#place }
    return this
  }
}

export function isStorageError(error: unknown, kind?: ErrorKind): error is StorageError {
  return error instanceof StorageError && (kind === undefined || error.kind === kind)
}

/**
 * The StorageError for whatever was thrown: itself, `Cancelled` when the caller's signal had aborted,
 * and `Internal` for anything else, which is a bug of ours.
 */
export function toStorageError(error: unknown, signal?: AbortSignal): StorageError {
  if (error instanceof StorageError) return error
  if (signal?.aborted) return new StorageError('Cancelled', 'Cancelled by the caller', { cause: error })
  const text = error instanceof Error ? error.message : String(error)
  return new StorageError('Internal', `Internal error: ${text}`, { cause: error, advice: 'report' })
}

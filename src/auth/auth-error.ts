/** Why somebody was not let in. Closed: each door answers every reason by a table. */
export type AuthReason =
  /** Not a token of ours, or one that was revoked. */
  | 'invalid'
  | 'expired'
  | 'not-yet'
  /** The token is older than the account's password. */
  | 'password-changed'
  | 'disabled'
  | 'guest-disabled'
  /** Unknown account or wrong password: which of them is never said. */
  | 'wrong-credentials'
  /** Too many failures; `retryAfterMs` says how long to wait. */
  | 'locked'
  /** Nothing was given where something is needed. */
  | 'missing'

/** Refused at the entrance. Never says whether an account exists. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly reason: AuthReason
  /** Null unless the reason is `locked`. */
  readonly retryAfterMs: number | null

  constructor(
    reason: AuthReason,
    message: string,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.reason = reason
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

export function isAuthError(error: unknown, reason?: AuthReason): error is AuthError {
  return error instanceof AuthError && (reason === undefined || error.reason === reason)
}

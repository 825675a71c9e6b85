import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../lib/clock.ts'
import type { Settings } from '../settings/settings.ts'
import { AuthError } from './auth-error.ts'
import type { User } from './user.ts'
import type { Users } from './users.ts'

/** How long a login lasts, as AList's clients expect it. */
export const sessionLifetimeMs = 48 * 60 * 60_000

/** Where revoked sessions are kept, so that a logout survives a restart. */
export interface TokenStore {
  /** `expiresAt`: when the session would have ended anyway and the note can go. */
  revoke(sessionId: string, expiresAt: Date): Promise<void>
  isRevoked(sessionId: string): Promise<boolean>
  /** Forgets sessions that ended before `now`. */
  sweep(now: Date): Promise<void>
}

interface SessionsParts {
  /** 32 bytes, of this purpose alone. */
  readonly key: Uint8Array
  readonly users: Users
  readonly settings: Settings
  readonly tokens: TokenStore
  readonly clock: Clock
}

interface Claims {
  readonly name: string
  readonly passwordSeconds: number
  readonly sessionId: string
  readonly expiresAt: Date
}

/** Tokens of people who logged in, and the one static token. */
export class Sessions {
  readonly #parts: SessionsParts

  constructor(parts: SessionsParts) {
    this.#parts = parts
  }

  /** A token that stands for `user` until it expires, is revoked or the password changes. */
  async issue(user: User): Promise<string> {
    const now = Math.floor(this.#parts.clock.now() / 1000)
    return new SignJWT({ username: user.name, pwd_ts: secondsOf(user.passwordChangedAt) })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + sessionLifetimeMs / 1000)
      .setJti(randomUUID())
      .sign(this.#parts.key)
  }

  /**
   * Who `token` stands for: the admin for the static token, the guest for an empty one. Throws AuthError:
   * invalid, expired, not-yet, password-changed, disabled, guest-disabled.
   */
  async verify(token: string): Promise<User> {
    if (token === '') return this.#guest()
    if (this.isStatic(token)) return this.#parts.users.admin()
    const claims = await this.#claims(token)
    if (await this.#parts.tokens.isRevoked(claims.sessionId)) {
      throw new AuthError('invalid', 'Token was logged out')
    }
    const stored = await this.#parts.users.find(claims.name)
    if (!stored) throw new AuthError('invalid', 'Token is of an account that is no more')
    const { user } = stored
    if (secondsOf(user.passwordChangedAt) !== claims.passwordSeconds) {
      throw new AuthError('password-changed', 'Password has been changed since')
    }
    if (user.disabled) throw new AuthError('disabled', 'Account is disabled')
    return user
  }

  /** Whether `token` is the static token. Takes the same time whatever the difference. */
  isStatic(token: string): boolean {
    const expected = this.#parts.settings.get('token')
    return expected !== '' && timingSafeEqual(digest(token), digest(expected))
  }

  /** Ends the session of `token` for good; other sessions of the account go on. What is no session stays. */
  async revoke(token: string): Promise<void> {
    if (token === '' || this.isStatic(token)) return
    const claims = await this.#claims(token)
    await this.#parts.tokens.revoke(claims.sessionId, claims.expiresAt)
    await this.#parts.tokens.sweep(new Date(this.#parts.clock.now()))
  }

  async #guest(): Promise<User> {
    const guest = await this.#parts.users.guest()
    if (guest.disabled) throw new AuthError('guest-disabled', 'Guest account is disabled')
    return guest
  }

  async #claims(token: string): Promise<Claims> {
    try {
      const { payload } = await jwtVerify(token, this.#parts.key, {
        // Named, so that a token cannot choose how it is checked.
        algorithms: ['HS256'],
        currentDate: new Date(this.#parts.clock.now()),
        requiredClaims: ['exp', 'nbf', 'jti'],
      })
      return readClaims(payload)
    } catch (error) {
      throw refusal(error)
    }
  }
}

function readClaims(payload: JWTPayload): Claims {
  const { username, pwd_ts: passwordSeconds, jti, exp } = payload
  if (typeof username !== 'string' || typeof passwordSeconds !== 'number' || !jti || !exp) {
    throw new AuthError('invalid', 'Token lacks what a session needs')
  }
  return { name: username, passwordSeconds, sessionId: jti, expiresAt: new Date(exp * 1000) }
}

function refusal(error: unknown): AuthError {
  if (error instanceof AuthError) return error
  if (error instanceof errors.JWTExpired)
    return new AuthError('expired', 'Token is expired', { cause: error })
  // The same class says that a claim is missing; only a failed check is about time.
  if (
    error instanceof errors.JWTClaimValidationFailed &&
    error.claim === 'nbf' &&
    error.reason === 'check_failed'
  ) {
    return new AuthError('not-yet', 'Token is not active yet', { cause: error })
  }
  return new AuthError('invalid', 'Token is not one of ours', { cause: error })
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

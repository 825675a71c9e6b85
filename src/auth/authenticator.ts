import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { AuthError } from './auth-error.ts'
import type { Attempt, LoginGate } from './login-gate.ts'
import { type Passwords, staticHashOf } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import type { StoredUser, User } from './user.ts'
import type { Users } from './users.ts'

interface AuthenticatorParts {
  readonly users: Users
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly gate: LoginGate
}

/** Credentials that were right lately; each is about 200 bytes. */
const rememberedCredentials = 1000

/**
 * The one entrance of all doors: whoever shows a token or a password comes out as a user or gets an AuthError.
 * Every wrong password counts at the same gate, whatever the protocol.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts
  /**
   * Password hashes that a credential was right for, under a keyed digest of the credential. WebDAV clients send
   * their password with each request, and the slow hash is meant to cost 20 ms of processor.
   */
  readonly #proven = new LRUCache<string, string>({ max: rememberedCredentials })
  readonly #digestKey = randomBytes(32)
  readonly #checks = new Map<string, Promise<boolean>>()

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts
  }

  /** As `Sessions.verify`: a session's token, the static one, or none for the guest. */
  byToken(token: string): Promise<User> {
    return this.#parts.sessions.verify(token)
  }

  /** The admin, for the static token alone. Throws AuthError `invalid`. */
  async byStaticToken(token: string): Promise<User> {
    if (this.#parts.sessions.isStatic(token)) return this.#parts.users.admin()
    throw new AuthError('invalid', 'Not the static token')
  }

  /**
   * Throws AuthError: wrong-credentials, locked, and disabled or guest-disabled for whoever knows the password of
   * such an account.
   */
  byPassword(given: Attempt & { readonly password: string }): Promise<User> {
    return this.byStaticHash({ ...given, hash: staticHashOf(given.password) })
  }

  /** As `byPassword`, for the hash that AList's clients send in its place. */
  async byStaticHash(given: Attempt & { readonly hash: string }): Promise<User> {
    const attempt = { name: given.name, network: given.network }
    await this.#parts.gate.check(attempt)
    const stored = await this.#parts.users.find(given.name)
    if (!(await this.#isRight(attempt, stored, given.hash.toLowerCase())) || !stored) {
      throw new AuthError('wrong-credentials', 'Account or password is wrong')
    }
    const { user } = stored
    if (!user.disabled) return user
    throw new AuthError(user.role === 'guest' ? 'guest-disabled' : 'disabled', 'Account is disabled')
  }

  /** Equal credentials that come at once are checked once: a client opening ten connections is no attack. */
  #isRight(attempt: Attempt, stored: StoredUser | null, hash: string): Promise<boolean> {
    const digest = this.#digest(attempt.name, hash)
    if (stored && this.#proven.get(digest) === stored.passwordHash) return Promise.resolve(true)
    const key = JSON.stringify([digest, attempt.network, stored?.passwordHash])
    const running = this.#checks.get(key)
    if (running) return running
    const check = this.#check(attempt, stored, hash).finally(() => this.#checks.delete(key))
    this.#checks.set(key, check)
    return check
  }

  async #check(attempt: Attempt, stored: StoredUser | null, hash: string): Promise<boolean> {
    await this.#parts.gate.begin(attempt)
    const isRight = await this.#parts.passwords.verify(hash, stored?.passwordHash ?? null)
    if (!isRight || !stored) return false
    await this.#parts.gate.succeeded(attempt)
    this.#proven.set(this.#digest(attempt.name, hash), stored.passwordHash)
    return true
  }

  #digest(name: string, hash: string): string {
    return createHmac('sha256', this.#digestKey)
      .update(JSON.stringify([name, hash]))
      .digest('base64')
  }
}

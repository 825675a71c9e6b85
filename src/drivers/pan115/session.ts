import type { Ctx } from '../../core/ctx.ts'
import type { DriverEnv } from '../../core/driver-definition.ts'
import { StorageError, isStorageError } from '../../core/errors.ts'
import type { QrCredential } from '../../core/qr-login.ts'
import type { Secret } from '../../core/secret.ts'
import { Singleflight } from '../../lib/singleflight.ts'
import type { Pan115Client } from '../../upstream/pan115/client.ts'
import { parseCookie } from '../../upstream/pan115/cookie.ts'
import type { Pan115Cookie } from '../../upstream/pan115/cookie.ts'
import { accountClient, createPan115Login } from '../../upstream/pan115/env.ts'
import type { Pan115Env } from '../../upstream/pan115/env.ts'

/** How a storage gets its login. */
export interface SessionOptions {
  readonly cookie: Secret
  readonly qrcodeToken: Secret
  /** The client as which a QR token is exchanged. */
  readonly qrcodeSource: string
  readonly ratePerSecond: number
}

/** A login in use. */
export interface Login {
  readonly client: Pan115Client
  readonly cookie: Pan115Cookie
  /** True: this process exchanged a QR token for it, which ended an older login of the same client. */
  readonly isNew: boolean
}

/** Why 115 gave no login, and until when it is not asked again. */
interface Refusal {
  readonly error: StorageError
  readonly untilMs: number
}

// For a refusal that does not say how long it lasts.
const assumedPauseMs = 60_000

/** The login of one storage: its cookie, or the one that its QR token is exchanged for at first use. */
export class Session {
  readonly #options: SessionOptions
  readonly #env: DriverEnv & Pan115Env
  readonly #flights = new Singleflight<'login', Login>()
  #login: Login | null
  #credential: QrCredential | null = null
  #refusal: Refusal | null = null
  #isClosed = false

  /** Throws InvalidInput when there is neither a cookie nor a token, or the cookie is none. */
  constructor(options: SessionOptions, env: DriverEnv & Pan115Env) {
    this.#options = options
    this.#env = env
    if (options.cookie.isEmpty && options.qrcodeToken.isEmpty) {
      throw new StorageError('InvalidInput', 'Option "cookie" or "qrcode_token" must not be empty')
    }
    this.#login = options.cookie.isEmpty ? null : this.#loginOf(options.cookie, false)
  }

  /** Throws AuthExpired or RateLimited when the token gives no login (now); asking again too early costs no request. */
  async login(ctx: Ctx): Promise<Login> {
    this.assertOpen()
    if (this.#login) return this.#login
    this.#throwRefusal()
    return this.#flights.run('login', ctx.signal, ({ signal }) => this.#exchange({ ...ctx, signal }))
  }

  /** Gives no login any more, and saves none. */
  close(): void {
    this.#isClosed = true
  }

  /** Throws Unavailable once the session is closed. */
  assertOpen(): void {
    if (!this.#isClosed) return
    throw new StorageError('Unavailable', 'Cannot ask 115: this storage is being closed')
  }

  async #exchange(ctx: Ctx): Promise<Login> {
    // Kept before it is saved: when saving fails, the next try must save it and not make another session.
    this.#credential ??= await this.#askForCredential(ctx)
    // By now the options may be those of a storage that replaced this one.
    this.assertOpen()
    const { cookie } = this.#credential
    await this.#env.saveOptions({ cookie: cookie.reveal(), qrcode_token: '' })
    this.#login = this.#loginOf(cookie, true)
    return this.#login
  }

  async #askForCredential(ctx: Ctx): Promise<QrCredential> {
    const { qrcodeToken, qrcodeSource } = this.#options
    const login = createPan115Login(this.#env.pan115, this.#env.clock)
    try {
      return await login.exchange(qrcodeToken.reveal(), qrcodeSource, ctx)
    } catch (error) {
      this.#keepRefusal(error)
      throw error
    }
  }

  #keepRefusal(error: unknown): void {
    // A used or expired token stays so; asking again and again only makes 115 suspicious.
    if (isStorageError(error, 'AuthExpired')) this.#refusal = { error, untilMs: Infinity }
    if (!isStorageError(error, 'RateLimited')) return
    this.#refusal = { error, untilMs: this.#env.clock.now() + (error.retryAfterMs ?? assumedPauseMs) }
  }

  #throwRefusal(): void {
    if (!this.#refusal) return
    const { error, untilMs } = this.#refusal
    const retryAfterMs = untilMs - this.#env.clock.now()
    if (retryAfterMs <= 0) this.#refusal = null
    else if (untilMs === Infinity) throw error
    else throw new StorageError(error.kind, error.message, { ...factsOf(error), retryAfterMs })
  }

  #loginOf(text: Secret, isNew: boolean): Login {
    const cookie = parseCookie(text.reveal())
    const { ratePerSecond } = this.#options
    const client = accountClient(this.#env.pan115, this.#env.clock, { cookie, ratePerSecond })
    return { client, cookie, isNew }
  }
}

function factsOf({ upstream, advice }: StorageError) {
  return { ...(upstream ? { upstream } : {}), ...(advice ? { advice } : {}) }
}

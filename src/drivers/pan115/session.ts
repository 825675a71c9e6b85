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

/** The login of one storage: its cookie, or the one that its QR token is exchanged for at first use. */
export class Session {
  readonly #options: SessionOptions
  readonly #env: DriverEnv & Pan115Env
  readonly #flights = new Singleflight<'login', Login>()
  #login: Login | null
  #credential: QrCredential | null = null
  #refusal: StorageError | null = null

  /** Throws InvalidInput when there is neither a cookie nor a token, or the cookie is none. */
  constructor(options: SessionOptions, env: DriverEnv & Pan115Env) {
    this.#options = options
    this.#env = env
    if (options.cookie.isEmpty && options.qrcodeToken.isEmpty) {
      throw new StorageError('InvalidInput', 'Option "cookie" or "qrcode_token" must not be empty')
    }
    this.#login = options.cookie.isEmpty ? null : this.#loginOf(options.cookie, false)
  }

  /** Throws AuthExpired when the token gives no login; asking again then costs no request. */
  async login(ctx: Ctx): Promise<Login> {
    if (this.#login) return this.#login
    if (this.#refusal) throw this.#refusal
    return this.#flights.run('login', ctx.signal, ({ signal }) => this.#exchange({ ...ctx, signal }))
  }

  async #exchange(ctx: Ctx): Promise<Login> {
    // Kept before it is saved: when saving fails, the next try must save it and not make another session.
    this.#credential ??= await this.#askForCredential(ctx)
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
      // A used or expired token stays so; asking again and again only makes 115 suspicious.
      if (isStorageError(error, 'AuthExpired')) this.#refusal = error
      throw error
    }
  }

  #loginOf(text: Secret, isNew: boolean): Login {
    const cookie = parseCookie(text.reveal())
    const { ratePerSecond } = this.#options
    const client = accountClient(this.#env.pan115, this.#env.clock, { cookie, ratePerSecond })
    return { client, cookie, isNew }
  }
}

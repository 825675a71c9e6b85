import { randomBytes } from 'node:crypto'
import { type Ctx, type Logger, makeCtx } from '../../core/ctx.ts'
import { type StorageError, toStorageError } from '../../core/errors.ts'
import type { QrApp, QrLogin, QrState, QrTicket } from '../../core/qr-login.ts'
import type { Secret } from '../../core/secret.ts'
import { linkAbort, untilAborted } from '../../lib/abortable.ts'
import type { Clock } from '../../lib/clock.ts'
import { startTimer } from '../../lib/timer.ts'
import { loginHandlePrefix, type TakeLogin } from './secret-options.ts'

const lifeMs = 10 * 60_000
const maxLogins = 32
/** One question to the cloud is held this long at most, so that proxies in front of us do not cut it. */
const holdMs = 30_000
/** A cloud that answers at once must not be asked in a tight loop. */
const spacingMs = 1000

/** Where a login stands. `handle` null: its cookie is in use already, or waited too long. */
export type QrProgress =
  | { readonly state: Exclude<QrState, 'confirmed'> }
  | { readonly state: 'confirmed'; readonly handle: string | null; readonly userName: string }
  | { readonly state: 'failed'; readonly error: StorageError }

type Ending = Exclude<QrProgress, { readonly state: 'waiting' | 'scanned' }>

export interface StartedLogin {
  readonly id: string
  readonly app: QrApp
  /** To be drawn. */
  readonly text: string
  readonly expiresAtMs: number
}

interface Login {
  readonly app: QrApp
  readonly ticket: QrTicket
  expiresAtMs: number
  state: 'waiting' | 'scanned'
  nextPollMs: number
  ending: Promise<Ending> | null
}

interface QrLoginsParts {
  readonly qrLogin: QrLogin
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Logins by QR code that are under way. A confirmed one is exchanged for its cookie exactly once, however many
 * ask; the cookie stays here under a handle until a storage is saved with it. Everything is forgotten after ten
 * minutes.
 */
export class QrLogins {
  readonly #parts: QrLoginsParts
  readonly #logins = new Map<string, Login>()
  readonly #cookies = new Map<string, { readonly cookie: Secret; readonly expiresAtMs: number }>()

  constructor(parts: QrLoginsParts) {
    this.#parts = parts
  }

  get apps(): readonly QrApp[] {
    return this.#parts.qrLogin.apps
  }

  /** Throws StorageError when the cloud gives no code. */
  async start(app: QrApp, ctx: Ctx): Promise<StartedLogin> {
    const ticket = await this.#parts.qrLogin.start(app.name, ctx)
    this.#sweep()
    const [oldest] = this.#logins.keys()
    if (this.#logins.size >= maxLogins && oldest !== undefined) this.#logins.delete(oldest)
    const id = randomBytes(18).toString('base64url')
    const expiresAtMs = this.#parts.clock.now() + lifeMs
    this.#logins.set(id, { app, ticket, expiresAtMs, state: 'waiting', nextPollMs: 0, ending: null })
    return { id, app, text: ticket.text, expiresAtMs }
  }

  /**
   * Where the login stands; waits up to half a minute for something to happen. An unknown or forgotten id counts
   * as expired. Throws StorageError when the cloud cannot be asked; asking again is all right.
   */
  async progress(id: string, ctx: Ctx): Promise<QrProgress> {
    this.#sweep()
    const login = this.#logins.get(id)
    if (!login) return { state: 'expired' }
    const state = login.ending ? null : await this.#poll(login, ctx)
    if (state === 'waiting' || state === 'scanned') {
      login.state = state
      return { state }
    }
    // Set without a wait in between, so that of two who see "confirmed" only one exchanges.
    login.ending ??=
      state === 'confirmed' ? this.#exchange(login) : Promise.resolve({ state: state ?? 'expired' })
    const ending = await untilAborted(login.ending, ctx.signal)
    if (ending.state !== 'confirmed' || ending.handle === null) return ending
    return this.#cookies.has(ending.handle) ? ending : { ...ending, handle: null }
  }

  /**
   * Runs `save` with the means to turn handles into cookies. A handle that was taken is used up, unless `save`
   * throws: then nothing was saved, and the person may correct the form and try again.
   */
  async lend<T>(save: (takeLogin: TakeLogin) => Promise<T>): Promise<T> {
    this.#sweep()
    const taken: (() => void)[] = []
    try {
      return await save((handle) => {
        const kept = this.#cookies.get(handle)
        if (!kept) return null
        this.#cookies.delete(handle)
        taken.push(() => this.#cookies.set(handle, kept))
        return kept.cookie.reveal()
      })
    } catch (error) {
      for (const giveBack of taken) giveBack()
      throw error
    }
  }

  async #poll(login: Login, ctx: Ctx): Promise<QrState> {
    const { clock, qrLogin } = this.#parts
    const waitMs = login.nextPollMs - clock.now()
    if (waitMs > 0) await clock.sleep(waitMs, ctx.signal)
    login.nextPollMs = clock.now() + spacingMs
    const held = linkAbort(ctx.signal)
    const stop = startTimer(clock, holdMs, () => held.abort(new Error('Held long enough')))
    try {
      return await qrLogin.poll(login.ticket, { ...ctx, signal: held.signal })
    } catch (error) {
      if (held.signal.aborted && !ctx.signal.aborted) return login.state
      throw error
    } finally {
      stop()
      held.unlink()
    }
  }

  /** Belongs to nobody's request: a browser that leaves at this moment must not lose the login. */
  async #exchange(login: Login): Promise<Ending> {
    const { clock, qrLogin, log } = this.#parts
    try {
      const { cookie, userName } = await qrLogin.exchange(login.ticket.uid, login.app.name, makeCtx({ log }))
      const handle = `${loginHandlePrefix}${randomBytes(18).toString('base64url')}`
      login.expiresAtMs = clock.now() + lifeMs
      this.#cookies.set(handle, { cookie, expiresAtMs: login.expiresAtMs })
      return { state: 'confirmed', handle, userName }
    } catch (error) {
      return { state: 'failed', error: toStorageError(error) }
    }
  }

  #sweep(): void {
    const nowMs = this.#parts.clock.now()
    for (const kept of [this.#logins, this.#cookies]) {
      for (const [key, { expiresAtMs }] of kept) if (expiresAtMs <= nowMs) kept.delete(key)
    }
  }
}

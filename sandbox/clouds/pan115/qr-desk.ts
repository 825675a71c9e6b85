import type { Clock } from '../../../src/lib/clock.ts'
import type { Account } from '../../state/accounts.ts'
import type { Random } from '../../state/random.ts'

/** waiting → scanned → confirmed, or expired or cancelled on the way. */
export type QrState = 'waiting' | 'scanned' | 'confirmed' | 'expired' | 'cancelled'

/** One QR code and what a phone has done with it. */
export interface QrCode {
  /** 40 hex digits. */
  readonly uid: string
  readonly createdAtMs: number
  readonly sign: string
  /** Decides nothing: the slot is chosen when the code is exchanged. */
  readonly app: string
  state: QrState
  /** Who scanned it. */
  account: Account | null
  /** What the last poll was told: the next one is held until there is news. */
  reported: QrState
}

const MAX_CODES = 10_000

/** All QR codes that were handed out. */
export class QrDesk {
  readonly #clock: Clock
  readonly #random: Random
  readonly #codes = new Map<string, QrCode>()
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  create(app: string): QrCode {
    const code: QrCode = {
      uid: this.#random.hex(40),
      createdAtMs: this.#clock.now(),
      sign: this.#random.hex(40),
      app,
      state: 'waiting',
      account: null,
      reported: 'waiting',
    }
    this.#codes.set(code.uid, code)
    this.#forgetOldest()
    return code
  }

  /** The code as of now: one that was not confirmed within `lifeMs` is expired. Null for an unknown uid. */
  find(uid: string, lifeMs: number): QrCode | null {
    const code = this.#codes.get(uid)
    if (!code) return null
    const isOpen = code.state === 'waiting' || code.state === 'scanned'
    if (isOpen && this.#clock.now() >= code.createdAtMs + lifeMs) this.change(code, 'expired')
    return code
  }

  /** Codes that a person can still act on, newest first. */
  pending(lifeMs: number): QrCode[] {
    return [...this.#codes.keys()]
      .map((uid) => this.find(uid, lifeMs))
      .filter((code): code is QrCode => code?.state === 'waiting' || code?.state === 'scanned')
      .reverse()
  }

  /** Sets the state and answers the polls that wait for it. */
  change(code: QrCode, state: QrState): void {
    code.state = state
    for (const wake of this.#waiting.get(code.uid) ?? []) wake()
  }

  /** Resolves when the code changes or `holdMs` of virtual time are over. Rejects when the client leaves. */
  async waitForNews(code: QrCode, holdMs: number, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(code.uid) ?? new Set()
    this.#waiting.set(code.uid, waiting)
    const held = new AbortController()
    const wake = () => held.abort()
    waiting.add(wake)
    try {
      await this.#clock.sleep(holdMs, AbortSignal.any([held.signal, signal]))
    } catch (error) {
      if (!held.signal.aborted) throw error
    } finally {
      waiting.delete(wake)
      if (waiting.size === 0) this.#waiting.delete(code.uid)
    }
  }

  #forgetOldest(): void {
    for (const uid of this.#codes.keys()) {
      if (this.#codes.size <= MAX_CODES) return
      this.#codes.delete(uid)
    }
  }
}

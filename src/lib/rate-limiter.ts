import type { Clock } from './clock.ts'
import { type Gate, Pace, type PaceOptions } from './pace.ts'
import { WaitQueue } from './wait-queue.ts'

interface Waiter {
  readonly gates: readonly Gate[]
  readonly grant: () => void
}

export interface RateLimiterOptions extends PaceOptions {
  readonly clock: Clock
}

/**
 * Lets callers through at a pace, the smallest rank first and equals in the order they came. A caller may bring
 * gates of its own (a stricter pace, a free place somewhere); while one of them is shut the others go past it.
 */
export class RateLimiter {
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #queue = new WaitQueue<Waiter>()
  #stopAlarm: AbortController | null = null
  #alarmMs = Number.POSITIVE_INFINITY

  constructor(options: RateLimiterOptions) {
    this.#clock = options.clock
    this.#pace = new Pace(options)
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** As set, and as granted at present while it recovers from `slowDown`; per second. */
  get rate(): { readonly set: number; readonly current: number } {
    return { set: this.#pace.ratePerSecond, current: this.#pace.currentRate(this.#clock.now()) }
  }

  /**
   * Resolves when it is this caller's turn; what it resolved for is spent, used or not.
   * Rejects with the signal's reason as soon as `signal` aborts, spending nothing.
   */
  take(rank: number, signal: AbortSignal, gates: readonly Gate[] = []): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.remove(waiter)
        this.#serve()
        reject(signal.reason)
      }
      const grant = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiter: Waiter = { gates, grant }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#queue.add(rank, waiter)
      this.#serve()
    })
  }

  /** A gate that does not open by time alone has opened. */
  nudge(): void {
    this.#serve()
  }

  /** Throws RangeError for a rate that is not above 0. */
  setRate(ratePerSecond: number): void {
    this.#pace.setRate(ratePerSecond)
    this.#serve()
  }

  /** Multiplies the rate by `factor`; it grows back slowly, and never above what was set. */
  slowDown(factor = 0.5): void {
    this.#pace.slowDown(factor, this.#clock.now())
    this.#serve()
  }

  /** Lets through everybody who may go now and sets the alarm for the next one. */
  #serve(): void {
    const nowMs = this.#clock.now()
    for (let first = this.#firstReady(nowMs); first; first = this.#firstReady(nowMs)) {
      this.#queue.remove(first)
      this.#pace.pass(nowMs)
      for (const gate of first.gates) gate.pass(nowMs)
      first.grant()
    }
    this.#setAlarm(nowMs)
  }

  #firstReady(nowMs: number): Waiter | null {
    if (this.#pace.opensAt(nowMs) > nowMs) return null
    for (const waiter of this.#queue) {
      if (waiter.gates.every((gate) => gate.opensAt(nowMs) <= nowMs)) return waiter
    }
    return null
  }

  #nextOpening(nowMs: number): number {
    let soonest = Number.POSITIVE_INFINITY
    for (const waiter of this.#queue) {
      const opensAt = waiter.gates.reduce(
        (latest, gate) => Math.max(latest, gate.opensAt(nowMs)),
        this.#pace.opensAt(nowMs),
      )
      soonest = Math.min(soonest, opensAt)
    }
    return soonest
  }

  #setAlarm(nowMs: number): void {
    const alarmMs = this.#nextOpening(nowMs)
    if (alarmMs === this.#alarmMs) return
    this.#stopAlarm?.abort()
    this.#stopAlarm = null
    this.#alarmMs = alarmMs
    if (alarmMs === Number.POSITIVE_INFINITY) return
    const stop = new AbortController()
    this.#stopAlarm = stop
    // Rounded up: a timer may be a little early against the wall clock, and then the alarm is simply set again.
    this.#clock.sleep(Math.max(1, Math.ceil(alarmMs - nowMs)), stop.signal).then(
      () => this.#onAlarm(stop),
      (error: unknown) => {
        if (!stop.signal.aborted) throw error
      },
    )
  }

  #onAlarm(stop: AbortController): void {
    if (this.#stopAlarm !== stop) return
    this.#stopAlarm = null
    this.#alarmMs = Number.POSITIVE_INFINITY
    this.#serve()
  }
}

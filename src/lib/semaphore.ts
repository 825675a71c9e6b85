import type { Gate } from './pace.ts'
import { WaitQueue } from './wait-queue.ts'

/** Gives one permit back. A second call does nothing. */
export type Release = () => void

/**
 * A number of permits. Waiters are served by the smallest rank, equals in the order they came. It is also a gate
 * for a RateLimiter, open while a permit is free: whoever releases must then nudge the limiter.
 */
export class Semaphore implements Gate {
  readonly #queue = new WaitQueue<(release: Release) => void>()
  readonly permits: number
  #taken = 0

  /** Throws RangeError when `permits` is not a whole number above 0 (Infinity is allowed). */
  constructor(permits: number) {
    if (!(permits >= 1) || (Number.isFinite(permits) && !Number.isInteger(permits))) {
      throw new RangeError(`Invalid number of permits ${permits}`)
    }
    this.permits = permits
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#queue.size
  }

  opensAt(nowMs: number): number {
    return this.#taken < this.permits ? nowMs : Number.POSITIVE_INFINITY
  }

  /** Nothing: the permit itself is taken by `acquire`. */
  pass(): void {}

  /** Rejects with the signal's reason as soon as `signal` aborts, holding nothing. */
  acquire(signal: AbortSignal, rank = 0): Promise<Release> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#taken < this.permits) {
      this.#taken++
      return Promise.resolve(this.#makeRelease())
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.remove(receive)
        reject(signal.reason)
      }
      const receive = (release: Release) => {
        signal.removeEventListener('abort', onAbort)
        resolve(release)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#queue.add(rank, receive)
    })
  }

  #makeRelease(): Release {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#handOver()
    }
  }

  /** A permit goes straight to the next waiter, so that nobody can slip in between. */
  #handOver(): void {
    const next = this.#queue.shift()
    if (next) next(this.#makeRelease())
    else this.#taken--
  }
}

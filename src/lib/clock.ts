/** Time as a dependency, so that waits, expiries and windows are decided by the caller and tests never sleep. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves once `ms` have passed; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        Math.max(0, ms),
      )
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that stands still until told to move. */
export class ManualClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (ms <= 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = {
        at: this.#now + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** How many callers are asleep: lets a test wait until the code under test has reached its wait. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  /** Moves time forward and wakes, in order of their time, everybody whose wait is over. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    for (;;) {
      const next = this.#sleepers.reduce<Sleeper | null>(
        (soonest, each) => (each.at <= target && (!soonest || each.at < soonest.at) ? each : soonest),
        null,
      )
      if (!next) break
      this.#now = Math.max(this.#now, next.at)
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      next.wake()
      // Lets what just woke run, and perhaps sleep again, before time moves on.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = target
  }
}

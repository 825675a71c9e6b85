import { type Clock, systemClock } from '../../src/lib/clock.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

// setTimeout turns longer waits into 1 ms.
const MAX_TIMER_MS = 2_000_000_000

/**
 * The time of the emulated clouds: real time plus what a test has added, or standing still. Whoever sleeps on it is
 * woken when that time is reached, be it by waiting or by `advance`.
 */
export class VirtualClock implements Clock {
  readonly #real: Clock
  #offsetMs = 0
  #frozenAt: number | null = null
  #sleepers = new Set<Sleeper>()
  #timer: NodeJS.Timeout | null = null

  constructor(real: Clock = systemClock) {
    this.#real = real
  }

  now(): number {
    return this.#frozenAt ?? this.#real.now() + this.#offsetMs
  }

  get isFrozen(): boolean {
    return this.#frozenAt !== null
  }

  /** Moves time forward and wakes everybody whose wait is over. */
  advance(ms: number): void {
    if (this.#frozenAt === null) this.#offsetMs += ms
    else this.#frozenAt += ms
    this.#wakeDue()
  }

  /** Stops time at the present moment, or lets it run on from where it stands. */
  freeze(frozen: boolean): void {
    if (frozen === this.isFrozen) return
    if (frozen) this.#frozenAt = this.now()
    else {
      this.#offsetMs = this.now() - this.#real.now()
      this.#frozenAt = null
    }
    this.#wakeDue()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = {
        at: this.now() + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = () => {
        this.#sleepers.delete(sleeper)
        this.#setTimer()
        reject(signal?.reason)
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#wakeDue()
    })
  }

  #wakeDue(): void {
    const now = this.now()
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > now) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
    this.#setTimer()
  }

  #setTimer(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#sleepers.size === 0 || this.isFrozen) return
    const next = Math.min(...Array.from(this.#sleepers, (sleeper) => sleeper.at))
    this.#timer = setTimeout(() => this.#wakeDue(), Math.min(MAX_TIMER_MS, Math.max(0, next - this.now())))
  }
}

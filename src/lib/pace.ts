/** A condition on letting somebody through, beside being the first in the queue. */
export interface Gate {
  /** When it opens, in the clock's milliseconds; `Infinity`: something else than time decides. */
  opensAt(nowMs: number): number
  /** Somebody went through at `nowMs`, which is not before `opensAt`. */
  pass(nowMs: number): void
}

export interface PaceOptions {
  /** Fractions are allowed; `Infinity` never waits. */
  readonly ratePerSecond: number
  /** How many may pass at once after a rest; 1 keeps an even distance. */
  readonly burst?: number
  /** How long a pace slowed to nothing would need to be itself again. */
  readonly recoveryMs?: number
}

const slowestFactor = 1 / 16

/**
 * A rate as a gate (GCRA): of any stretch of T seconds, at most `burst + rate * T` passes fall into it.
 * It can be slowed and then recovers in a straight line, never above the rate it was given.
 */
export class Pace implements Gate {
  readonly #burst: number
  readonly #recoveryMs: number
  #ratePerSecond: number
  /** The theoretical arrival time: when the next pass would be on an even schedule. */
  #dueMs = Number.NEGATIVE_INFINITY
  #factor = 1
  #slowedAtMs = Number.NEGATIVE_INFINITY

  /** Throws RangeError for a rate that is not above 0 or a burst that is not a whole number above 0. */
  constructor(options: PaceOptions) {
    this.#burst = options.burst ?? 1
    this.#recoveryMs = options.recoveryMs ?? 600_000
    this.#ratePerSecond = checkedRate(options.ratePerSecond)
    if (!Number.isInteger(this.#burst) || this.#burst < 1)
      throw new RangeError(`Invalid burst ${this.#burst}`)
  }

  /** The rate that was set, per second. */
  get ratePerSecond(): number {
    return this.#ratePerSecond
  }

  /** Throws RangeError as the constructor. Takes effect with the next pass. */
  setRate(ratePerSecond: number): void {
    this.#ratePerSecond = checkedRate(ratePerSecond)
  }

  /** What is granted at present, per second: the rate, less while it recovers from `slowDown`. */
  currentRate(nowMs: number): number {
    // A wall clock may be set back; that must not slow anybody further.
    const restedMs = Math.max(0, nowMs - this.#slowedAtMs)
    return this.#ratePerSecond * Math.min(1, this.#factor + restedMs / this.#recoveryMs)
  }

  /** Multiplies the present rate and lets nobody pass for one of the new intervals. No effect on `Infinity`. */
  slowDown(factor: number, nowMs: number): void {
    if (this.#ratePerSecond === Number.POSITIVE_INFINITY) return
    // Several requests refused together are one refusal: the first has slowed the others' successors already.
    if (nowMs - this.#slowedAtMs < this.#intervalMs(nowMs)) return
    const present = this.currentRate(nowMs) / this.#ratePerSecond
    this.#factor = Math.max(slowestFactor, present * factor)
    this.#slowedAtMs = nowMs
    this.#dueMs = Math.max(this.#dueMs, nowMs + this.#burst * this.#intervalMs(nowMs))
  }

  opensAt(nowMs: number): number {
    const intervalMs = this.#intervalMs(nowMs)
    // No schedule reaches further ahead than this, unless the clock was set back under it.
    this.#dueMs = Math.min(this.#dueMs, nowMs + this.#burst * intervalMs)
    return this.#dueMs - (this.#burst - 1) * intervalMs
  }

  pass(nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs) + this.#intervalMs(nowMs)
  }

  #intervalMs(nowMs: number): number {
    return 1000 / this.currentRate(nowMs)
  }
}

function checkedRate(ratePerSecond: number): number {
  if (ratePerSecond > 0) return ratePerSecond
  throw new RangeError(`Invalid rate ${ratePerSecond} per second: it must be above 0`)
}

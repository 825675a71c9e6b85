import { createHash } from 'node:crypto'

/**
 * Made-up values that are the same in every run with the same seed, so that a failing test fails again. Not
 * secret: everything it makes guards nothing but a server that only listens on loopback.
 */
export class Random {
  #state: number

  constructor(seed: string) {
    this.#state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  }

  /** The next number in [0, 1). */
  next(): number {
    // Mulberry32: small, fast and even enough to make up trees of a million names.
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** The next whole number in [0, below). */
  int(below: number): number {
    return Math.floor(this.next() * below)
  }

  /** One of `choices`. Throws when there are none. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.int(choices.length)]
    if (choice === undefined) throw new Error('Cannot pick: there are no choices')
    return choice
  }

  /** `length` lower-case hex digits. */
  hex(length: number): string {
    let digits = ''
    while (digits.length < length) digits += this.int(0x100000000).toString(16).padStart(8, '0')
    return digits.slice(0, length)
  }
}

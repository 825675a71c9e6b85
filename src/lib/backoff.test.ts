import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

describe('backoffMs()', () => {
  it('doubles from the base up to the maximum', () => {
    const options = { baseMs: 100, maxMs: 1000, random: () => 0 }
    expect([1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, options))).toEqual([
      50, 100, 200, 400, 500, 500,
    ])
  })

  it('leaves half of the wait to chance', () => {
    expect(backoffMs(2, { baseMs: 100, maxMs: 1000, random: () => 0.5 })).toBe(150)
    expect(backoffMs(2, { baseMs: 100, maxMs: 1000, random: () => 0.999 })).toBeCloseTo(199.9)
  })
})

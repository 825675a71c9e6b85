import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'

/** The times of `count` passes, each as early as it may be, beginning at `nowMs`. */
function passes(pace: Pace, count: number, nowMs: number): number[] {
  const times: number[] = []
  for (let atMs = nowMs; times.length < count; ) {
    atMs = Math.max(atMs, pace.opensAt(atMs))
    pace.pass(atMs)
    times.push(atMs)
  }
  return times
}

describe('Pace', () => {
  it('pass() keeps even distances with a burst of 1, after a rest too', () => {
    const pace = new Pace({ ratePerSecond: 2 })
    expect(passes(pace, 3, 0)).toEqual([0, 500, 1000])
    expect(passes(pace, 2, 60_000)).toEqual([60_000, 60_500])
  })

  it('pass() lets a burst through after a rest and then keeps the rate', () => {
    const pace = new Pace({ ratePerSecond: 0.5, burst: 3 })
    expect(passes(pace, 5, 0)).toEqual([0, 0, 0, 2000, 4000])
  })

  it('slowDown() halves the rate, lets it grow back slowly and never above what was set', () => {
    const pace = new Pace({ ratePerSecond: 4, recoveryMs: 100_000 })
    pace.slowDown(0.5, 0)
    expect(pace.currentRate(0)).toBe(2)
    expect(pace.opensAt(0)).toBe(500)
    expect(pace.currentRate(25_000)).toBe(3)
    expect(pace.currentRate(50_000)).toBe(4)
    expect(pace.currentRate(1_000_000)).toBe(4)
  })

  it('slowDown() takes refusals that came together for one', () => {
    const pace = new Pace({ ratePerSecond: 2 })
    for (const nowMs of [0, 1, 2]) pace.slowDown(0.5, nowMs)
    expect(pace.currentRate(2)).toBeCloseTo(1, 3)
    pace.slowDown(0.5, 1001)
    expect(pace.currentRate(1001)).toBeCloseTo(0.5, 2)
  })

  it('slowDown() never stops a pace altogether', () => {
    const pace = new Pace({ ratePerSecond: 2 })
    for (let nowMs = 0; nowMs < 100 * 60_000; nowMs += 60_000) pace.slowDown(0.01, nowMs)
    expect(pace.currentRate(99 * 60_000)).toBe(2 / 16)
  })

  it('opensAt() does not wait for an hour when the wall clock is set back by one', () => {
    const pace = new Pace({ ratePerSecond: 2 })
    pace.pass(3_600_000)
    expect(pace.opensAt(0)).toBe(500)
  })

  it.each([0, -1, Number.NaN])('refuses a rate of %s', (ratePerSecond) => {
    expect(() => new Pace({ ratePerSecond })).toThrow(RangeError)
    expect(() => new Pace({ ratePerSecond: 1 }).setRate(ratePerSecond)).toThrow(RangeError)
  })

  it('refuses a burst that is not a whole number above 0', () => {
    expect(() => new Pace({ ratePerSecond: 1, burst: 0 })).toThrow(RangeError)
    expect(() => new Pace({ ratePerSecond: 1, burst: 1.5 })).toThrow(RangeError)
  })
})

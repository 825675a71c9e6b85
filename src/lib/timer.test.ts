import { describe, expect, it } from 'vitest'
import { ManualClock } from './clock.ts'
import { startTimer } from './timer.ts'

describe('startTimer()', () => {
  it('calls once when its time has come', async () => {
    const clock = new ManualClock()
    let calls = 0
    startTimer(clock, 100, () => calls++)
    await clock.advance(99)
    expect(calls).toBe(0)
    await clock.advance(1000)
    expect(calls).toBe(1)
  })

  it('never calls once stopped, and leaves no sleeper behind', async () => {
    const clock = new ManualClock()
    let calls = 0
    const stop = startTimer(clock, 100, () => calls++)
    stop()
    expect(clock.sleeping).toBe(0)
    await clock.advance(1000)
    expect(calls).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/lib/clock.ts'
import { VirtualClock } from './clock.ts'

describe('VirtualClock', () => {
  it('runs with real time plus what was added', async () => {
    const real = new ManualClock(1000)
    const clock = new VirtualClock(real)
    clock.advance(500)
    await real.advance(10)
    expect(clock.now()).toBe(1510)
  })

  it('stands still while frozen, and runs on from there', async () => {
    const real = new ManualClock(1000)
    const clock = new VirtualClock(real)
    clock.freeze(true)
    await real.advance(100)
    clock.advance(5)
    expect([clock.now(), clock.isFrozen]).toEqual([1005, true])
    clock.freeze(false)
    await real.advance(1)
    expect(clock.now()).toBe(1006)
  })

  it('sleep() ends when time is advanced to it, and not before', async () => {
    const clock = new VirtualClock()
    clock.freeze(true)
    const woken: string[] = []
    const sleeps = [
      clock.sleep(10).then(() => woken.push('ten')),
      clock.sleep(20).then(() => woken.push('twenty')),
    ]
    clock.advance(9)
    await Promise.resolve()
    expect(woken).toEqual([])
    clock.advance(1)
    await sleeps[0]
    expect(woken).toEqual(['ten'])
    clock.advance(10)
    await sleeps[1]
    expect(woken).toEqual(['ten', 'twenty'])
  })

  it('sleep() rejects with the reason when aborted, before or during', async () => {
    const clock = new VirtualClock()
    clock.freeze(true)
    const leave = new AbortController()
    const sleeping = clock.sleep(10, leave.signal)
    leave.abort(new Error('left'))
    await expect(sleeping).rejects.toThrow('left')
    await expect(clock.sleep(10, leave.signal)).rejects.toThrow('left')
  })

  it('sleep() wakes by real time when nobody advances', async () => {
    const clock = new VirtualClock()
    clock.advance(1_000_000)
    await expect(clock.sleep(5)).resolves.toBeUndefined()
  })
})

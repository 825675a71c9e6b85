import { setMaxListeners } from 'node:events'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from './clock.ts'
import { RateLimiter } from './rate-limiter.ts'
import { Semaphore } from './semaphore.ts'

const never = new AbortController().signal
setMaxListeners(0, never)
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Moves the clock in small steps, so that whoever is granted something is seen at its time. */
async function walk(clock: ManualClock, totalMs: number, stepMs = 50): Promise<void> {
  for (let passed = 0; passed < totalMs; passed += stepMs) {
    await clock.advance(stepMs)
    await settled()
  }
}

type Step =
  | { readonly do: 'take'; readonly rank: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'slowDown' }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('take' as const), rank: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat({ max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat({ max: 3000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slowDown' as const) }) },
)

/** Runs the steps and then lets everybody through; the times at which turns were given. */
async function turnsOf(steps: readonly Step[], ratePerSecond: number, burst: number): Promise<number[]> {
  const clock = new ManualClock(0)
  const limiter = new RateLimiter({ clock, ratePerSecond, burst })
  const turns: number[] = []
  const aborts: AbortController[] = []
  const waits: Promise<void>[] = []
  for (const step of steps) {
    if (step.do === 'advance') await clock.advance(step.ms)
    if (step.do === 'slowDown') limiter.slowDown()
    if (step.do === 'cancel') aborts[step.which]?.abort(new Error('left'))
    if (step.do === 'take') {
      const abort = new AbortController()
      aborts.push(abort)
      const onTurn = () => turns.push(clock.now())
      waits.push(
        limiter
          .take(step.rank, abort.signal)
          .then(onTurn, () => undefined)
          .then(() => undefined),
      )
    }
    await settled()
  }
  while (limiter.waiting > 0) await clock.advance(10_000)
  await Promise.all(waits)
  expect(clock.sleeping).toBe(0)
  return turns
}

describe('RateLimiter', () => {
  it('take() never gives more turns than burst + rate x time, in any stretch of any sequence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 40 }),
        fc.constantFrom(0.3, 1, 2, 3, 7.5, 50),
        fc.integer({ min: 1, max: 4 }),
        async (steps, ratePerSecond, burst) => {
          const turns = await turnsOf(steps, ratePerSecond, burst)
          for (const [first, startMs] of turns.entries()) {
            for (const [offset, endMs] of turns.slice(first).entries()) {
              const allowed = burst + ((endMs - startMs) / 1000) * ratePerSecond
              expect(offset + 1).toBeLessThanOrEqual(allowed + 1e-6)
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('take() spends the whole rate it is given', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 2 })
    const waits = Array.from({ length: 21 }, () => limiter.take(0, never))
    await clock.advance(10_000)
    await Promise.all(waits)
    expect(limiter.waiting).toBe(0)
  })

  it('take() serves the smaller rank first however long the others have waited, equals in their order', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 1 })
    const served: string[] = []
    const take = (name: string, rank: number) => limiter.take(rank, never).then(() => served.push(name))
    const waits = [take('first', 3), take('scan1', 3), take('scan2', 3), take('write', 2)]
    await clock.advance(500)
    waits.push(take('person1', 0), take('playback', 1), take('person2', 0))
    await walk(clock, 10_000)
    await Promise.all(waits)
    expect(served).toEqual(['first', 'person1', 'person2', 'playback', 'write', 'scan1', 'scan2'])
  })

  it('take() lets a person wait one turn at most behind a queue of scans', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 2 })
    const scans = Array.from({ length: 50 }, () => limiter.take(3, never))
    await clock.advance(1250)
    const askedMs = clock.now()
    let waitedMs = -1
    const person = limiter.take(0, never).then(() => {
      waitedMs = clock.now() - askedMs
    })
    await walk(clock, 1000)
    await person
    expect(waitedMs).toBeGreaterThanOrEqual(0)
    expect(waitedMs).toBeLessThanOrEqual(500)
    await walk(clock, 30_000, 500)
    await Promise.all(scans)
  })

  it('take() spends nothing for a caller who left, and leaves no timer behind', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 1 })
    await limiter.take(0, never)
    const gone = new AbortController()
    const leaver = limiter.take(0, gone.signal)
    const stayer = limiter.take(1, never)
    gone.abort(new Error('left'))
    await expect(leaver).rejects.toThrow('left')
    await clock.advance(1000)
    await stayer
    await expect(limiter.take(0, AbortSignal.abort(new Error('early')))).rejects.toThrow('early')
    expect(clock.sleeping).toBe(0)
  })

  it('take() passes over those whose own gate is shut, until a nudge', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 10 })
    const permits = new Semaphore(1)
    const release = await permits.acquire(never)
    const served: string[] = []
    const shut = limiter.take(0, never, [permits]).then(() => served.push('shut'))
    const open = limiter.take(3, never).then(() => served.push('open'))
    await walk(clock, 5000)
    await open
    expect(served).toEqual(['open'])
    release()
    limiter.nudge()
    await shut
    expect(served).toEqual(['open', 'shut'])
  })

  it('setRate() takes effect for those who wait already', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 0.01 })
    await limiter.take(0, never)
    const wait = limiter.take(0, never)
    limiter.setRate(4)
    await clock.advance(250)
    await wait
    expect(limiter.rate).toEqual({ set: 4, current: 4 })
  })

  it('slowDown() halves what is granted', async () => {
    const clock = new ManualClock(0)
    const limiter = new RateLimiter({ clock, ratePerSecond: 2, recoveryMs: 1e9 })
    limiter.slowDown()
    expect(limiter.rate.current).toBe(1)
    let turns = 0
    const waits = Array.from({ length: 20 }, () => limiter.take(0, never).then(() => turns++))
    await walk(clock, 10_000, 100)
    expect(turns).toBe(10)
    await walk(clock, 20_000, 100)
    await Promise.all(waits)
  })
})

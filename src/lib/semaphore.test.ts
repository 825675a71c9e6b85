import { describe, expect, it } from 'vitest'
import { Semaphore } from './semaphore.ts'

const never = new AbortController().signal
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('Semaphore', () => {
  it('acquire() gives out its permits and makes the rest wait for a release', async () => {
    const semaphore = new Semaphore(2)
    const release = await semaphore.acquire(never)
    await semaphore.acquire(never)
    let isIn = false
    const third = semaphore.acquire(never).then(() => (isIn = true))
    await settled()
    expect([isIn, semaphore.taken, semaphore.waiting]).toEqual([false, 2, 1])
    release()
    await third
    expect([isIn, semaphore.taken, semaphore.waiting]).toEqual([true, 2, 0])
  })

  it('release() counts once, however often it is called', async () => {
    const semaphore = new Semaphore(1)
    const release = await semaphore.acquire(never)
    release()
    release()
    expect(semaphore.taken).toBe(0)
    await semaphore.acquire(never)
    expect(semaphore.opensAt(5)).toBe(Number.POSITIVE_INFINITY)
  })

  it('acquire() serves the smaller rank first and equals in their order', async () => {
    const semaphore = new Semaphore(1)
    const release = await semaphore.acquire(never)
    const served: string[] = []
    const enter = async (name: string, rank: number) => {
      const leave = await semaphore.acquire(never, rank)
      served.push(name)
      leave()
    }
    const all = [enter('scan1', 3), enter('scan2', 3), enter('person', 0), enter('write', 2)]
    release()
    await Promise.all(all)
    expect(served).toEqual(['person', 'write', 'scan1', 'scan2'])
  })

  it('acquire() forgets a waiter who leaves: its permit goes to the next', async () => {
    const semaphore = new Semaphore(1)
    const release = await semaphore.acquire(never)
    const gone = new AbortController()
    const leaver = semaphore.acquire(gone.signal)
    const stayer = semaphore.acquire(never)
    gone.abort(new Error('left'))
    await expect(leaver).rejects.toThrow('left')
    release()
    const releaseStayer = await stayer
    releaseStayer()
    expect(semaphore.taken).toBe(0)
    await expect(semaphore.acquire(gone.signal)).rejects.toThrow('left')
    expect(semaphore.taken).toBe(0)
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %s permits', (permits) => {
    expect(() => new Semaphore(permits)).toThrow(RangeError)
  })
})

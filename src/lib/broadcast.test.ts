import { describe, expect, it } from 'vitest'
import { Broadcast } from './broadcast.ts'
import type { Flight } from './singleflight.ts'

const never = new AbortController().signal
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A source of numbers from 1 that is pulled and, when told so, fails instead of ending. */
function makeSource(count: number, failure?: Error) {
  const seen = { opened: 0, pulled: 0, closed: 0, flights: [] as Flight[] }
  async function* open(flight: Flight): AsyncGenerator<number> {
    seen.opened++
    seen.flights.push(flight)
    try {
      for (let value = 1; value <= count; value++) {
        seen.pulled++
        yield value
      }
      if (failure) throw failure
    } finally {
      seen.closed++
    }
  }
  return { open, seen }
}

async function collect(source: AsyncIterable<number>): Promise<number[]> {
  const values: number[] = []
  for await (const value of source) values.push(value)
  return values
}

describe('Broadcast', () => {
  it('join() reads the source once for all who read at the same time', async () => {
    const broadcast = new Broadcast<string, number>()
    const { open, seen } = makeSource(5)
    const all = await Promise.all([1, 2, 3].map(() => collect(broadcast.join('a', never, open))))
    expect(all).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ])
    expect(seen.opened).toBe(1)
    expect(broadcast.size).toBe(0)
  })

  it('join() replays what a late one missed, and asks for no more than somebody wants', async () => {
    const broadcast = new Broadcast<string, number>()
    const { open, seen } = makeSource(4)
    const early = broadcast.join('a', never, open)
    expect((await early.next()).value).toBe(1)
    expect((await early.next()).value).toBe(2)
    const late = broadcast.join('a', never, open)
    expect((await late.next()).value).toBe(1)
    await settled()
    expect(seen.pulled).toBe(2)
    expect(await collect(late)).toEqual([2, 3, 4])
    expect(await collect(early)).toEqual([3, 4])
    expect(seen).toMatchObject({ opened: 1, closed: 1 })
  })

  it('join() lets go of what all have had of a long source, and hasLetGo() tells who comes later', async () => {
    const broadcast = new Broadcast<string, number>()
    const { open, seen } = makeSource(100)
    const fast = broadcast.join('a', never, open)
    const slow = broadcast.join('a', never, open)
    await slow.next()
    for (let i = 0; i < 50; i++) await fast.next()
    expect((await collect(broadcast.join('a', never, open)))[0]).toBe(2)
    expect(broadcast.hasLetGo('a')).toBe(false)
    expect(await collect(slow)).toHaveLength(99)
    expect(await collect(fast)).toHaveLength(50)
    expect(seen).toMatchObject({ opened: 1, closed: 1 })

    const alone = broadcast.join('a', never, open)
    for (let i = 0; i < 8; i++) await alone.next()
    expect(broadcast.hasLetGo('a')).toBe(false)
    await alone.next()
    expect(broadcast.hasLetGo('a')).toBe(true)
    await alone.return()
    expect(broadcast.hasLetGo('a')).toBe(false)
  })

  it('join() gives an error to all, behind the values before it, and forgets the source', async () => {
    const broadcast = new Broadcast<string, number>()
    const { open } = makeSource(2, new Error('cut'))
    const slow = broadcast.join('a', never, open)
    await slow.next()
    await expect(collect(broadcast.join('a', never, open))).rejects.toThrow('cut')
    expect((await slow.next()).value).toBe(2)
    await expect(slow.next()).rejects.toThrow('cut')
    const { open: healthy } = makeSource(1)
    expect(await collect(broadcast.join('a', never, healthy))).toEqual([1])
  })

  it('join() aborts the source when the last reader has left, not before', async () => {
    const broadcast = new Broadcast<string, number>()
    const { open, seen } = makeSource(9)
    const one = broadcast.join('a', never, open)
    const two = broadcast.join('a', never, open)
    await one.next()
    await two.next()
    await one.return()
    expect(seen.flights[0]?.signal.aborted).toBe(false)
    expect((await two.next()).value).toBe(2)
    await two.return()
    await settled()
    expect(seen.flights[0]?.signal.aborted).toBe(true)
    expect(seen.closed).toBe(1)
    expect(broadcast.size).toBe(0)
  })

  it('join() ends at once for a reader whose signal aborts while the source is silent', async () => {
    const broadcast = new Broadcast<string, number>()
    const stuck: Flight[] = []
    const open = (flight: Flight): AsyncIterable<number> => {
      stuck.push(flight)
      return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }
    }
    const gone = new AbortController()
    const reading = collect(broadcast.join('a', gone.signal, open))
    await settled()
    gone.abort(new Error('left'))
    await expect(reading).rejects.toThrow('left')
    expect(stuck[0]?.signal.aborted).toBe(true)
    expect(broadcast.size).toBe(0)
  })

  it('detach() lets readers go on and opens the source anew for later ones', async () => {
    const broadcast = new Broadcast<string, number>()
    const { open, seen } = makeSource(3)
    const before = broadcast.join('a', never, open)
    await before.next()
    broadcast.detach('a')
    const after = broadcast.join('a', never, open)
    await after.next()
    expect(seen.flights.map((flight) => flight.isDetached)).toEqual([true, false])
    expect(await collect(before)).toEqual([2, 3])
    expect(broadcast.size).toBe(1)
    expect(await collect(after)).toEqual([2, 3])
  })
})

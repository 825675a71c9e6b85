import { describe, expect, it } from 'vitest'
import { type Flight, Singleflight } from './singleflight.ts'

const never = new AbortController().signal

/** Work that is finished from outside. */
function makeWork<V>() {
  const flights: Flight[] = []
  const settles: { resolve: (value: V) => void; reject: (error: Error) => void }[] = []
  const work = (flight: Flight) => {
    flights.push(flight)
    return new Promise<V>((resolve, reject) => settles.push({ resolve, reject }))
  }
  return { work, flights, settles }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('Singleflight', () => {
  it('run() makes ten equal calls one run and gives its value to all', async () => {
    const flight = new Singleflight<string, number>()
    const { work, settles } = makeWork<number>()
    const calls = Array.from({ length: 10 }, () => flight.run('a', never, work))
    const other = flight.run('b', never, async () => 2)
    await settled()
    expect(settles).toHaveLength(1)
    settles[0]?.resolve(1)
    expect(await Promise.all(calls)).toEqual(Array(10).fill(1))
    expect(await other).toBe(2)
    expect(flight.size).toBe(0)
  })

  it('run() lets nine succeed with one run when the first caller leaves', async () => {
    const flight = new Singleflight<string, string>()
    const { work, flights, settles } = makeWork<string>()
    const first = new AbortController()
    const leaver = flight.run('a', first.signal, work)
    const others = Array.from({ length: 9 }, () => flight.run('a', never, work))
    await settled()
    first.abort(new Error('gone'))
    await expect(leaver).rejects.toThrow('gone')
    expect(flights[0]?.signal.aborted).toBe(false)
    settles[0]?.resolve('value')
    expect(await Promise.all(others)).toEqual(Array(9).fill('value'))
    expect(flights).toHaveLength(1)
  })

  it('run() aborts the run when the last one leaves, and the next caller starts anew', async () => {
    const flight = new Singleflight<string, string>()
    const { work, flights, settles } = makeWork<string>()
    const one = new AbortController()
    const two = new AbortController()
    const calls = [flight.run('a', one.signal, work), flight.run('a', two.signal, work)]
    const outcomes = Promise.allSettled(calls)
    await settled()
    one.abort(new Error('one'))
    await settled()
    expect(flights[0]?.signal.aborted).toBe(false)
    two.abort(new Error('two'))
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
    expect(flights[0]?.signal.aborted).toBe(true)
    const next = flight.run('a', never, work)
    await settled()
    settles[0]?.reject(new Error('late, and heard by nobody'))
    settles[1]?.resolve('new')
    expect(await next).toBe('new')
  })

  it('run() starts nothing for a signal that has aborted already', async () => {
    const flight = new Singleflight<string, string>()
    const { work, flights } = makeWork<string>()
    await expect(flight.run('a', AbortSignal.abort(new Error('early')), work)).rejects.toThrow('early')
    await settled()
    expect(flights).toHaveLength(0)
  })

  it('run() gives a failure to all and does not keep it, also when work throws at once', async () => {
    const flight = new Singleflight<string, string>()
    const boom = (): Promise<string> => {
      throw new Error('boom')
    }
    const both = [flight.run('a', never, boom), flight.run('a', never, boom)]
    expect((await Promise.allSettled(both)).map((outcome) => outcome.status)).toEqual([
      'rejected',
      'rejected',
    ])
    expect(await flight.run('a', never, async () => 'fine')).toBe('fine')
  })

  it('detach() keeps a read that began before a write from later callers', async () => {
    const flight = new Singleflight<string, string>()
    const { work, flights, settles } = makeWork<string>()
    const before = flight.run('a', never, work)
    await settled()
    flight.detach('a')
    const after = flight.run('a', never, work)
    await settled()
    expect(flights.map((each) => each.isDetached)).toEqual([true, false])
    settles[0]?.resolve('old')
    expect(await before).toBe('old')
    // The older run's end must not take the newer one out of the map.
    const joined = flight.run('a', never, work)
    settles[1]?.resolve('new')
    expect(await Promise.all([after, joined])).toEqual(['new', 'new'])
    expect(flights).toHaveLength(2)
  })
})

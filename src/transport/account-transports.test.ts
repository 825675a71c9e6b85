import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { makeCtx } from '../core/ctx.ts'
import { ManualClock } from '../lib/clock.ts'
import { AccountTransports } from './account-transports.ts'
import type { Exchange } from './transport.ts'

function setup() {
  const clock = new ManualClock(0)
  const sentMs: number[] = []
  const exchange: Exchange = async () => {
    sentMs.push(clock.now())
    return { status: 200, headers: {}, body: Readable.from([Buffer.from('ok')]) }
  }
  return { clock, sentMs, transports: new AccountTransports({ exchange, clock }) }
}

const rates = (transports: AccountTransports) =>
  Object.fromEntries(transports.stats().map(({ account, rate }) => [account, rate.set]))

describe('AccountTransports', () => {
  it('use() gives the same transport for the same account, so that mounts share its limits', async () => {
    const { clock, sentMs, transports } = setup()
    const films = transports.use('1', 1, 'films')
    const music = transports.use('1', 1, 'music')
    expect(music).toBe(films)
    expect(transports.use('2', 1, 'other')).not.toBe(films)
    const request = { method: 'GET' as const, url: new URL('https://webapi.115.com/files'), headers: {} }
    const call = { name: 'x', request, bucket: 'list' as const, repeatable: true, decode: () => 'ok' }
    const answers = Promise.all([films.send(call, makeCtx()), music.send(call, makeCtx())])
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(1000)
    await answers
    expect(sentMs).toEqual([0, 1000])
  })

  it('use() lets the lowest rate hold, whoever came first', () => {
    const { transports } = setup()
    transports.use('1', 2, 'films')
    transports.use('1', 0.5, 'music')
    transports.use('1', 3, 'books')
    expect(rates(transports)).toEqual({ 1: 0.5 })
  })

  it('use() replaces what the same owner said before, in another account too', () => {
    const { transports } = setup()
    transports.use('1', 2, 'films')
    transports.use('1', 0.5, 'music')
    transports.use('1', 1, 'music')
    expect(rates(transports)).toEqual({ 1: 1 })
    transports.use('2', 0.25, 'music')
    expect(rates(transports)).toEqual({ 1: 2, 2: 0.25 })
  })

  it('leave() frees the others of its rate and keeps the account', () => {
    const { transports } = setup()
    const films = transports.use('1', 2, 'films')
    transports.use('1', 0.5, 'music')
    transports.leave('music')
    expect(rates(transports)).toEqual({ 1: 2 })
    transports.leave('films')
    transports.leave('nobody')
    expect(rates(transports)).toEqual({ 1: 2 })
    expect(transports.use('1', 1, 'films')).toBe(films)
  })

  it('use() refuses a rate that is not above 0 and changes nothing', () => {
    const { transports } = setup()
    transports.use('1', 2, 'films')
    expect(() => transports.use('1', 0, 'films')).toThrow(RangeError)
    expect(rates(transports)).toEqual({ 1: 2 })
  })
})

import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { makeCtx } from '../core/ctx.ts'
import { ManualClock } from '../lib/clock.ts'
import { readAll } from '../lib/streams.ts'
import type { Hop } from './hop.ts'
import { timeout } from './timeout.ts'
import type { Exchange, WireRequest } from './transport.ts'

const request: WireRequest = {
  method: 'GET',
  url: new URL('https://webapi.115.com/files?cid=0'),
  headers: {},
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

function setup(inner: Exchange, chunkMs: number | null = 1000) {
  const clock = new ManualClock()
  return { clock, exchange: timeout({ clock, headMs: 5000, chunkMs })(inner) }
}

/** An exchange whose head never comes; it rejects with what its signal was aborted with, as the wire does. */
const silent: Exchange = (_request, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const answering =
  (body: Readable): Exchange =>
  async () => ({ status: 200, headers: {}, body })

describe('timeout()', () => {
  it('gives up with Unavailable when no head comes in time', async () => {
    const { clock, exchange } = setup(silent)
    const asking = exchange(request, makeCtx())
    const outcome = expect(asking).rejects.toMatchObject({
      kind: 'Unavailable',
      message: 'No answer from "webapi.115.com" within 5000 ms',
    })
    await clock.advance(4999)
    expect(clock.sleeping).toBe(1)
    await clock.advance(1)
    await outcome
  })

  it("takes the call's own time when it has one", async () => {
    const { clock, exchange } = setup(silent)
    const hop: Hop = { ...makeCtx(), timeoutMs: 40_000 }
    const outcome = expect(exchange(request, hop)).rejects.toMatchObject({ kind: 'Unavailable' })
    await clock.advance(39_999)
    expect(clock.sleeping).toBe(1)
    await clock.advance(1)
    await outcome
  })

  it('stops its timer when the head comes and when the attempt fails', async () => {
    const { clock, exchange } = setup(answering(Readable.from([Buffer.from('ok')])))
    const { body } = await exchange(request, makeCtx())
    expect(clock.sleeping).toBe(0)
    expect((await readAll(body, 10)).toString()).toBe('ok')
    expect(clock.sleeping).toBe(0)
    const failing = setup(() => Promise.reject(new Error('own')))
    await expect(failing.exchange(request, makeCtx())).rejects.toThrow('own')
    expect(failing.clock.sleeping).toBe(0)
  })

  it('fails a body that stops, and closes what is under it', async () => {
    const source = new PassThrough()
    const { clock, exchange } = setup(answering(source))
    const { body } = await exchange(request, makeCtx())
    source.write('some')
    const reading = expect(readAll(body, 100)).rejects.toMatchObject({
      kind: 'Unavailable',
      message: 'No data from "webapi.115.com" within 1000 ms',
    })
    await settled()
    await clock.advance(1000)
    await reading
    expect(source.destroyed).toBe(true)
  })

  it('gives every chunk its own time', async () => {
    const source = new PassThrough()
    const { clock, exchange } = setup(answering(source))
    const { body } = await exchange(request, makeCtx())
    const reading = readAll(body, 100)
    for (let i = 0; i < 5; i++) {
      await settled()
      await clock.advance(900)
      source.write('x')
      await settled()
    }
    source.end()
    expect((await reading).toString()).toBe('xxxxx')
  })

  it('does not count the time of a reader who pauses', async () => {
    const { clock, exchange } = setup(answering(Readable.from(Array(10).fill(Buffer.alloc(64 * 1024)))))
    const { body } = await exchange(request, makeCtx())
    body.once('readable', () => undefined)
    await settled()
    await clock.advance(3_600_000)
    expect((await readAll(body, 1e6)).length).toBe(10 * 64 * 1024)
  })

  it('destroying the body it gave destroys the one under it, also while a chunk is awaited', async () => {
    const source = new PassThrough()
    const { clock, exchange } = setup(answering(source))
    const { body } = await exchange(request, makeCtx())
    body.once('readable', () => undefined)
    await settled()
    body.destroy()
    await settled()
    expect(source.destroyed).toBe(true)
    await settled()
    expect(clock.sleeping).toBe(0)
  })

  it('hands the body through untouched when there is no time between chunks', async () => {
    const source = new PassThrough()
    const { exchange } = setup(answering(source), null)
    expect((await exchange(request, makeCtx())).body).toBe(source)
  })
})

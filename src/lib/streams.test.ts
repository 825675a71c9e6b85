import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { BodyTooLargeError, pipeTo, readAll } from './streams.ts'

const never = new AbortController().signal

describe('readAll()', () => {
  it('gives all bytes, up to exactly the limit', async () => {
    const source = Readable.from([Buffer.from('盘'), Buffer.from('port')])
    expect((await readAll(source, 7)).toString()).toBe('盘port')
    expect(await readAll(Readable.from([]), 0)).toEqual(Buffer.alloc(0))
  })

  it('throws BodyTooLargeError one byte above it and destroys the source', async () => {
    const source = Readable.from([Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(4)])
    await expect(readAll(source, 7)).rejects.toThrow(BodyTooLargeError)
    expect(source.destroyed).toBe(true)
  })

  it("throws the source's own error", async () => {
    const source = new PassThrough()
    source.write('some')
    const reading = readAll(source, 100)
    source.destroy(new Error('cut'))
    await expect(reading).rejects.toThrow('cut')
  })
})

describe('pipeTo()', () => {
  it('moves everything and ends the sink', async () => {
    const sink = new PassThrough()
    const done = pipeTo(Readable.from([Buffer.from('a'), Buffer.from('b')]), sink, never)
    expect((await readAll(sink, 10)).toString()).toBe('ab')
    await done
  })

  it('destroys the source when the sink closes early', async () => {
    const source = new PassThrough()
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
    const moving = pipeTo(source, sink, never)
    source.write('a')
    sink.destroy()
    await expect(moving).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    expect(source.destroyed).toBe(true)
  })

  it("destroys both and rejects with the signal's reason on abort", async () => {
    const source = new PassThrough()
    const sink = new PassThrough()
    sink.on('error', () => undefined)
    const abort = new AbortController()
    const moving = pipeTo(source, sink, abort.signal)
    abort.abort(new Error('left'))
    await expect(moving).rejects.toThrow('left')
    if (!sink.closed) await once(sink, 'close')
    expect([source.destroyed, sink.destroyed]).toEqual([true, true])
  })
})

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { BlobStore, openContent, openFile, readContent, sha1Of, sha1OfContent } from './content.ts'

const MIB = 1024 * 1024

describe('openContent()', () => {
  it('gives the first bytes of the stream that the seed names', async () => {
    const bytes = await buffer(openContent('a', 3 * MIB + 5))
    expect(bytes).toHaveLength(3 * MIB + 5)
    expect(sha1(bytes)).toBe(await sha1OfContent('a', 3 * MIB + 5))
    expect(sha1(await buffer(openContent('a', MIB)))).toBe(sha1(bytes.subarray(0, MIB)))
    expect(sha1(await buffer(openContent('b', MIB)))).not.toBe(sha1(bytes.subarray(0, MIB)))
  })

  it.each([
    [0, 0],
    [0, 15],
    [1, 16],
    [15, 15],
    [16, 47],
    [256 * 1024 - 1, 256 * 1024],
    [MIB - 3, 2 * MIB - 1],
    [2 * MIB - 1, 2 * MIB - 1],
  ])('gives bytes %i-%i as the whole file has them', async (start, end) => {
    const whole = await buffer(openContent('ranges', 2 * MIB))
    const part = await buffer(openContent('ranges', 2 * MIB, { start, end }))
    expect(part).toHaveLength(end + 1 - start)
    expect(part.equals(whole.subarray(start, end + 1))).toBe(true)
  })

  it('starts beyond 2^36 bytes without reading what comes before', async () => {
    const size = 100 * 1024 ** 3
    const start = 80 * 1024 ** 3 + 7
    const bytes = await buffer(openContent('far', size, { start, end: start + 99 }))
    expect(bytes).toEqual(readContent('far', start, 100))
    expect(bytes.subarray(9)).toEqual(readContent('far', start + 9, 91))
  })

  it('never repeats a block', async () => {
    const bytes = await buffer(openContent('blocks', 4 * MIB))
    const blocks = new Set(
      Array.from({ length: 1024 }, (_, i) => sha1(bytes.subarray(i * 4096, (i + 1) * 4096))),
    )
    expect(blocks.size).toBe(1024)
  })

  it('makes no more than its reader takes', async () => {
    const stream = openContent('slow reader', 1024 ** 4)
    const [first] = await takeChunks(stream, 1)
    expect(first?.equals(readContent('slow reader', 0, 256 * 1024))).toBe(true)
    expect(stream.readableLength).toBeLessThanOrEqual(512 * 1024)
    stream.destroy()
  })

  it('is empty for an empty file', async () => {
    expect(await buffer(openContent('empty', 0))).toHaveLength(0)
  })

  it.each([
    [0, 100],
    [5, 4],
    [-1, 4],
    [100, 100],
  ])('throws RangeError for bytes %i-%i of 100', (start, end) => {
    expect(() => openContent('x', 100, { start, end })).toThrow(RangeError)
  })
})

describe('sha1OfContent()', () => {
  it('tells the hash of a 20 GiB file at once', async () => {
    expect(await sha1OfContent('large', 20 * 1024 ** 3)).toMatch(/^[0-9A-F]{40}$/)
  })

  it('lets other work through between slices', async () => {
    let turns = 0
    let isDone = false
    const count = () => {
      turns += 1
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await sha1OfContent('slices', 40 * MIB)
    isDone = true
    expect(turns).toBeGreaterThanOrEqual(19)
  })

  it('knows the empty file', async () => {
    expect(await sha1OfContent('any', 0)).toBe('DA39A3EE5E6B4B0D3255BFEF95601890AFD80709')
  })
})

describe('BlobStore', () => {
  it('gives back what was put, and throws for what was not', () => {
    const blobs = new BlobStore()
    const content = blobs.put(Buffer.from('hello'))
    expect(content).toMatchObject({ kind: 'blob', size: 5 })
    expect(blobs.get(content.id).toString()).toBe('hello')
    blobs.delete(content.id)
    expect(() => blobs.get(content.id)).toThrow(/no such blob/)
  })
})

describe('openFile()', () => {
  it('reads blobs and made-up streams alike, ranges too', async () => {
    const blobs = new BlobStore()
    const bytes = readContent('copy', 0, MIB + 1)
    const range = { start: 300_000, end: MIB }
    for (const content of [blobs.put(bytes), { kind: 'seed', seed: 'copy', size: MIB + 1 } as const]) {
      expect(sha1(await buffer(openFile(blobs, content)))).toBe(sha1(bytes))
      expect(sha1(await buffer(openFile(blobs, content, range)))).toBe(sha1(bytes.subarray(300_000)))
      expect(() => openFile(blobs, content, { start: 0, end: MIB + 1 })).toThrow(RangeError)
    }
  })

  it('reads an empty blob', async () => {
    const blobs = new BlobStore()
    expect(await buffer(openFile(blobs, blobs.put(Buffer.alloc(0))))).toHaveLength(0)
  })
})

describe('sha1Of()', () => {
  it('hashes blobs and made-up streams', async () => {
    const blobs = new BlobStore()
    const bytes = readContent('copy', 0, 5 * MIB)
    expect(await sha1Of(blobs, blobs.put(bytes))).toBe(sha1(bytes))
    expect(await sha1Of(blobs, { kind: 'seed', seed: 'copy', size: 5 * MIB })).toBe(sha1(bytes))
  })

  it('hashes each content once, also for those who ask meanwhile', () => {
    const blobs = new BlobStore()
    const content = { kind: 'seed', seed: 'once', size: 5 * MIB } as const
    expect(sha1Of(blobs, content)).toBe(sha1Of(blobs, { ...content }))
    expect(sha1Of(blobs, content)).not.toBe(sha1Of(blobs, { ...content, size: 1 }))
  })

  it('does not remember a failure', async () => {
    const blobs = new BlobStore()
    await expect(sha1Of(blobs, { kind: 'blob', id: 'gone', size: 1 })).rejects.toThrow(/no such blob/)
    await expect(blobs.rememberSha1('blob gone', () => Promise.resolve('A'))).resolves.toBe('A')
  })
})

function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex').toUpperCase()
}

async function takeChunks(stream: Readable, count: number): Promise<Buffer[]> {
  const iterator: AsyncIterator<Buffer> = stream.iterator({ destroyOnReturn: false })
  const chunks: Buffer[] = []
  while (chunks.length < count) {
    const next = await iterator.next()
    if (next.done) break
    chunks.push(next.value)
  }
  return chunks
}

import { inflateSync } from 'node:zlib'
import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { maxQrTextBytes, qrPng, qrSizePx, qrSvg, qrTerminal } from './qr-image.ts'

const text = 'https://115.com/scan/dg-0123456789abcdef0123456789abcdef01234567'
const truth = encode(text, { ecc: 'M', border: 4 }).data

interface Pixels {
  readonly size: number
  readonly isDark: (x: number, y: number) => boolean
}

/** Reads the one kind of PNG that is written here, walking its chunks. */
function readPng(png: Buffer): Pixels {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  const header = chunks.get('IHDR') as Buffer
  const size = header.readUInt32BE(0)
  expect([...header.subarray(8)]).toEqual([1, 0, 0, 0, 0])
  const lines = inflateSync(chunks.get('IDAT') as Buffer)
  const lineBytes = 1 + Math.ceil(size / 8)
  expect(lines.length).toBe(lineBytes * size)
  return { size, isDark: (x, y) => ((lines[y * lineBytes + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0 }
}

test.each([64, 200, 256, 401, 1024])(
  'qrPng() paints every module where it belongs at %i pixels',
  (sizePx) => {
    const { size, isDark } = readPng(qrPng(text, sizePx))
    expect(size).toBe(sizePx)
    const scale = Math.floor(size / truth.length)
    const offset = Math.floor((size - scale * truth.length) / 2)
    const seen = truth.map((row, y) =>
      row.map((_, x) =>
        isDark(offset + x * scale + Math.floor(scale / 2), offset + y * scale + Math.floor(scale / 2)),
      ),
    )
    expect(seen).toEqual(truth)
    expect(isDark(0, 0) || isDark(size - 1, size - 1)).toBe(false)
  },
)

test('qrPng() writes checksums that a strict reader accepts', () => {
  const png = qrPng('x', 64)
  // The checksum of an empty IEND chunk is a constant of the format.
  expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082')
})

test.each([
  [0, qrSizePx.min],
  [-5, qrSizePx.min],
  [Number.NaN, qrSizePx.min],
  [1e9, qrSizePx.max],
])('qrPng() moves a size of %d to %d', (asked, size) => {
  expect(readPng(qrPng('x', asked)).size).toBe(size)
})

test('qrPng() never draws a module smaller than a pixel', () => {
  const long = 'x'.repeat(maxQrTextBytes)
  const { size } = readPng(qrPng(long, qrSizePx.min))
  expect(size).toBe(encode(long, { ecc: 'M', border: 4 }).size)
})

test('qrSvg() draws exactly the dark modules and does not quote the text', () => {
  const svg = qrSvg(text)
  const drawn = truth.map((row) => row.map(() => false))
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    drawn[Number(y)]?.fill(true, Number(x), Number(x) + Number(length))
  }
  expect(drawn).toEqual(truth)
  expect(svg).not.toContain('115.com')
})

test('qrTerminal() draws two rows a line, light modules as blocks', () => {
  const lines = qrTerminal(text).split('\n')
  expect(lines.pop()).toBe('')
  const read = lines.flatMap((line) => [
    Array.from(line).map((block) => block === ' ' || block === '▄'),
    Array.from(line).map((block) => block === ' ' || block === '▀'),
  ])
  expect(read.slice(0, truth.length)).toEqual(truth)
})

test.each(['', 'x'.repeat(maxQrTextBytes + 1), '二'.repeat(maxQrTextBytes / 2)])(
  'qrPng(), qrSvg() and qrTerminal() refuse a text of a wrong length',
  (wrong) => {
    expect(() => qrPng(wrong, 100)).toThrow(RangeError)
    expect(() => qrSvg(wrong)).toThrow(RangeError)
    expect(() => qrTerminal(wrong)).toThrow(RangeError)
  },
)

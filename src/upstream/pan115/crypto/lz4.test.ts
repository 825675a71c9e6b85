import { expect, test } from 'vitest'
import { readLz4Block } from './lz4.ts'

const block = (...bytes: number[]) => Uint8Array.from(bytes)

test('readLz4Block() copies literals and matches that overlap themselves', () => {
  // "ab", then 8 bytes from 2 back, then "c".
  expect(readLz4Block(block(0x24, 97, 98, 2, 0, 0x10, 99), 64).toString()).toBe('abababababc')
})

test('readLz4Block() reads lengths that run over several bytes', () => {
  const literals = Array.from({ length: 15 + 255 + 3 }, (_, i) => i & 0xff)
  expect([...readLz4Block(block(0xf0, 255, 3, ...literals), 1000)]).toEqual(literals)
})

test.each([
  ['literals that end early', block(0x50, 1, 2)],
  ['a match before the start', block(0x10, 1, 2, 0, 0)],
  ['a match at distance zero', block(0x10, 1, 0, 0, 0)],
  ['a length that never ends', block(0xf0, 255)],
  ['more content than allowed', block(0xf0, 50, ...Array.from({ length: 65 }, () => 1))],
])('readLz4Block() refuses %s', (_, bytes) => {
  expect(() => readLz4Block(bytes, 64)).toThrow(RangeError)
})

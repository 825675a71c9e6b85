import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deriveKey, Sealer, SealError } from './seal.ts'

const master = Buffer.alloc(32, 7)
const sealer = new Sealer(deriveKey(master, 'test'))

describe('Sealer', () => {
  test('open() gives back what was sealed at the same place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        expect(sealer.open(sealer.seal(text, place), place)).toBe(text)
      }),
    )
  })

  test('open() refuses every change of a single byte', () => {
    const sealed = sealer.seal('cookie: UID=1', 'storage/1')
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i)
      expect(() => sealer.open(changed, 'storage/1'), `byte ${i}`).toThrow(SealError)
    }
  })

  test('open() refuses every shorter envelope', () => {
    const sealed = sealer.seal('x', 'storage/1')
    for (let length = 0; length < sealed.length; length++) {
      expect(() => sealer.open(sealed.subarray(0, length), 'storage/1')).toThrow(SealError)
    }
  })

  test('open() refuses a value that was moved to another place', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (place, other) => {
        fc.pre(place !== other)
        expect(() => sealer.open(sealer.seal('secret', place), other)).toThrow(SealError)
      }),
    )
  })

  test('open() refuses another key', () => {
    const sealed = sealer.seal('secret', 'a')
    expect(() => new Sealer(deriveKey(master, 'other purpose')).open(sealed, 'a')).toThrow(SealError)
    expect(() => new Sealer(deriveKey(Buffer.alloc(32, 8), 'test')).open(sealed, 'a')).toThrow(SealError)
  })

  test('seal() never gives the same bytes twice and shows nothing of the text', () => {
    const one = sealer.seal('UID=12345; CID=abcdef', 'a')
    expect(sealer.seal('UID=12345; CID=abcdef', 'a').equals(one)).toBe(false)
    expect(one.includes('UID=')).toBe(false)
  })
})

test('deriveKey() gives 32 bytes that differ by purpose', () => {
  expect(deriveKey(master, 'a')).toHaveLength(32)
  expect(deriveKey(master, 'a').equals(deriveKey(master, 'a'))).toBe(true)
  expect(deriveKey(master, 'a').equals(deriveKey(master, 'b'))).toBe(false)
})

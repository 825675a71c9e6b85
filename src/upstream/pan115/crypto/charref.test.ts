import { expect, test } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { decodeCharrefs } from './charref.ts'

test.each(vectors.misc.charref.vectors)('decodeCharrefs() gives $decoded', ({ raw_json, decoded }) => {
  expect(decodeCharrefs(raw_json)).toBe(decoded)
})

test('decodeCharrefs() leaves numbers that are no code point', () => {
  expect(decodeCharrefs('[\u00021114112]x')).toBe('[\u00021114112]x')
})

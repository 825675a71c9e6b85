import { expect, test } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { formatPickcode, parsePickcode } from './pickcode.ts'

test.each(vectors.pickcode.vectors)('pickcode $pickcode stands for id $id', (vector) => {
  const code = { prefix: vector.prefix, id: vector.id, stable: vector.stable_point }
  expect(formatPickcode(code)).toBe(vector.pickcode)
  expect(parsePickcode(vector.pickcode)).toEqual(code)
})

test.each(['', 'a', 'ahhhh', 'z4hhhh', 'a4hhh!', 'a4xhhh'])('parsePickcode() gives null for %j', (text) => {
  expect(parsePickcode(text)).toBeNull()
})

test('formatPickcode() refuses an unknown prefix', () => {
  expect(() => formatPickcode({ prefix: 'z', id: '1', stable: '0abc' })).toThrow(RangeError)
})

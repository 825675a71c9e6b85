import { describe, expect, it } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { decodePickcode, encodePickcode } from './pickcode.ts'

const known = vectors.pickcode.vectors

describe('encodePickcode()', () => {
  it.each(known)('of $id with $prefix and $stable_point', ({ id, stable_point, prefix, pickcode }) => {
    expect(encodePickcode(id, stable_point, prefix)).toBe(pickcode)
  })

  it.each(Object.entries(vectors.pickcode.first_suffix_char))(
    'shows prefix %s at the suffix',
    (prefix, char) => {
      expect(encodePickcode('35', '0abc', prefix).at(-4)).toBe(char)
    },
  )

  it('gives the root no pickcode', () => {
    expect(encodePickcode('0', '0abc', 'fa')).toBe('')
  })

  it('refuses an unknown prefix and a wrong stable point', () => {
    expect(() => encodePickcode('1', '0abc', 'g')).toThrow(/prefix "g"/)
    expect(() => encodePickcode('1', 'abcd', 'a')).toThrow(/stable point "abcd"/)
  })
})

describe('decodePickcode()', () => {
  it.each(known)('finds id $id in $pickcode', ({ id, pickcode }) => {
    expect(decodePickcode(pickcode)).toBe(id)
  })

  it('finds the largest id without losing digits', () => {
    expect(decodePickcode(encodePickcode('9223372036854775807', '0zzz', 'fe'))).toBe('9223372036854775807')
  })

  it.each(['', 'a', 'ahhhh', 'zzzzzzzzz', 'a4HHHH', 'a4-hhh', 'a4ahhh', 'fz4hhhh', `a${'1'.repeat(14)}hhhh`])(
    'gives null for "%s"',
    (pickcode) => {
      expect(decodePickcode(pickcode)).toBeNull()
    },
  )
})

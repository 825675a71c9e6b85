import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toSegment } from './entry.ts'
import { VPath } from './path.ts'

test.each([
  ['a/b', 'a／b'],
  ['\\\\', '＼＼'],
  ['a\0', 'a␀'],
  ['', '␀'],
  ['.', '．'],
  ['..', '．．'],
  ['...', '...'],
  [' . ', ' . '],
  ['第1集.mkv', '第1集.mkv'],
])('toSegment("%s") is "%s"', (name, segment) => {
  expect(toSegment(name)).toBe(segment)
})

test('toSegment() makes any name a path segment and leaves segments alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const segment = toSegment(name)
      expect(VPath.root.child(segment).name).toBe(segment)
      expect(toSegment(segment)).toBe(segment)
    }),
  )
})

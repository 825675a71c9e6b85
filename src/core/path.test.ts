import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeSegment, VPath } from './path.ts'

const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => !/[/\\\0]/.test(text) && text !== '.' && text !== '..')
const path = fc.array(segment, { maxLength: 6 }).map((segments) => VPath.of(segments))

describe('VPath', () => {
  test('parse() reverses toString()', () => {
    fc.assert(
      fc.property(path, (one) => {
        expect(VPath.parse(one.toString()).segments).toEqual(one.segments)
      }),
    )
  })

  test.each([
    ['', '/'],
    ['/', '/'],
    ['///', '/'],
    ['a', '/a'],
    ['/a//b/', '/a/b'],
    ['/x..y', '/x..y'],
    ['/...', '/...'],
    ['/ a ', '/ a '],
  ])('parse("%s") is "%s"', (text, parsed) => {
    expect(VPath.parse(text).toString()).toBe(parsed)
  })

  test.each(['..', '/a/..', '/a/../b', '/./a', '.', '/a\\b', '\\', '/a\0b'])(
    'parse("%s") is refused',
    (text) => {
      expect(() => VPath.parse(text)).toThrow(expect.objectContaining({ kind: 'InvalidName' }))
    },
  )

  test.each(['', '.', '..', 'a/b', '/', 'a\\b', 'a\0'])(
    'of() and child() refuse the segment "%s"',
    (name) => {
      expect(() => VPath.of(['a', name])).toThrow(expect.objectContaining({ kind: 'InvalidName' }))
      expect(() => VPath.root.child(name)).toThrow(expect.objectContaining({ kind: 'InvalidName' }))
    },
  )

  test('no text, however crooked, parses to a path that climbs', () => {
    const crooked = fc.array(fc.constantFrom('.', '..', '/', '\\', 'a', '%2e', '\0', '...', ' '), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(crooked, (pieces) => {
        let parsed: VPath
        try {
          parsed = VPath.parse(pieces.join(''))
        } catch {
          return
        }
        expect(
          parsed.segments.filter((each) => /[/\\\0]/.test(each) || ['', '.', '..'].includes(each)),
        ).toEqual([])
      }),
    )
  })

  test('child() and parent undo each other; the root is its own parent', () => {
    fc.assert(
      fc.property(path, segment, (one, name) => {
        const child = one.child(name)
        expect(child.name).toBe(name)
        expect(child.parent.equals(one)).toBe(true)
      }),
    )
    expect(VPath.root.parent.isRoot).toBe(true)
    expect(VPath.root.name).toBe('')
  })

  test('join() and relative() undo each other', () => {
    fc.assert(
      fc.property(path, path, (base, below) => {
        const joined = base.join(below)
        expect(joined.segments).toEqual([...base.segments, ...below.segments])
        expect(base.relative(joined)?.segments).toEqual(below.segments)
        expect(base.contains(joined)).toBe(true)
        expect(joined.contains(base)).toBe(below.isRoot)
      }),
    )
  })

  test('contains() decides on segment borders, relative() is null outside', () => {
    fc.assert(
      fc.property(path, segment, segment, (base, name, suffix) => {
        const inside = base.child(name)
        const beside = base.child(name + suffix)
        expect(inside.contains(beside)).toBe(false)
        expect(inside.relative(beside)).toBeNull()
      }),
    )
    expect(VPath.parse('/team/a').contains(VPath.parse('/team/ab'))).toBe(false)
  })

  test('equals() is about all segments', () => {
    expect(VPath.parse('/a/b').equals(VPath.parse('a//b/'))).toBe(true)
    expect(VPath.parse('/a/b').equals(VPath.parse('/a'))).toBe(false)
    expect(VPath.parse('/a').equals(VPath.parse('/a/b'))).toBe(false)
    expect(VPath.parse('/a').equals(VPath.parse('/A'))).toBe(false)
  })

  test('toUrl() decodes to the path again and needs no escaping in XML attributes', () => {
    fc.assert(
      fc.property(path, (one) => {
        const url = one.toUrl()
        expect(url).toMatch(/^[A-Za-z0-9\-._~%/]*$/)
        expect(url.slice(1).split('/').map(decodeURIComponent).join('/')).toBe(one.segments.join('/'))
      }),
    )
  })

  test('JSON shows the text', () => {
    expect(JSON.stringify({ path: VPath.parse('/a/第1集') })).toBe('{"path":"/a/第1集"}')
  })
})

test.each([
  [' #?%&+', '%20%23%3F%25%26%2B'],
  [`!'()*`, '%21%27%28%29%2A'],
  ['电', '%E7%94%B5'],
  ['🎬', '%F0%9F%8E%AC'],
  ['a\ud83d', 'a%EF%BF%BD'],
  ['a-b_c.d~e', 'a-b_c.d~e'],
])('encodeSegment("%s") is "%s"', (text, encoded) => {
  expect(encodeSegment(text)).toBe(encoded)
})

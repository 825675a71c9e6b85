import { array, assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'
import { ApiError } from './errors.ts'
import { parsePath } from './paths.ts'

test.each([
  ['', '/'],
  ['/', '/'],
  ['115/films', '/115/films'],
  ['\\115\\films\\', '/115/films'],
  ['//115///films/', '/115/films'],
  ['/115/./films/.', '/115/films'],
  ['/x..y/...', '/x..y/...'],
  ['/电影/A B#1.mkv', '/电影/A B#1.mkv'],
  ['/%2e%2e/a', '/%2e%2e/a'],
])('parsePath() of %j is %j', (text, path) => {
  expect(parsePath(text).toString()).toBe(path)
})

test.each(['..', '/..', '/a/../b', '/a/..', '..\\a', 'a\\..\\..\\b', '/a/b/../../..'])(
  'parsePath() refuses %j with 403 and the words clients look for',
  (text) => {
    expect(() => parsePath(text)).toThrow(
      expect.objectContaining({ code: 403, message: 'access using relative path is not allowed' }),
    )
  },
)

test('parsePath() refuses NUL with 400', () => {
  expect(() => parsePath('/a\0b')).toThrow(expect.objectContaining({ code: 400 }))
})

test('parsePath() gives a path without dot segments or refuses, whatever the text', () => {
  const piece = constantFrom('..', '.', '/', '\\', 'a', '', ' ', '\0', '%2e', '．．')
  assert(
    property(
      array(piece).map((pieces) => pieces.join('')),
      (text) => {
        try {
          const { segments } = parsePath(text)
          expect(segments.some((segment) => /^\.{0,2}$|[/\\\0]/.test(segment))).toBe(false)
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
          expect(text).toMatch(/\.\.|\0/)
        }
      },
    ),
  )
})

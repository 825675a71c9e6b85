import { describe, expect, it } from 'vitest'
import { below, decodeSegments, parseTarget } from './http-target.ts'

describe('parseTarget()', () => {
  it.each([
    ['/d/a%20b.mkv?sign=x%3A0&d', '/d/a%20b.mkv', 'x:0'],
    ['http://host:5244/d/a?sign=y', '/d/a', 'y'],
    ['/d/a', '/d/a', null],
    ['*', '/*', null],
    ['//d/a', '//d/a', null],
  ])('takes %s apart', (url, path, sign) => {
    const target = parseTarget(url)
    expect(target.path).toBe(path)
    expect(target.query.get('sign')).toBe(sign)
  })
})

describe('below()', () => {
  it('cuts on segment borders', () => {
    expect(below('/dav', '/dav')).toBe('')
    expect(below('/dav', '/dav/')).toBe('/')
    expect(below('/dav', '/dav/a/b')).toBe('/a/b')
    expect(below('/dav', '/davx')).toBeNull()
    expect(below('', '/dav')).toBe('/dav')
  })
})

describe('decodeSegments()', () => {
  it('decodes each segment on its own', () => {
    expect(decodeSegments('/%E7%94%B5/a%2Fb//c+d%23/')).toEqual(['电', 'a/b', 'c+d#'])
    expect(decodeSegments('/')).toEqual([])
  })

  it('gives null for escapes that are malformed or not UTF-8', () => {
    for (const path of ['/%', '/a%2', '/%zz', '/%ff', '/%c0%af']) expect(decodeSegments(path)).toBeNull()
  })
})

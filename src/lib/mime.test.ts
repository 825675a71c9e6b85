import { describe, expect, it } from 'vitest'
import { extensionOf, isActiveType, mediaTypeOf } from './mime.ts'

describe('mediaTypeOf()', () => {
  it.each([
    ['e01.mkv', 'video/x-matroska'],
    ['第1集.MP4', 'video/mp4'],
    ['a.b.srt', 'application/x-subrip'],
    ['page.html', 'text/html'],
    ['app.apk', 'application/vnd.android.package-archive'],
    ['README', 'application/octet-stream'],
    ['odd.constructor', 'application/octet-stream'],
    ['odd.__proto__', 'application/octet-stream'],
    ['dot.', 'application/octet-stream'],
  ])('%s is %s', (name, type) => {
    expect(mediaTypeOf(name)).toBe(type)
  })
})

describe('extensionOf()', () => {
  it('is what follows the last dot', () => {
    expect(extensionOf('a.tar.GZ')).toBe('gz')
    expect(extensionOf('none')).toBe('')
  })
})

describe('isActiveType()', () => {
  it('tells what a browser would run from what it would only show', () => {
    for (const type of [
      'text/html',
      'application/xhtml+xml',
      'image/svg+xml',
      'application/xml',
      'text/xml',
    ]) {
      expect(isActiveType(type)).toBe(true)
    }
    for (const type of ['text/plain', 'video/mp4', 'application/octet-stream', 'application/json']) {
      expect(isActiveType(type)).toBe(false)
    }
  })
})

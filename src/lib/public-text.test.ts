import { describe, expect, it } from 'vitest'
import { publicText } from './public-text.ts'

describe('publicText()', () => {
  it('hides queries, cookies and tokens and leaves the rest', () => {
    const text =
      'GET "https://cdn.115.com/a/b.mkv?t=1&k=abc" with UID=1_A; CID=ff; SEID=00 gave 403 for "a=b.mkv"'
    expect(publicText(text)).toBe(
      'GET "https://cdn.115.com/a/b.mkv?[hidden]" with UID=[hidden]; CID=[hidden]; SEID=[hidden] gave 403 for "a=b.mkv"',
    )
    expect(publicText('/d/a?sign=xyz:0&d')).toBe('/d/a?sign=[hidden]&d')
    expect(publicText('Cannot list "电影": it does not exist')).toBe('Cannot list "电影": it does not exist')
  })
})

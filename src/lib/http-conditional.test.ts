import { describe, expect, it } from 'vitest'
import { evaluatePreconditions, rangeApplies } from './http-conditional.ts'
import { etagOf, httpDate, parseHttpDate } from './http-validators.ts'

const modifiedAt = new Date('2026-03-01T08:09:10.750Z')
const same = httpDate(modifiedAt)
const earlier = httpDate(new Date(modifiedAt.getTime() - 5_000))
const later = httpDate(new Date(modifiedAt.getTime() + 5_000))
const current = { etag: '"abc"', modifiedAt }

describe('evaluatePreconditions()', () => {
  it.each([
    [{}, 'proceed'],
    [{ 'if-match': '"abc"' }, 'proceed'],
    [{ 'if-match': '*' }, 'proceed'],
    [{ 'if-match': '"x,y", "abc"' }, 'proceed'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-match': 'W/"abc"' }, 'failed'],
    [{ 'if-match': 'abc' }, 'failed'],
    [{ 'if-unmodified-since': same }, 'proceed'],
    [{ 'if-unmodified-since': later }, 'proceed'],
    [{ 'if-unmodified-since': earlier }, 'failed'],
    [{ 'if-unmodified-since': 'yesterday' }, 'proceed'],
    // If-Unmodified-Since is ignored beside If-Match.
    [{ 'if-match': '"abc"', 'if-unmodified-since': earlier }, 'proceed'],
    [{ 'if-none-match': '"abc"' }, 'not-modified'],
    [{ 'if-none-match': 'W/"abc"' }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"x", "abc"' }, 'not-modified'],
    [{ 'if-none-match': '"x"' }, 'proceed'],
    // If-Modified-Since is ignored beside If-None-Match.
    [{ 'if-none-match': '"x"', 'if-modified-since': later }, 'proceed'],
    [{ 'if-modified-since': same }, 'not-modified'],
    [{ 'if-modified-since': later }, 'not-modified'],
    [{ 'if-modified-since': earlier }, 'proceed'],
    [{ 'if-modified-since': '2026-03-01' }, 'proceed'],
    // What must hold is asked before what is known.
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'failed'],
    [{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 'not-modified'],
  ])('%j: %s', (headers, verdict) => {
    expect(evaluatePreconditions(headers, current)).toBe(verdict)
  })

  it('ignores dates where the modification time is not known', () => {
    const unknown = { etag: null, modifiedAt: null }
    expect(evaluatePreconditions({ 'if-modified-since': later }, unknown)).toBe('proceed')
    expect(evaluatePreconditions({ 'if-unmodified-since': earlier }, unknown)).toBe('proceed')
    expect(evaluatePreconditions({ 'if-match': '"abc"' }, unknown)).toBe('failed')
  })
})

describe('rangeApplies()', () => {
  it.each([
    [undefined, true],
    ['"abc"', true],
    ['"other"', false],
    ['W/"abc"', false],
    [same, true],
    [later, false],
    [earlier, false],
    ['garbage', false],
  ])('If-Range %s: %s', (ifRange, expected) => {
    expect(rangeApplies(ifRange === undefined ? {} : { 'if-range': ifRange }, current)).toBe(expected)
  })

  it('refuses everything where there is no validator', () => {
    const unknown = { etag: null, modifiedAt: null }
    expect(rangeApplies({ 'if-range': '"abc"' }, unknown)).toBe(false)
    expect(rangeApplies({ 'if-range': same }, unknown)).toBe(false)
  })
})

describe('parseHttpDate()', () => {
  it('takes the three forms of RFC 9110 and nothing else', () => {
    const ms = Date.UTC(1994, 10, 6, 8, 49, 37)
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(ms)
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(ms)
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).toBe(ms)
    for (const text of [
      '1994-11-06',
      '784111777',
      'Sun, 06 Nov 1994 08:49:37 +0800',
      'Sun, 99 Xyz 1994 08:49:37 GMT',
    ]) {
      expect(parseHttpDate(text)).toBeNull()
    }
  })
})

describe('etagOf()', () => {
  it('is the SHA-1 where known, else time and size, else nothing', () => {
    expect(etagOf({ size: 5, modifiedAt, hashes: { sha1: 'ff00' } })).toBe('"ff00"')
    const time = modifiedAt.getTime().toString(16)
    expect(etagOf({ size: 255, modifiedAt, hashes: {} })).toBe(`"${time}-ff"`)
    expect(etagOf({ size: 255, modifiedAt: null, hashes: {} })).toBeNull()
    expect(etagOf({ size: null, modifiedAt, hashes: {} })).toBeNull()
  })
})

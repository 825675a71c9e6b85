import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

describe('retryAfterMs()', () => {
  const nowMs = Date.UTC(2026, 0, 1)

  it('reads seconds and dates', () => {
    expect(retryAfterMs({ 'retry-after': '120' }, nowMs)).toBe(120_000)
    expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, nowMs)).toBe(60_000)
    expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 2025 00:00:00 GMT' }, nowMs)).toBe(0)
  })

  it('gives null when nothing usable is said', () => {
    expect(retryAfterMs({}, nowMs)).toBeNull()
    expect(retryAfterMs({ 'retry-after': 'soon' }, nowMs)).toBeNull()
    expect(retryAfterMs({ 'retry-after': ['1', '2'] }, nowMs)).toBeNull()
  })
})

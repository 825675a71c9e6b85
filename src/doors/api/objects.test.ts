import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatTime, typeOfName } from './objects.ts'

const zone = process.env['TZ']
beforeEach(() => {
  process.env['TZ'] = 'Asia/Shanghai'
})
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

test.each([
  ['2026-03-01T00:09:10.000Z', 'Asia/Shanghai', '2026-03-01T08:09:10+08:00'],
  ['2026-03-01T00:09:10.120Z', 'Asia/Shanghai', '2026-03-01T08:09:10.120+08:00'],
  ['2025-12-31T23:00:00.000Z', 'Asia/Kolkata', '2026-01-01T04:30:00+05:30'],
  ['2026-01-01T02:00:00.000Z', 'America/St_Johns', '2025-12-31T22:30:00-03:30'],
  ['2026-01-01T02:00:00.000Z', 'UTC', '2026-01-01T02:00:00+00:00'],
])('formatTime() writes %s in %s as %s', (time, timeZone, written) => {
  process.env['TZ'] = timeZone
  expect(formatTime(new Date(time))).toBe(written)
  expect(new Date(written).toISOString()).toBe(time)
})

test.each([null, new Date(Number.NaN)])('formatTime() of %s is the year 1', (date) => {
  expect(formatTime(date)).toBe('0001-01-01T00:00:00Z')
})

test.each([
  ['a.MKV', 2],
  ['a.b.mp3', 3],
  ['.mkv', 2],
  ['mkv', 0],
  ['a.', 0],
  ['a.exe', 0],
] as const)('typeOfName() of %s is %i', (name, type) => {
  expect(
    typeOfName(
      name,
      new Map([
        ['mkv', 2],
        ['mp3', 3],
      ]),
    ),
  ).toBe(type)
})

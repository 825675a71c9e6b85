import { expect, test } from 'vitest'
import type { OptionSchema } from '../../core/options.ts'
import { keptMark, maskOptions, readAddition } from './secret-options.ts'

const help = { zh: '', en: '' }
const schema: OptionSchema = [
  { name: 'cookie', type: 'text', default: '', secret: true, help },
  { name: 'size', type: 'number', default: 1, min: 0, max: 9, help },
]
const noLogin = () => null

test('maskOptions() hides secrets that are set and nothing else', () => {
  expect(maskOptions({ cookie: 'a', size: 3 }, schema)).toEqual({ cookie: keptMark, size: 3 })
  expect(maskOptions({ cookie: '', size: 3 }, schema)).toEqual({ cookie: '', size: 3 })
})

test('maskOptions() hides every text when nobody knows which ones are secret', () => {
  expect(maskOptions({ a: 'x', b: 3, c: true, d: '' }, null)).toEqual({ a: keptMark, b: 3, c: true, d: '' })
})

test('readAddition() keeps the stored secret for its mark and takes a new one', () => {
  const stored = { cookie: 'old', size: 3 }
  expect(readAddition(`{"cookie":" ${keptMark} "}`, schema, stored, noLogin)).toEqual({
    cookie: 'old',
    size: 3,
  })
  expect(readAddition('{"cookie":"new","size":4}', schema, stored, noLogin)).toEqual({
    cookie: 'new',
    size: 4,
  })
  expect(readAddition('{"cookie":""}', schema, stored, noLogin)).toEqual({ cookie: '', size: 3 })
})

test('readAddition() takes an object in place of text, and drops what the driver does not know', () => {
  expect(readAddition({ cookie: 'x', access_token: 'y' }, schema, null, noLogin)).toEqual({
    cookie: 'x',
    size: undefined,
  })
})

test('readAddition() turns the handle of a login into its cookie', () => {
  const take = (handle: string) => (handle === 'qr-login:1' ? 'UID=1' : null)
  expect(readAddition('{"cookie":"qr-login:1"}', schema, null, take)['cookie']).toBe('UID=1')
  expect(() => readAddition('{"cookie":"qr-login:2"}', schema, null, take)).toThrow(/scan again/)
})

test.each([[{ size: 3 }], [{ cookie: '', size: 3 }], [null]])(
  'readAddition() refuses a mark when %j is stored: it is no cookie',
  (stored) => {
    expect(() => readAddition(`{"cookie":"${keptMark}"}`, schema, stored, noLogin)).toThrow(
      expect.objectContaining({ code: 400 }),
    )
  },
)

test.each(['{', '[]', '3', '"x"', 7, true])('readAddition() refuses %j without quoting it', (addition) => {
  const secret = `{"cookie":"hunter2`
  expect(() => readAddition(addition, schema, null, noLogin)).toThrow(expect.objectContaining({ code: 400 }))
  expect(() => readAddition(secret, schema, null, noLogin)).toThrow(expect.not.stringContaining('hunter2'))
})

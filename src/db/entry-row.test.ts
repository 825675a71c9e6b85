import { expect, test } from 'vitest'
import { entryId } from '../core/entry.ts'
import { entryFromText, entryParams, entryToText, idValue, textHash } from './entry-row.ts'

const entry = {
  id: entryId('1'),
  parentId: null,
  name: 'a',
  kind: 'file' as const,
  size: 3,
  modifiedAt: new Date(1_700_000_000_999),
  createdAt: null,
  hashes: { sha1: 'ab'.repeat(20) },
}

test.each(['0', '7', '2900000000000000001', '9223372036854775807'])(
  'idValue() of "%s" is the integer',
  (id) => {
    expect(idValue(entryId(id))).toBe(BigInt(id))
  },
)

test.each(['9223372036854775808', '007', '-1', '1.0', '1e3', '', 'abc', ' 1', '12345678901234567890'])(
  'idValue() of "%s" stays text',
  (id) => {
    expect(idValue(entryId(id))).toBe(id)
  },
)

test('textHash() is FNV-1a, signed', () => {
  expect(textHash('')).toBe(0x811c9dc5 | 0)
  expect(textHash('foobar')).toBe(0xbf9cf968 | 0)
})

test('entryParams() keeps hashes as bytes only where they come back unchanged', () => {
  const hashes = { sha1: 'AB'.repeat(20), md5: 'abc', sha256: '00ff' }
  const params = entryParams({ ...entry, hashes }, 5, entryId('2'))
  expect(params.slice(9, 12)).toEqual(['AB'.repeat(20), 'abc', Buffer.from([0, 255])])
})

test('entryParams() keeps an invalid date as unknown', () => {
  expect(entryParams({ ...entry, modifiedAt: new Date(Number.NaN) }, 5, entryId('2'))[7]).toBeNull()
})

test('entryFromText() reverses entryToText()', () => {
  const withNotes = { ...entry, native: { pick_code: 'abc' } }
  expect(entryFromText(entryToText(entry))).toEqual(entry)
  expect(entryFromText(entryToText(withNotes))).toEqual(withNotes)
})

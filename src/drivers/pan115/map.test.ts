import { expect, test } from 'vitest'
import { entryId } from '../../core/entry.ts'
import type { FileRow } from '../../upstream/pan115/wire.ts'
import { isSpeltAlike, toEntry } from './map.ts'

const row: FileRow = {
  id: '2500000000000000001',
  isDirectory: false,
  name: 'movie.mkv',
  size: 5,
  sha1: 'd1ab4c8c4fd8c7c634c9ba29ff752b0311dbe9c8',
  pickCode: 'abc',
  modifiedAt: new Date(1000),
  createdAt: null,
}

test('toEntry() carries the pickcode and everything else', () => {
  expect(toEntry(row, entryId('7'))).toEqual({
    id: row.id,
    parentId: '7',
    name: 'movie.mkv',
    kind: 'file',
    size: 5,
    modifiedAt: new Date(1000),
    createdAt: null,
    hashes: { sha1: row.sha1 },
    native: { pick_code: 'abc' },
  })
})

test('toEntry() makes a name one segment and leaves out what is not known', () => {
  const entry = toEntry({ ...row, isDirectory: true, name: 'a/b', sha1: '', pickCode: '' }, entryId('7'))
  expect(entry).toMatchObject({ kind: 'directory', name: 'a／b', hashes: {} })
  expect(entry.native).toBeUndefined()
})

test.each([
  ['films 2024 (HD)', true],
  ['电影【合集】', true],
  ['a／b', false],
  ['．．', false],
  ['a<b', false],
  ['"quoted"', false],
  ['🎬', false],
  [' led by a space', false],
])('isSpeltAlike() of %j is %s', (name, expected) => {
  expect(isSpeltAlike(name)).toBe(expected)
})

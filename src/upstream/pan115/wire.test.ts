import { expect, test } from 'vitest'
import { anything, assert, property, record } from 'fast-check'
import { asCount, asFlag, asId, asNumber, asObject, asTime, readFileRow, readShownTime } from './wire.ts'

const file = {
  fid: '2500000000000000001',
  cid: '2500000000000000100',
  n: 'movie.mkv',
  s: 1048593,
  sha: 'D1AB4C8C4FD8C7C634C9BA29FF752B0311DBE9C8',
  pc: 'abcdefghij0123456',
  t: '2023-11-14 22:13',
  te: '1700000000',
  tp: '1690000000',
}
const directory = { cid: '2500000000000000100', pid: '0', n: 'Movies', pc: 'fa3k2', t: '1700000000', fc: 0 }

test('readFileRow() reads a file', () => {
  expect(readFileRow(file)).toEqual({
    id: '2500000000000000001',
    isDirectory: false,
    name: 'movie.mkv',
    size: 1048593,
    sha1: 'd1ab4c8c4fd8c7c634c9ba29ff752b0311dbe9c8',
    pickCode: 'abcdefghij0123456',
    modifiedAt: new Date(1_700_000_000_000),
    createdAt: new Date(1_690_000_000_000),
  })
})

test('readFileRow() reads a directory, whose own id is `cid`', () => {
  const expected = { id: '2500000000000000100', isDirectory: true, name: 'Movies', size: null, sha1: '' }
  expect(readFileRow(directory)).toMatchObject(expected)
  expect(readFileRow({ ...directory, fc: undefined })).toMatchObject(expected)
})

test.each([
  ['size as text', { s: '1048593' }, { size: 1048593 }],
  ['size as float', { s: 1048593.0004 }, { size: 1048593 }],
  ['no size', { s: null }, { size: null }],
  ['negative size', { s: -1 }, { size: null }],
  ['name as number', { n: 2001 }, { name: '2001' }],
  ['name with a reference', { n: 'a[\u000260]b' }, { name: 'a<b' }],
  ['name only in `ns`', { n: null, ns: 'movie.mkv' }, { name: 'movie.mkv' }],
  ['times as numbers', { te: 1700000000, tp: 1690000000 }, { modifiedAt: new Date(1_700_000_000_000) }],
  ['only the shown time', { te: '' }, { modifiedAt: new Date('2023-11-14T14:13:00Z') }],
  ['no time at all', { te: 0, t: null, tp: {} }, { modifiedAt: null, createdAt: null }],
  ['no SHA-1', { sha: '' }, { sha1: '', isDirectory: false }],
  ['category as text', { fc: '1' }, { isDirectory: false }],
  ['an id that lost its digits', { fid: 2.5e18, pc: 'aruah4nua6cnlhgqn' }, { id: '2500000000000000001' }],
  ['unknown category', { fc: 'x' }, { isDirectory: false }],
])('readFileRow() survives %s', (_, change, expected) => {
  expect(readFileRow({ ...file, ...change })).toMatchObject(expected)
})

test.each([null, [], 'x', {}, { ...file, fid: 2.5e18, fc: 1 }, { ...file, n: '' }])(
  'readFileRow() gives null for %j',
  (value) => {
    expect(readFileRow(value)).toBeNull()
  },
)

test('readFileRow() never throws and keeps a row whose id and name are whole', () => {
  const changes = record(
    Object.fromEntries(['s', 'sha', 'pc', 't', 'te', 'tp', 'u', 'm'].map((key) => [key, anything()])),
  )
  assert(property(changes, (change) => readFileRow({ ...file, ...change })?.id === file.fid))
})

test('asId() refuses what lost its digits', () => {
  expect([asId('2500000000000000001'), asId(7), asId(2.5e21), asId('1.5'), asId(null)]).toEqual([
    '2500000000000000001',
    '7',
    '',
    '',
    '',
  ])
})

test('as…() decoders take numbers in every dress and nothing else', () => {
  expect([asNumber('1.5'), asNumber(''), asNumber([]), asNumber(Number.NaN)]).toEqual([1.5, null, null, null])
  expect([asCount('12'), asCount(1.9), asCount(-1), asCount('1e300')]).toEqual([12, 1, null, null])
  expect([asTime('0'), asTime(1), asTime('soon')]).toEqual([null, new Date(1000), null])
  expect([asFlag(1), asFlag('1'), asFlag('true'), asFlag(0), asFlag('no')]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect([asObject([]), asObject(null), asObject({ a: 1 })]).toEqual([null, null, { a: 1 }])
})

test('readShownTime() refuses impossible dates', () => {
  expect(readShownTime('2023-99-14 22:13')).toBeNull()
  expect(readShownTime('2023-11-14 22:13:20')).toEqual(new Date('2023-11-14T14:13:20Z'))
})

import { expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import { directoryInfo, fileInfo, findDirectoryId, listPage, oldestFirst } from './files.ts'
import { scriptedClient } from '../../../test/support/scripted-client.ts'

const query = { cid: '100', offset: 0, limit: 1150, order: oldestFirst, action: 'list "films"' }
const row = { fid: '7', cid: '100', n: 'a.mkv', s: 5, sha: '', pc: 'abc', te: '1700000000' }
const path = [
  { name: '根目录', cid: 0 },
  { name: 'films', cid: '100' },
]
const listing = { state: true, data: [row], count: '1', cid: 100, offset: 0, limit: 1150, path, errNo: 0 }

test('listPage() asks for children, oldest first, without leaving traces', async () => {
  const { client, requests } = scriptedClient(() => ({ json: listing }))
  const page = await listPage(client, query, makeCtx())
  expect(page).toMatchObject({ cid: '100', offset: 0, count: 1, unreadable: 0, order: oldestFirst })
  expect(page.rows.map((each) => each.name)).toEqual(['a.mkv'])
  expect(page.ancestors).toEqual([
    { id: '0', name: '根目录' },
    { id: '100', name: 'films' },
  ])
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toMatchObject({
    cid: '100',
    o: 'user_ptime',
    asc: '1',
    show_dir: '1',
    cur: '1',
    record_open_time: '0',
  })
})

test('listPage() counts the rows it could not read', async () => {
  const { client } = scriptedClient(() => ({ json: { ...listing, data: [row, null, { n: 'x' }] } }))
  expect(await listPage(client, query, makeCtx())).toMatchObject({ unreadable: 2, rows: [{ id: '7' }] })
})

test.each([
  ['its echo', { cid: '0' }, '0'],
  ['the path when there is no echo', { cid: null }, '100'],
  ['a file row', { cid: null, path: null }, '100'],
  ['a directory row', { cid: null, path: [], data: [{ cid: '5', pid: '9', n: 'x' }] }, '9'],
])('listPage() knows what was listed by %s', async (_, change, cid) => {
  const { client } = scriptedClient(() => ({ json: { ...listing, ...change } }))
  expect((await listPage(client, query, makeCtx())).cid).toBe(cid)
})

test.each([{ data: null }, { cid: null, path: null, data: [] }])('listPage() refuses %j', async (change) => {
  const { client } = scriptedClient(() => ({ json: { ...listing, ...change } }))
  await expect(listPage(client, query, makeCtx())).rejects.toMatchObject({ kind: 'Protocol' })
})

const conflict = { state: false, errNo: 20130827, order: 'file_name', is_asc: 0, data: [] }

test('listPage() repeats in the order that 115 insists on', async () => {
  const { client, requests } = scriptedClient((_, number) => ({ json: number === 0 ? conflict : listing }))
  const page = await listPage(client, query, makeCtx())
  expect(page.order).toEqual({ by: 'file_name', isAscending: false, host: 'webapi.115.com' })
  expect(requests[1]?.url.searchParams.get('o')).toBe('file_name')
  expect(requests[1]?.url.searchParams.get('asc')).toBe('0')
})

test('listPage() goes to the host for names when 115 insists again, and gives up then', async () => {
  const yielding = scriptedClient((request) => ({
    json: request.url.host === 'aps.115.com' ? listing : conflict,
  }))
  expect((await listPage(yielding.client, query, makeCtx())).order.host).toBe('aps.115.com')
  const stubborn = scriptedClient(() => ({ json: conflict }))
  await expect(listPage(stubborn.client, query, makeCtx())).rejects.toMatchObject({ kind: 'Protocol' })
  expect(stubborn.requests.length).toBe(3)
})

test.each([
  ['2500000000000000100', '2500000000000000100'],
  [0, null],
  ['0', null],
  [null, null],
])('findDirectoryId() reads id %j as %j', async (id, expected) => {
  const { client, requests } = scriptedClient(() => ({ json: { state: true, id } }))
  expect(await findDirectoryId(client, 'a/b c', makeCtx())).toBe(expected)
  expect(requests[0]?.url.searchParams.get('path')).toBe('a/b c')
})

test('fileInfo() gives the row or NotFound', async () => {
  const found = scriptedClient(() => ({ json: { state: true, data: [row] } }))
  expect(await fileInfo(found.client, '7', makeCtx())).toMatchObject({ id: '7', pickCode: 'abc' })
  const gone = scriptedClient(() => ({ json: { state: false, errno: 20018, data: [] } }))
  await expect(fileInfo(gone.client, '7', makeCtx())).rejects.toMatchObject({ kind: 'NotFound' })
})

test('directoryInfo() reads counts of any type and the way to the parent', async () => {
  const paths = [
    { file_id: 0, file_name: '根目录' },
    { file_id: 50, file_name: 'Media' },
  ]
  const json = { state: true, count: '12', folder_count: 3, file_name: 'Movies', paths }
  const { client } = scriptedClient(() => ({ json }))
  expect(await directoryInfo(client, '100', makeCtx())).toEqual({
    name: 'Movies',
    fileCount: 12,
    directoryCount: 3,
    ancestors: [
      { id: '0', name: '根目录' },
      { id: '50', name: 'Media' },
    ],
  })
})

test('directoryInfo() refuses an answer without a name', async () => {
  const { client } = scriptedClient(() => ({ json: { count: 0 } }))
  await expect(directoryInfo(client, '100', makeCtx())).rejects.toMatchObject({ kind: 'Protocol' })
})

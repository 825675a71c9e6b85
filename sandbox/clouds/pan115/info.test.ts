import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startTestSandbox,
  type TestAccount,
  type TestSandbox,
  type TrueEntry,
} from '../../../test/support/sandbox.ts'
import { clientOf, type ListReply, type TestClient } from '../../../test/support/sandbox-client.ts'

let test: TestSandbox
let account: TestAccount
let client: TestClient
let films: TrueEntry
let file: TrueEntry

beforeAll(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount()
  client = clientOf(test, account)
  await test.control.seed(account.account, [
    {
      name: '媒体',
      children: [
        {
          name: '电影',
          children: [
            { name: 'Star.mkv', size: 1500 },
            { name: 'notes', children: [] },
          ],
        },
      ],
    },
    { name: 'star list.txt', size: 10, modifiedAt: '2024-02-03T00:00:00Z' },
  ])
  films = await test.control.tree(account.account, '/媒体/电影')
  file = await test.control.tree(account.account, '/媒体/电影/Star.mkv')
})
afterAll(() => test.close())

describe('files/get_info', () => {
  it('finds by id and by pickcode', async () => {
    const row = { fid: file.id, cid: films.id, n: 'Star.mkv', s: 1500, sha: file.sha1, pc: file.pickcode }
    for (const params of [{ file_id: file.id }, { pick_code: file.pickcode }]) {
      expect(await client.get('webapi.115.com', '/files/get_info', params)).toMatchObject({
        state: true,
        data: [row],
        code: 0,
      })
    }
  })

  it('says 20018 for what is not there, and for the root', async () => {
    for (const file_id of ['2599999999999999999', '0']) {
      expect(await client.get('webapi.115.com', '/files/get_info', { file_id })).toEqual({
        state: false,
        error: '文件不存在或已删除。',
        errno: 20018,
        data: [],
      })
    }
  })
})

describe('files/file', () => {
  it('describes several entries and leaves unknown ones out', async () => {
    const reply = await client.get('webapi.115.com', '/files/file', { file_id: `${file.id},1,${films.id}` })
    expect(reply.data).toMatchObject([
      { file_id: file.id, file_name: 'Star.mkv', file_size: '1500', parent_id: films.id, sha1: file.sha1 },
      { file_id: films.id, file_name: '电影', sha1: '' },
    ])
  })
})

describe('category/get', () => {
  it('prints the way from the root with bare ids, and formatted sizes', async () => {
    const text = await (await client.fetch('webapi.115.com', '/category/get', { cid: films.id })).text()
    expect(text).toContain(
      `{"file_id":0,"file_name":"\\u6839\\u76ee\\u5f55"},{"file_id":${films.parentId},"file_name":`,
    )
    expect(JSON.parse(text)).toMatchObject({
      state: true,
      file_name: '电影',
      count: '1',
      folder_count: '1',
      size: '1.46KB',
      file_category: '0',
      pick_code: films.pickcode,
    })
  })

  it('describes files, and has no file_name for what is not there', async () => {
    expect(await client.get('webapi.115.com', '/category/get', { cid: file.id })).toMatchObject({
      file_category: '1',
      sha1: file.sha1,
      file_name: 'Star.mkv',
    })
    expect(await client.get('webapi.115.com', '/category/get', { cid: '1' })).toMatchObject({
      state: false,
      errno: 20018,
    })
  })
})

describe('paths', () => {
  it('files/getid finds directories; anything else is 0', async () => {
    const id = async (path: string) =>
      (await client.get<{ id: string }>('webapi.115.com', '/files/getid', { path })).id
    expect(await id('媒体/电影')).toBe(films.id)
    expect(await id('/媒体/电影/')).toBe(films.id)
    expect([await id('媒体/电影/Star.mkv'), await id('nowhere'), await id('/'), await id('')]).toEqual([
      '0',
      '0',
      '0',
      '0',
    ])
  })

  it('files/get_path_id looks up, and creates when asked to', async () => {
    const ask = (params: Record<string, string | number>) =>
      client.get('webapi.115.com', '/files/get_path_id', params)
    expect(await ask({ path: '电影', parent_id: films.parentId ?? '' })).toMatchObject({
      state: true,
      data: { file_id: films.id },
    })
    expect(await ask({ path: 'a/b' })).toMatchObject({ state: false, errno: 20018 })
    const made = await ask({ path: 'a/b', is_create: 1 })
    expect(made).toMatchObject({
      state: true,
      data: { file_id: (await test.control.tree(account.account, '/a/b')).id },
    })
  })
})

describe('files/search', () => {
  const search = (params: Record<string, string | number>) =>
    client.get('webapi.115.com', '/files/search', params)
  const names = (reply: ListReply) => reply.data.map((row) => row.n).toSorted()

  it('finds text below a directory, whatever its case', async () => {
    const everywhere = await search({ search_value: 'STAR' })
    expect([names(everywhere), everywhere.count]).toEqual([['Star.mkv', 'star list.txt'], 2])
    const below = await search({ search_value: 'star', cid: films.id })
    expect(below).toMatchObject({
      folder: { cid: films.id, name: '电影' },
      data: [{ n: 'Star.mkv', dp: '根目录/媒体/电影' }],
    })
  })

  it('finds a hash, filters by kind, type and day, and nothing without a text', async () => {
    expect(names(await search({ search_value: file.sha1 ?? '' }))).toEqual(['Star.mkv'])
    expect(names(await search({ search_value: 'o', fc: 1 }))).toEqual(['notes'])
    expect(names(await search({ search_value: 'star', type: 4 }))).toEqual(['Star.mkv'])
    expect(names(await search({ search_value: 'star', lte_day: '2024-02-03' }))).toEqual(['star list.txt'])
    expect(names(await search({ search_value: 'star', lte_day: '2024-02-02' }))).toEqual([])
    expect((await search({})).count).toBe(0)
  })

  it('reaches 10000 hits and no further', async () => {
    expect(await search({ search_value: 'x', offset: 9999, limit: 1 })).toMatchObject({ state: true })
    expect(await search({ search_value: 'x', offset: 9999, limit: 2 })).toMatchObject({
      state: false,
      errno: 990002,
    })
  })

  it('files/shasearch has one hit, or a text without a code', async () => {
    expect(await client.get('webapi.115.com', '/files/shasearch', { sha1: file.sha1 ?? '' })).toMatchObject({
      state: true,
      data: { fid: file.id },
    })
    expect(await client.get('webapi.115.com', '/files/shasearch', { sha1: '0'.repeat(40) })).toEqual({
      state: false,
      error: '文件错误',
    })
  })
})

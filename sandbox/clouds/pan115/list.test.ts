import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type SeedEntry,
  startTestSandbox,
  type TestAccount,
  type TestSandbox,
} from '../../../test/support/sandbox.ts'
import { clientOf, type ListReply, type TestClient } from '../../../test/support/sandbox-client.ts'

let test: TestSandbox
let account: TestAccount
let client: TestClient

beforeAll(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount()
  client = clientOf(test, account)
})
afterAll(() => test.close())

const idsOf = (reply: ListReply): string[] => reply.data.map((row) => row.fid ?? row.cid)
const namesOf = (reply: ListReply): string[] => reply.data.map((row) => row.n)

async function seedFolder(name: string, children: readonly SeedEntry[]): Promise<string> {
  const { ids } = await test.control.seed(account.account, [{ name, children }])
  return ids[0] ?? ''
}

describe('files', () => {
  it.each([
    [1149, [1149]],
    [1150, [1150]],
    [1151, [1150, 1]],
    [2300, [1150, 1150]],
    [2301, [1150, 1150, 1]],
  ])('serves %i entries in pages of %j, each entry once', async (count, pages) => {
    const cid = await seedFolder(`pages ${count}`, [{ name: 'f{n}.txt', count, size: 3, seed: 'same' }])
    const seen = new Set<string>()
    for (const [i, rows] of pages.entries()) {
      const reply = await client.files({ cid, limit: 5000, offset: i * 1150 })
      expect(reply).toMatchObject({ state: true, cid, count, offset: i * 1150, limit: 1150, page_size: 1150 })
      expect(reply.data).toHaveLength(rows)
      for (const id of idsOf(reply)) seen.add(id)
    }
    expect(seen.size).toBe(count)
  })

  it('has a page of 32 when no limit is given', async () => {
    const cid = await seedFolder('default page', [{ name: 'f{n}', count: 40, size: 1, seed: 'same' }])
    const reply = await client.files({ cid })
    expect([reply.data.length, reply.limit, reply.count]).toEqual([32, 32, 40])
  })

  it('answers an offset behind the end with no rows, the offset and the count', async () => {
    const cid = await seedFolder('end', [{ name: 'f{n}', count: 3, size: 1 }])
    expect(await client.files({ cid, offset: 3 })).toMatchObject({
      state: true,
      data: [],
      offset: 3,
      count: 3,
    })
  })

  it('lists the root for a cid that does not exist and for the id of a file', async () => {
    const [file] = (await test.control.seed(account.account, [{ name: 'root file', size: 1 }])).ids
    for (const cid of ['2599999999999999999', file ?? '']) {
      const reply = await client.files({ cid, limit: 1150 })
      expect(reply.cid).toBe('0')
      expect(reply.path).toEqual([{ name: '根目录', aid: 1, cid: 0, pid: 0, isp: 0 }])
      expect(idsOf(reply)).toContain(file)
    }
  })

  it('puts directories first unless fc_mix, and orders by name, size and time both ways', async () => {
    const cid = await seedFolder('order', [
      { name: 'b', size: 30, createdAt: 100 },
      { name: 'a', size: 20, createdAt: 300 },
      { name: 'c', children: [], createdAt: 200 },
    ])
    const names = async (params: Record<string, string | number>) =>
      namesOf(await client.files({ cid, ...params }))
    expect(await names({ o: 'file_name', asc: 1 })).toEqual(['c', 'a', 'b'])
    expect(await names({ o: 'file_name', asc: 0 })).toEqual(['c', 'b', 'a'])
    expect(await names({ o: 'file_name', asc: 1, fc_mix: 1 })).toEqual(['a', 'b', 'c'])
    expect(await names({ o: 'file_size', asc: 1 })).toEqual(['c', 'a', 'b'])
    expect(await names({ o: 'user_ptime', asc: 1, fc_mix: 1 })).toEqual(['b', 'c', 'a'])
    expect(await names({})).toEqual(['c', 'a', 'b'])
  })

  it('shows all files of the subtree with show_dir=0 and cur=0, and only its own with cur=1', async () => {
    const cid = await seedFolder('deep', [
      { name: 'top.txt', size: 1 },
      {
        name: 'x',
        children: [
          { name: 'mid.mkv', size: 1 },
          { name: 'y', children: [{ name: 'low.txt', size: 1 }] },
        ],
      },
    ])
    const names = async (params: Record<string, string | number>) =>
      namesOf(await client.files({ cid, o: 'file_name', asc: 1, ...params }))
    expect(await names({ show_dir: 0, cur: 0 })).toEqual(['low.txt', 'mid.mkv', 'top.txt'])
    expect(await names({ show_dir: 0, cur: 1 })).toEqual(['top.txt'])
    expect(await names({ type: 4 })).toEqual(['mid.mkv'])
    expect(await names({ suffix: 'txt', cur: 1 })).toEqual(['top.txt'])
    expect(await names({ nf: 1 })).toEqual(['x'])
  })

  it('sends the JSON types that strict clients need', async () => {
    const cid = await seedFolder('types', [
      { name: '电/影.mkv', size: 1048593, modifiedAt: 1700000000 },
      { name: 'd', children: [] },
    ])
    const text = await (await client.fetch('webapi.115.com', '/files', { cid })).text()
    expect(text).toContain('"n":"\\u7535\\/\\u5f71.mkv"')
    const reply = JSON.parse(text) as ListReply
    expect(reply).toMatchObject({ aid: '1', cid, count: 2, is_asc: 0, errNo: 0, order: 'user_ptime' })
    const [directory, file] = reply.data
    expect(directory).toMatchObject({
      cid: expect.stringMatching(/^25\d{17}$/),
      pid: cid,
      m: 0,
      fl: [],
      pc: expect.stringMatching(/^fa/),
    })
    expect(directory).not.toHaveProperty('fid')
    expect(file).toMatchObject({
      fid: expect.any(String),
      cid,
      s: 1048593,
      t: '2023-11-15 06:13',
      te: '1700000000',
      ico: 'mkv',
      iv: 1,
      play_long: 5400,
    })
    expect(file?.sha).toMatch(/^[0-9A-F]{40}$/)
  })

  it('refuses an order other than the stored one with 20130827, unless the client says its own wins', async () => {
    const cid = await seedFolder('stored', [{ name: 'a', size: 1 }])
    await test.control.change(account.account, { order: { id: cid, order: 'file_size', asc: 1 } })
    const conflict = await client.files({ cid, o: 'user_ptime', asc: 0 })
    expect(conflict).toMatchObject({ state: false, errNo: 20130827, order: 'file_size', is_asc: 1, data: [] })
    expect(await client.files({ cid, o: 'file_size', asc: 1 })).toMatchObject({ state: true, count: 1 })
    expect(await client.files({ cid, o: 'user_ptime', asc: 0, custom_order: 1 })).toMatchObject({
      state: true,
    })
  })

  it('shows a change made elsewhere at once', async () => {
    const cid = await seedFolder('fresh', [{ name: 'f{n}', count: 2, size: 1 }])
    const [first] = idsOf(await client.files({ cid }))
    await test.control.change(account.account, { remove: first ?? '' })
    expect((await client.files({ cid })).count).toBe(1)
  })
})

describe('natsort/files.php', () => {
  it('orders naturally and starts over behind 1200 rows', async () => {
    const cid = await seedFolder('natural', [{ name: 'f{n}', count: 1300, size: 1, seed: 'same' }])
    const page = (offset: number) =>
      client.get('aps.115.com', '/natsort/files.php', { cid, offset, limit: 1150, asc: 1 })
    const first = await page(0)
    expect(namesOf(first).slice(0, 11)).toEqual([
      'f1',
      'f2',
      'f3',
      'f4',
      'f5',
      'f6',
      'f7',
      'f8',
      'f9',
      'f10',
      'f11',
    ])
    expect((await page(1150)).data).toHaveLength(50)
    const wrapped = await page(1200)
    expect(wrapped).toMatchObject({ offset: 0, fc_mix: 1, count: 1300 })
    expect(namesOf(wrapped)[0]).toBe('f1')
  })
})

describe('app listings', () => {
  it('uses the names of the 2.0 generation, with fid for directories too', async () => {
    const cid = await seedFolder('app', [
      { name: 'a.mkv', size: 5 },
      { name: 'd', children: [] },
    ])
    const { data } = await client.get<{ data: { fid: string }[] }>(
      'proapi.115.com',
      '/android/2.0/ufile/files',
      {
        cid,
        limit: 7000,
        show_dir: 1,
      },
    )
    expect(data).toMatchObject([
      { fn: 'd', fc: '0', pid: cid },
      { fn: 'a.mkv', fc: '1', fs: '5', pid: cid },
    ])
    expect(data[0]?.fid).toMatch(/^25/)
  })

  it('uses the names of the older generation', async () => {
    const cid = await seedFolder('old app', [
      { name: 'a.mkv', size: 5 },
      { name: 'd', children: [] },
    ])
    const { data } = await client.get('proapi.115.com', '/android/files', { cid })
    expect(data).toMatchObject([
      { category_name: 'd', parent_id: cid },
      { file_name: 'a.mkv', category_id: cid, file_size: '5' },
    ])
  })

  it('breaks for a whole folder because of one absurdly long extension, and when a page does not fit', async () => {
    const cid = await seedFolder('long', [{ name: `a.${'x'.repeat(129)}`, size: 1 }])
    expect((await client.fetch('proapi.115.com', '/android/2.0/ufile/files', { cid })).status).toBe(500)
    expect((await client.files({ cid })).count).toBe(1)
    const big = await seedFolder('big', [{ name: 'f{n}', count: 7001, size: 1, seed: 'same' }])
    const status = async (limit: number) =>
      (await client.fetch('proapi.115.com', '/android/2.0/ufile/files', { cid: big, limit })).status
    expect([await status(7000), await status(7001)]).toEqual([200, 500])
  })
})

describe('strictness', () => {
  it('answers an unknown path, parameter or header with 501 naming it', async () => {
    const missing = async (response: Response) => [
      response.status,
      ((await response.json()) as { missing: string }).missing,
    ]
    expect(await missing(await client.fetch('webapi.115.com', '/nothing'))).toEqual([
      501,
      'path "/nothing" of webapi.115.com',
    ])
    expect(await missing(await client.fetch('webapi.115.com', '/files', { foo: 1 }))).toEqual([
      501,
      'parameter "foo" of webapi.115.com/files',
    ])
    const odd = await fetch(client.urlOf('webapi.115.com', '/files'), {
      headers: { ...client.headers, 'x-odd': '1' },
    })
    expect(await missing(odd)).toEqual([501, 'header "x-odd" of webapi.115.com/files'])
  })

  it('ignores unknown parameters when loose', async () => {
    const loose = await startTestSandbox({ loose: true })
    const other = clientOf(loose, await loose.control.createAccount())
    expect(await other.files({ foo: 1 })).toMatchObject({ state: true })
    await loose.close()
  })

  it('knows the interchangeable hosts', async () => {
    for (const [host, path] of [
      ['web.api.115.com', '/files'],
      ['115cdn.com', '/webapi/files'],
      ['115vod.com', '/webapi/files'],
    ] as const) {
      expect(await client.get(host, path, { cid: 0 })).toMatchObject({ state: true, cid: '0' })
    }
  })
})

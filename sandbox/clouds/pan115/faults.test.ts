import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestSandbox, type TestAccount, type TestSandbox } from '../../../test/support/sandbox.ts'
import { clientOf, type ListReply, type TestClient } from '../../../test/support/sandbox-client.ts'

let test: TestSandbox
let account: TestAccount
let client: TestClient

beforeEach(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount()
  client = clientOf(test, account)
  await test.control.seed(account.account, [{ name: 'f{n}.txt', count: 10, size: 7 }])
})
afterEach(() => test.close())

const ids = (reply: ListReply) => reply.data.map((row) => row.fid)
const page = (offset: number, limit = 4) => client.files({ offset, limit, o: 'file_name', asc: 1 })

describe('replies', () => {
  it('http, html and empty replace them', async () => {
    await test.control.fault({
      fault: 'http',
      status: 429,
      headers: { 'Retry-After': '7' },
      body: 'slow',
      times: 1,
    })
    const limited = await client.fetch('webapi.115.com', '/files')
    expect([limited.status, limited.headers.get('retry-after'), await limited.text()]).toEqual([
      429,
      '7',
      'slow',
    ])
    await test.control.fault({ fault: 'html', times: 1 })
    const page = await client.fetch('webapi.115.com', '/files')
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html>')])
    await test.control.fault({ fault: 'empty', times: 1 })
    const empty = await client.fetch('webapi.115.com', '/files')
    expect([empty.status, await empty.text()]).toEqual([200, ''])
  })

  it('soft says no with HTTP 200 under the chosen key', async () => {
    await test.control.fault({ fault: 'soft', errno: 590075, key: 'errNo', times: 1 })
    expect(await client.files({})).toEqual({ state: false, error: '操作太频繁，请稍候再试', errNo: 590075 })
  })

  it('truncate cuts JSON, honestly or with the length of the whole', async () => {
    await test.control.fault({ fault: 'truncate', times: 1 })
    const text = await (await client.fetch('webapi.115.com', '/files')).text()
    expect(() => JSON.parse(text)).toThrow()
    await test.control.fault({ fault: 'truncate', honest: false, bytes: 100, times: 1 })
    const cut = await client.fetch('webapi.115.com', '/files')
    expect(Number(cut.headers.get('content-length'))).toBeGreaterThan(1000)
    await expect(cut.text()).rejects.toThrow()
  })

  it('reset drops the connection, and hang never answers', async () => {
    await test.control.fault({ fault: 'reset', times: 1 })
    await expect(client.fetch('webapi.115.com', '/files')).rejects.toThrow()
    await test.control.fault({ fault: 'hang', times: 1 })
    const leave = new AbortController()
    const hanging = fetch(client.urlOf('webapi.115.com', '/files'), {
      headers: client.headers,
      signal: leave.signal,
    })
    await expect
      .poll(async () => (await test.control.log()).at(-1))
      .toMatchObject({ durationMs: null, status: 0 })
    leave.abort()
    await expect(hanging).rejects.toThrow()
    await expect
      .poll(async () => (await test.control.log()).at(-1))
      .toMatchObject({ aborted: true, status: 0 })
  })

  it('slow waits in virtual time', async () => {
    await test.control.freeze(true)
    await test.control.fault({ fault: 'slow', ms: 60_000, times: 1 })
    const late = client.files({})
    await expect.poll(async () => (await test.control.log()).at(-1)?.durationMs).toBeNull()
    await test.control.advance(60_000)
    expect(await late).toMatchObject({ state: true })
  })

  it('match, after and times choose the requests', async () => {
    await test.control.fault({
      fault: 'http',
      status: 500,
      after: 1,
      times: 1,
      match: { class: 'list', host: 'webapi.115.com' },
    })
    const statuses: number[] = []
    for (const path of ['/files', '/files/get_info?file_id=1', '/files', '/files']) {
      statuses.push((await client.fetch('webapi.115.com', path)).status)
    }
    expect(statuses).toEqual([200, 200, 500, 200])
  })
})

describe('the firewall', () => {
  it('answers 405 with a page for the account and host after the limit, until it has cooled', async () => {
    await test.control.freeze(true)
    await test.control.fault({ fault: 'waf.account', limit: 3, windowMs: 10_000, coolMs: 60_000 })
    const status = async (host = 'webapi.115.com') => (await client.fetch(host, '/files')).status
    expect([await status(), await status(), await status()]).toEqual([200, 200, 200])
    const blocked = await client.fetch('webapi.115.com', '/files')
    expect([blocked.status, await blocked.text()]).toEqual([
      405,
      expect.stringMatching(/^<!doctypehtml>.*<title>405<\/title>/),
    ])
    expect(await status('web.api.115.com')).toBe(200)
    expect((await client.fetch('my.115.com', '/?ct=guide&ac=status')).status).toBe(200)
    const other = clientOf(test, await test.control.createAccount())
    expect((await other.fetch('webapi.115.com', '/files')).status).toBe(200)
    await test.control.advance(59_999)
    expect(await status()).toBe(405)
    await test.control.advance(1)
    expect(await status()).toBe(200)
  })

  it('lets any number of calls pass that are slow enough', async () => {
    await test.control.freeze(true)
    await test.control.fault({ fault: 'waf.account', limit: 2, windowMs: 1000, coolMs: 60_000 })
    for (let i = 0; i < 8; i++) {
      expect((await client.fetch('webapi.115.com', '/files')).status).toBe(200)
      await test.control.advance(500)
    }
  })

  it('is closed at 60 listings in 10 s unless told otherwise', async () => {
    await test.control.setLimits({ firewall: { limit: 60, windowMs: 10_000, coolMs: 300_000 } })
    await test.control.freeze(true)
    const statuses: number[] = []
    for (let i = 0; i < 61; i++) statuses.push((await client.fetch('webapi.115.com', '/files')).status)
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([60, 405])
  })
})

describe('listings', () => {
  it('list.cap lowers the page, list.phantom raises the count', async () => {
    await test.control.fault({ fault: 'list.cap', n: 3 })
    expect(await client.files({ limit: 100 })).toMatchObject({ limit: 3, page_size: 3, data: { length: 3 } })
    await test.control.fault({ fault: 'list.phantom', n: 5 })
    expect((await client.files({})).count).toBe(15)
  })

  it('list.wrap starts over behind the end, list.repeat never leaves the first page', async () => {
    const first = await page(0)
    await test.control.fault({ fault: 'list.wrap', times: 1 })
    const wrapped = await page(12)
    expect([wrapped['offset'], ids(wrapped)]).toEqual([0, ids(first)])
    await test.control.fault({ fault: 'list.repeat' })
    const repeated = await page(4)
    expect([repeated['offset'], ids(repeated)]).toEqual([4, ids(first)])
  })

  it('list.emptyPage has a count but no rows', async () => {
    await test.control.fault({ fault: 'list.emptyPage', afterPage: 1 })
    expect([(await page(0)).data.length, await page(4)]).toMatchObject([4, { data: [], count: 10 }])
  })

  it('list.shuffle changes the order between requests, and loses nothing within one', async () => {
    await test.control.fault({ fault: 'list.shuffle' })
    const [one, two] = [await page(0, 10), await page(0, 10)]
    expect(ids(one)).not.toEqual(ids(two))
    expect(new Set(ids(one))).toEqual(new Set(ids(two)))
  })

  it('list.removeDuring and list.addDuring change the folder after a page', async () => {
    const [, second] = ids(await page(0))
    await test.control.fault({ fault: 'list.removeDuring', cid: '0', afterPage: 1, id: second })
    expect(ids(await page(0))).toContain(second)
    expect((await page(4)).count).toBe(9)
    await test.control.clearFaults()
    await test.control.fault({ fault: 'list.addDuring', cid: '0', afterPage: 2, name: 'new' })
    expect([(await page(0)).count, (await page(4)).count, (await page(8)).count]).toEqual([9, 9, 10])
  })

  it('list.order insists on another order', async () => {
    await test.control.fault({ fault: 'list.order', order: 'file_name', asc: 1 })
    expect(await client.files({ o: 'user_ptime', asc: 0 })).toMatchObject({
      state: false,
      errNo: 20130827,
      order: 'file_name',
      is_asc: 1,
    })
    expect(await page(0)).toMatchObject({ state: true })
  })

  it('list.badrow spoils one row only', async () => {
    const good = await page(0)
    await test.control.fault({ fault: 'list.badrow', at: 1 })
    const { data } = await page(0)
    expect(data[1]).toEqual({ fid: {}, cid: [], n: null })
    expect([data[0], data[2], data[3]]).toEqual([good.data[0], good.data[2], good.data[3]])
  })
})

describe('types.drift', () => {
  it('changes types and drops optional fields, but no meaning', async () => {
    const straight = await client.files({ limit: 10 })
    await test.control.fault({ fault: 'types.drift', seed: 'a' })
    const text = await (await client.fetch('webapi.115.com', '/files', { show_dir: 1, limit: 10 })).text()
    // Bare ids of 19 digits do not survive JSON.parse: that is what clients must cope with.
    expect(text).toMatch(/"(fid|cid)":25\d{17}[,}]/)
    expect(text).toMatch(/:\d+\.0[,}]/)
    const drifted = JSON.parse(text.replace(/:(25\d{17})([,}])/g, ':"$1"$2')) as ListReply
    expect(
      drifted.data.map(({ fid, n, sha, pc, s }) => ({ fid: String(fid), n, sha, pc, s: Number(s) })),
    ).toEqual(straight.data.map(({ fid, n, sha, pc, s }) => ({ fid, n, sha, pc, s })))
    expect(new Set(drifted.data.map(({ s }) => typeof s))).toEqual(new Set(['number', 'string']))
    expect(drifted['state']).toBe(true)
  })

  it('is the same again with the same seed and request', async () => {
    const texts: string[] = []
    for (let i = 0; i < 2; i++) {
      const twin = await startTestSandbox({ seed: 'twin' })
      const other = await twin.control.createAccount()
      await twin.control.seed(other.account, [{ name: 'x{n}', count: 5, size: 5, modifiedAt: 1700000000 }])
      await twin.control.fault({ fault: 'types.drift', seed: 'b' })
      texts.push(await (await clientOf(twin, other).fetch('webapi.115.com', '/files', { cid: 0 })).text())
      await twin.close()
    }
    expect(texts[0]).toBe(texts[1])
  })
})

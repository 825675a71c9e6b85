import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startTestSandbox,
  type TestAccount,
  type TestSandbox,
  type TrueEntry,
} from '../../../test/support/sandbox.ts'
import { clientOf, type TestClient } from '../../../test/support/sandbox-client.ts'

const AGENT = 'Mozilla/5.0 115Browser/35.6.0.3'
const FILE_BYTES = 300_000

let test: TestSandbox
let account: TestAccount
let client: TestClient
let film: TrueEntry
let folder: TrueEntry

beforeEach(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount({ devices: ['web', 'android'] })
  client = clientOf(test, account)
  await test.control.seed(account.account, [
    { name: '电影 1.mkv', size: FILE_BYTES, modifiedAt: 1700000000 },
    { name: 'folder', children: [] },
  ])
  film = await test.control.tree(account.account, '/电影 1.mkv')
  folder = await test.control.tree(account.account, '/folder')
})
afterEach(() => test.close())

async function link(): Promise<string> {
  const { data } = await client.chromeLink(film.pickcode)
  return data?.[film.id]?.url.url ?? ''
}

const open = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(url, { method, headers: { 'user-agent': AGENT, ...headers } })

describe('app/chrome/downurl', () => {
  it('seals name, size, hash and a link bound to the User-Agent', async () => {
    const { reply, data } = await client.chromeLink(film.pickcode)
    expect(reply).toMatchObject({ state: true, msg: '', errno: 0 })
    expect(data).toMatchObject({
      [film.id]: {
        file_name: '电影 1.mkv',
        file_size: String(FILE_BYTES),
        pick_code: film.pickcode,
        sha1: film.sha1,
      },
    })
    const url = new URL(data?.[film.id]?.url.url ?? '')
    expect(url.pathname).toMatch(/^\/cdnfhnfile\.115cdn\.net\/[0-9a-f]{40}\/%E7%94%B5%E5%BD%B1%201\.mkv$/)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      u: account.account,
      c: '2',
      f: '1',
      k: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    const lifeMs = Number(url.searchParams.get('t')) * 1000 - (await test.control.advance(0))
    expect(lifeMs).toBeGreaterThan(3_590_000)
    expect(lifeMs).toBeLessThanOrEqual(3_600_000)
  })

  it('answers several pickcodes, url false for a directory', async () => {
    const { data } = await client.chromeLink(`${film.pickcode},${folder.pickcode}`)
    expect(Object.keys(data ?? {}).sort()).toEqual([film.id, folder.id].sort())
    expect(data?.[folder.id]).toMatchObject({ url: false, file_size: 0 })
  })

  it('reads the id out of a pickcode whatever its stable point is', async () => {
    const other = await test.control.createAccount()
    await test.control.seed(other.account, [{ name: 'x', size: 1 }])
    const theirs = await test.control.tree(other.account, '/x')
    expect((await client.chromeLink(theirs.pickcode)).reply).toMatchObject({ state: false, errno: 50003 })
    expect((await client.chromeLink('')).reply).toMatchObject({ state: false, errno: 50001, data: [] })
    expect((await client.chromeLink('nonsense')).reply).toMatchObject({
      state: false,
      errno: 50003,
      error: '很抱歉，该文件提取码不存在。',
    })
  })

  it('refuses what does not decode', async () => {
    expect(await client.post('proapi.115.com', '/app/chrome/downurl', { data: 'AAAA' })).toMatchObject({
      state: false,
      errno: 1001,
    })
  })
})

describe('{app}/2.0/ufile/download', () => {
  it('refuses browser logins with 99 and gives others a link', async () => {
    const fields = { pick_code: film.pickcode }
    expect((await client.m115('/android/2.0/ufile/download', fields)).reply).toMatchObject({
      state: false,
      errno: 99,
    })
    const { data } = await clientOf(test, account, 'android').m115<{ url: string }>(
      '/os_windows/2.0/ufile/download',
      fields,
    )
    expect((await open(data?.url ?? '')).status).toBe(200)
  })
})

describe('files/download', () => {
  it('gives a link that wants its cookie, and a one-shot link that wants nothing', async () => {
    const response = await client.fetch('webapi.115.com', '/files/download', {
      pickcode: film.pickcode,
      dl: 1,
    })
    const reply = (await response.json()) as { file_url: string; file_url_302: string }
    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toMatch(
      /^[0-9a-f]{32}=[0-9a-f]{32}; expires=.*; Max-Age=978; path=\/[0-9a-f]{40}\/; domain=115\.com$/,
    )
    expect(new URL(reply.file_url).searchParams.get('f')).toBe('3')
    const refused = await open(reply.file_url)
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('no cookie value')])
    expect((await open(reply.file_url, { cookie: cookie.slice(0, 65) })).status).toBe(200)
    expect((await open(reply.file_url_302, { 'user-agent': 'other' })).status).toBe(200)
    expect((await open(reply.file_url_302)).status).toBe(403)
  })

  it('answers sealed when asked sealed', async () => {
    const { reply, data, cookies } = await client.m115<{ file_url: string }>(
      '/files/download',
      { pickcode: film.pickcode },
      'webapi.115.com',
    )
    expect(reply).toMatchObject({ state: true })
    expect(data).toMatchObject({ state: true, file_id: film.id, pickcode: film.pickcode })
    expect((await open(data?.file_url ?? '', { cookie: cookies[0]?.slice(0, 65) ?? '' })).status).toBe(200)
  })

  it('refuses directories with 70004 and files over 200 MB with 50028', async () => {
    await test.control.seed(account.account, [
      { name: 'edge', size: 200 * 1024 * 1024, seed: 'edge' },
      { name: 'big', size: 268435456, seed: 'large' },
    ])
    const ask = async (path: string) => {
      const { pickcode } = await test.control.tree(account.account, path)
      return client.get('webapi.115.com', '/files/download', { pickcode })
    }
    expect(await ask('/folder')).toMatchObject({ state: false, errno: 70004 })
    expect(await ask('/big')).toMatchObject({ state: false, errno: 50028 })
    expect(await ask('/edge')).toMatchObject({ state: true })
  })
})

describe('the CDN', () => {
  it('serves the very bytes whose hash the listing shows', async () => {
    const response = await open(await link())
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-length')).toBe(String(FILE_BYTES))
    expect(response.headers.get('accept-ranges')).toBe('bytes')
    expect(createHash('sha1').update(bytes).digest('hex').toUpperCase()).toBe(film.sha1)
  })

  it('serves single ranges, at both borders and from the end', async () => {
    const url = await link()
    const whole = Buffer.from(await (await open(url)).arrayBuffer())
    const ranges: [range: string, start: number, end: number][] = [
      ['bytes=0-0', 0, 0],
      ['bytes=0-', 0, FILE_BYTES - 1],
      [`bytes=${FILE_BYTES - 1}-`, FILE_BYTES - 1, FILE_BYTES - 1],
      ['bytes=100000-200000', 100_000, 200_000],
      ['bytes=-5', FILE_BYTES - 5, FILE_BYTES - 1],
      [`bytes=5-${FILE_BYTES * 2}`, 5, FILE_BYTES - 1],
    ]
    for (const [range, start, end] of ranges) {
      const response = await open(url, { range })
      expect(response.status).toBe(206)
      expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${FILE_BYTES}`)
      expect(whole.subarray(start, end + 1).equals(Buffer.from(await response.arrayBuffer()))).toBe(true)
    }
  })

  it('answers 416 behind the end and serves the whole file for what is no single range', async () => {
    const url = await link()
    const beyond = await open(url, { range: `bytes=${FILE_BYTES}-` })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${FILE_BYTES}`])
    for (const range of ['bytes=0-1,5-6', 'bytes=5-2', 'lines=1-2']) {
      const response = await open(url, { range })
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, FILE_BYTES])
    }
  })

  it('answers HEAD without a body, and honours If-Range', async () => {
    const url = await link()
    const head = await open(url, {}, 'HEAD')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(FILE_BYTES),
      '',
    ])
    const etag = head.headers.get('etag') ?? ''
    const same = await open(url, { range: 'bytes=0-9', 'if-range': etag })
    const other = await open(url, { range: 'bytes=0-9', 'if-range': '"other"' })
    expect([same.status, other.status]).toEqual([206, 200])
    await Promise.all([same.arrayBuffer(), other.arrayBuffer()])
  })

  it('refuses another User-Agent, a changed link, an unknown link and one that has expired', async () => {
    const url = await link()
    expect((await open(url, { 'user-agent': 'other' })).status).toBe(403)
    expect((await open(url.replace(/k=[0-9a-f]{4}/, 'k=0000'))).status).toBe(403)
    expect((await open(url.replace(/t=\d/, 't=9'))).status).toBe(403)
    expect((await open(url.replace(/net\/[0-9a-f]{4}/, 'net/0000'))).status).toBe(403)
    await test.control.advance(3_590_000)
    expect((await open(url, {}, 'HEAD')).status).toBe(200)
    await test.control.advance(11_000)
    expect((await open(url, {}, 'HEAD')).status).toBe(403)
  })

  it('refuses a third download at once, and serves again when one has ended', async () => {
    await test.control.fault({ fault: 'cdn.stall', afterBytes: 10, times: 2 })
    const url = await link()
    const leave = new AbortController()
    const held = [0, 1].map(() => fetch(url, { headers: { 'user-agent': AGENT }, signal: leave.signal }))
    expect((await Promise.all(held)).map((response) => response.status)).toEqual([200, 200])
    expect((await open(url)).status).toBe(403)
    leave.abort()
    await untilEnded(2)
    expect((await open(url)).status).toBe(200)
    expect(
      (await test.control.log()).filter((line) => line.class === 'cdn').map((line) => line.cdn?.connections),
    ).toEqual([1, 2, 3, 1])
  })

  it('counts what it had sent when the client left', async () => {
    await test.control.fault({ fault: 'cdn.stall', afterBytes: 1000 })
    const leave = new AbortController()
    await fetch(await link(), { headers: { 'user-agent': AGENT }, signal: leave.signal })
    leave.abort()
    await untilEnded(1)
    const lines = await test.control.log()
    expect(lines.at(-1)).toMatchObject({
      class: 'cdn',
      account: account.account,
      bytesOut: 1000,
      aborted: true,
      status: 200,
    })
  })
})

async function untilEnded(aborted: number): Promise<void> {
  await expect
    .poll(
      async () =>
        (await test.control.log()).filter((line) => line.aborted && line.durationMs !== null).length,
    )
    .toBe(aborted)
}

describe('link faults', () => {
  it('link.policy sets life, connections and binding', async () => {
    await test.control.fault({ fault: 'link.policy', lifeMs: 5000, c: 0, f: 3 })
    const { data, cookies } = await client.chromeLink(film.pickcode)
    const url = data?.[film.id]?.url
    expect(new URL(url?.url ?? '').searchParams.get('c')).toBe('0')
    expect((await open(url?.url ?? '')).status).toBe(403)
    const { name, value } = url?.auth_cookie ?? { name: '', value: '' }
    expect(cookies[0]).toContain(`${name}=${value}; `)
    expect((await open(url?.url ?? '', { cookie: `${name}=${value}` }, 'HEAD')).status).toBe(200)
    await test.control.advance(5000)
    expect((await open(url?.url ?? '', { cookie: `${name}=${value}` }, 'HEAD')).status).toBe(403)
  })

  it('link.policy without binding serves any User-Agent', async () => {
    await test.control.fault({ fault: 'link.policy', f: '' })
    expect((await open(await link(), { 'user-agent': 'other' })).status).toBe(200)
  })

  it('link.none and link.refuse take the link away', async () => {
    await test.control.fault({ fault: 'link.none', times: 1 })
    expect((await client.chromeLink(film.pickcode)).data?.[film.id]).toMatchObject({ url: false })
    await test.control.fault({ fault: 'link.refuse', errno: 911, times: 1 })
    expect((await client.chromeLink(film.pickcode)).reply).toMatchObject({
      state: false,
      errno: 911,
      error: '请验证账号',
    })
  })

  it('cdn.status and cdn.cut break the download', async () => {
    const url = await link()
    await test.control.fault({ fault: 'cdn.status', status: 503, times: 1 })
    expect((await open(url)).status).toBe(503)
    await test.control.fault({ fault: 'cdn.cut', afterBytes: 70_000, times: 1 })
    const cut = await open(url)
    expect([cut.status, cut.headers.get('content-length')]).toEqual([200, String(FILE_BYTES)])
    let received = 0
    await expect(async () => {
      for await (const chunk of cut.body ?? []) received += chunk.length
    }).rejects.toThrow()
    expect(received).toBe(70_000)
    expect((await test.control.log()).at(-1)).toMatchObject({ bytesOut: 70_000, cut: true, aborted: false })
  })
})

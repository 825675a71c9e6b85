import { request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buffer } from 'node:stream/consumers'
import { makeCtx } from '../../core/ctx.ts'
import type { Driver } from '../../core/driver.ts'
import type { Entry } from '../../core/entry.ts'
import type { Link, UrlLink } from '../../core/link.ts'
import { listAll, openPan115Mounts } from '../../../test/support/pan115-mount.ts'
import type { Pan115Mounts } from '../../../test/support/pan115-mount.ts'
import { startTestSandbox } from '../../../test/support/sandbox.ts'
import type { TestAccount, TestSandbox } from '../../../test/support/sandbox.ts'
import { toLink } from './link.ts'

const ctx = makeCtx()
const reader = { userAgent: 'Infuse-Direct/8.1', clientIp: null }
const content = Buffer.from('a film, shortened')

let test115: TestSandbox
let mounts: Pan115Mounts
let account: TestAccount
let driver: Driver
let film: Entry
let folder: Entry

beforeAll(async () => {
  test115 = await startTestSandbox()
  mounts = await openPan115Mounts(test115)
  account = await test115.control.createAccount()
  const { blob } = await test115.control.pushBlob(content)
  await test115.control.seed(account.account, [
    { name: 'film.mkv', blob },
    { name: 'films', children: [{ name: 'x', size: 1 }] },
  ])
  driver = mounts.mount({ cookie: account.cookies.alipaymini }).driver
  const { entries } = await listAll(driver)
  film = named(entries, 'film.mkv')
  folder = named(entries, 'films')
})

afterEach(() => test115.control.clearFaults())

afterAll(async () => {
  await mounts.close()
  await test115.close()
})

function named(entries: readonly Entry[], name: string): Entry {
  const found = entries.find((entry) => entry.name === name)
  if (!found) throw new Error(`no "${name}"`)
  return found
}

async function urlLink(want = reader): Promise<UrlLink> {
  const link = await driver.link(film, want, ctx)
  if (link.kind !== 'url') throw new Error('not a url')
  return link
}

/** What a reader gets who keeps to the link's rules, plus `more`. */
async function read(link: UrlLink, more: Record<string, string> = {}) {
  const response = await fetch(link.url, { headers: { ...link.headers, ...more } })
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
}

test('link() costs one request and opens to the reader it was made for', async () => {
  await test115.control.resetLog()
  const link = await urlLink()
  const log = await test115.control.log()
  expect(log.map((line) => [line.class, line.userAgent])).toEqual([['link', reader.userAgent]])
  expect(link.headers).toEqual({ 'user-agent': reader.userAgent })
  expect(link.boundTo).toEqual(['userAgent'])
  expect(await read(link)).toEqual({ status: 200, body: content })
  expect((await read(link, { 'user-agent': 'somebody else' })).status).toBe(403)
})

test('link() for a reader that sends no User-Agent opens to it', async () => {
  const link = await urlLink({ userAgent: '', clientIp: null })
  const response = await request(link.url, { headers: link.headers })
  expect([response.statusCode, await response.body.text()]).toEqual([200, content.toString()])
})

test('link() says until when and how many at once', async () => {
  await test115.control.fault({ fault: 'link.policy', c: 3, lifeMs: 600_000 })
  const before = Date.now()
  const link = await urlLink()
  expect(link.maxConnections).toBe(3)
  expect(Math.abs((link.expiresAt?.getTime() ?? 0) - before - 600_000)).toBeLessThan(5000)
})

test('link() with c=0 has no limit of connections', async () => {
  await test115.control.fault({ fault: 'link.policy', c: 0 })
  expect((await urlLink()).maxConnections).toBeNull()
})

test('link() that demands nothing is bound to nothing and opens to anybody', async () => {
  await test115.control.fault({ fault: 'link.policy', f: '' })
  const link = await urlLink()
  expect({ headers: link.headers, boundTo: link.boundTo }).toEqual({ headers: {}, boundTo: [] })
  expect((await read(link, { 'user-agent': 'somebody else' })).status).toBe(200)
})

test('link() that demands a cookie brings the one issued with it, never the account cookie', async () => {
  await test115.control.fault({ fault: 'link.policy', f: '3' })
  const link = await urlLink()
  expect(Object.keys(link.headers).sort()).toEqual(['cookie', 'user-agent'])
  expect(link.headers.cookie).not.toMatch(/UID|CID|SEID|KID/)
  expect(await read(link)).toEqual({ status: 200, body: content })
  expect((await read({ ...link, headers: { 'user-agent': reader.userAgent } })).status).toBe(403)
})

test('link() of a directory is IsADirectory, without asking 115', async () => {
  await test115.control.resetLog()
  await expect(driver.link(folder, reader, ctx)).rejects.toMatchObject({ kind: 'IsADirectory' })
  expect(await test115.control.log()).toEqual([])
})

test('link() looks the pickcode up when the entry has none', async () => {
  const { native: _, ...bare } = film
  const link = await driver.link(bare, reader, ctx)
  expect(link.kind).toBe('url')
})

test('link() of a file that is gone is NotFound', async () => {
  const { ids } = await test115.control.seed(account.account, [{ name: 'gone.mkv', size: 5 }])
  const gone = named((await listAll(driver)).entries, 'gone.mkv')
  await test115.control.change(account.account, { remove: ids[0] ?? '' })
  await expect(driver.link(gone, reader, ctx)).rejects.toMatchObject({ kind: 'NotFound' })
})

test('link() of a file that 115 has nothing for is NotFound, and an empty file reads as empty', async () => {
  await test115.control.fault({ fault: 'link.none' })
  await expect(driver.link(film, reader, ctx)).rejects.toMatchObject({ kind: 'NotFound' })
  const link = await driver.link({ ...film, size: 0 }, reader, ctx)
  expect(await bytesOf(link)).toEqual(Buffer.alloc(0))
})

async function bytesOf(link: Link): Promise<Buffer> {
  if (link.kind !== 'stream') throw new Error('not a stream')
  await expect(link.open({ start: 0, end: 0 }, ctx)).rejects.toMatchObject({ kind: 'RangeNotSatisfiable' })
  return buffer(await link.open(null, ctx))
}

test('link() by a login that may only browse says so and leaves browsing alone', async () => {
  const limited = await test115.control.createAccount()
  await test115.control.seed(limited.account, [{ name: 'a.mkv', size: 5 }])
  const mounted = mounts.mount({ cookie: limited.cookies.alipaymini }).driver
  const { entries } = await listAll(mounted)
  await test115.control.fault({ fault: 'session.caps', account: limited.account, caps: ['list'] })
  await expect(mounted.link(named(entries, 'a.mkv'), reader, ctx)).rejects.toMatchObject({
    kind: 'PermissionDenied',
    advice: 'scan-with-app-client',
    upstream: { code: '99' },
  })
  expect((await listAll(mounted)).entries.length).toBe(1)
})

test('link() by a login that has ended says so', async () => {
  const ended = await test115.control.createAccount()
  await test115.control.seed(ended.account, [{ name: 'a.mkv', size: 5 }])
  const mounted = mounts.mount({ cookie: ended.cookies.alipaymini }).driver
  const { entries } = await listAll(mounted)
  await test115.control.fault({ fault: 'session.expire', account: ended.account })
  const ask = () => mounted.link(named(entries, 'a.mkv'), reader, ctx)
  await expect(ask()).rejects.toMatchObject({ kind: 'AuthExpired', advice: 'log-in-again' })
  // Known to be dead, it is not sent again for the next file.
  await test115.control.resetLog()
  await expect(ask()).rejects.toMatchObject({ kind: 'AuthExpired', advice: 'log-in-again' })
  expect(await test115.control.log()).toEqual([])
})

test.each([
  [50038, 'PermissionDenied'],
  [50003, 'NotFound'],
  [911, 'VerificationRequired'],
  [590075, 'RateLimited'],
])('link() refused with %i is %s', async (errno, kind) => {
  await test115.control.fault({ fault: 'link.refuse', errno })
  await expect(driver.link(film, reader, ctx)).rejects.toMatchObject({
    kind,
    upstream: { code: String(errno) },
  })
})

test('toLink() is careful with a link that does not say its rules', () => {
  const found = {
    url: 'https://cdn/x',
    expiresAt: null,
    maxConnections: null,
    demands: 'user-agent',
    cookie: '',
  }
  expect(toLink({ ...found, demands: 'user-agent' }, 'UA', 1000)).toEqual({
    kind: 'url',
    url: 'https://cdn/x',
    headers: { 'user-agent': 'UA' },
    expiresAt: new Date(1000 + 5 * 60_000),
    maxConnections: 2,
    boundTo: ['userAgent'],
  })
})

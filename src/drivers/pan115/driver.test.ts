import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import { supports } from '../../core/driver.ts'
import type { Driver } from '../../core/driver.ts'
import { normaliseOptions, parseOptions } from '../../core/options.ts'
import { listAll, openPan115Mounts } from '../../../test/support/pan115-mount.ts'
import type { Pan115Mounts } from '../../../test/support/pan115-mount.ts'
import { startTestSandbox } from '../../../test/support/sandbox.ts'
import type { TestAccount, TestSandbox } from '../../../test/support/sandbox.ts'
import { pan115Driver } from './index.ts'

const ctx = makeCtx()

let test115: TestSandbox
let mounts: Pan115Mounts
let account: TestAccount
let cookie: string
let filmsId: string
let innerId: string
let fileId: string

beforeAll(async () => {
  test115 = await startTestSandbox()
  mounts = await openPan115Mounts(test115)
  account = await test115.control.createAccount()
  cookie = account.cookies.alipaymini ?? ''
  const [films = '', file = ''] = (
    await test115.control.seed(account.account, [
      { name: 'films', children: [] },
      { name: 'a.mkv', size: 5 },
    ])
  ).ids
  const [inner = ''] = (
    await test115.control.seed(
      account.account,
      [{ name: '2024 年', children: [{ name: 'b.mkv', size: 6 }] }],
      films,
    )
  ).ids
  filmsId = films
  innerId = inner
  fileId = file
})

afterEach(() => test115.control.clearFaults())

afterAll(async () => {
  await mounts.close()
  await test115.close()
})

/** How many requests `run` makes. */
async function counted<T>(run: () => Promise<T>): Promise<{ value: T; requests: number }> {
  await test115.control.resetLog()
  const value = await run()
  return { value, requests: (await test115.control.log()).length }
}

test('root() of the whole drive and of a folder take one request each', async () => {
  const drive = mounts.mount({ cookie }).driver
  const folder = mounts.mount({ cookie, root_folder_id: filmsId }).driver
  expect(await counted(() => drive.root(ctx))).toMatchObject({ value: { id: '0' }, requests: 1 })
  expect(await counted(() => folder.root(ctx))).toMatchObject({
    value: { id: filmsId, name: 'films', kind: 'directory', parentId: null },
    requests: 1,
  })
  expect((await listAll(folder)).entries.map((entry) => entry.name)).toEqual(['2024 年'])
})

test.each([
  ['does not exist', () => '2999999999999999999'],
  ['is a file', () => fileId],
])('root() of a cid that %s is NotFound, and so is listing it', async (_, cid) => {
  const { driver } = mounts.mount({ cookie, root_folder_id: cid() })
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'NotFound', advice: 'check-folder-id' })
  await expect(listAll(driver)).rejects.toMatchObject({ kind: 'NotFound' })
})

test('list() refuses a folder that was moved out of the mounted one', async () => {
  const { driver } = mounts.mount({ cookie, root_folder_id: filmsId })
  const [moving] = (await test115.control.seed(account.account, [{ name: 'moving', children: [] }], filmsId))
    .ids
  const entry = (await listAll(driver)).entries.find(({ id }) => id === moving)
  if (!entry) throw new Error('"moving" is not listed')
  await test115.control.change(account.account, { move: { id: entry.id, to: '0' } })
  await expect(listAll(driver, entry)).rejects.toMatchObject({ kind: 'NotFound' })
})

test('findDirectory() finds any depth in one request, from either root', async () => {
  const drive = mounts.mount({ cookie }).driver
  const folder = mounts.mount({ cookie, root_folder_id: filmsId }).driver
  await folder.root(ctx)
  const fromDrive = await counted(() => find(drive, ['films', '2024 年']))
  const fromFolder = await counted(() => find(folder, ['2024 年']))
  expect(fromDrive).toMatchObject({ value: { id: innerId, name: '2024 年' }, requests: 1 })
  expect(fromFolder).toMatchObject({ value: { id: innerId }, requests: 1 })
  if (!fromFolder.value) throw new Error('not found')
  expect((await listAll(folder, fromFolder.value)).entries.map(({ name }) => name)).toEqual(['b.mkv'])
})

test('findDirectory() learns the way to a root folder that was not looked at yet', async () => {
  const folder = mounts.mount({ cookie, root_folder_id: filmsId }).driver
  expect(await find(folder, ['2024 年'])).toMatchObject({ id: innerId })
})

test('findDirectory() gives null for what is not there, a file, and names that 115 spells otherwise', async () => {
  const drive = mounts.mount({ cookie }).driver
  expect(await find(drive, ['films', 'nowhere'])).toBeNull()
  expect(await find(drive, ['a.mkv'])).toBeNull()
  const silent = await counted(() => Promise.all([find(drive, ['a／b']), find(drive, [' films'])]))
  expect(silent).toEqual({ value: [null, null], requests: 0 })
})

function find(driver: Driver, names: readonly string[]) {
  if (!supports(driver, 'findDirectory')) throw new Error('no findDirectory')
  return driver.findDirectory(names, ctx)
}

test('usage() gives bytes that add up', async () => {
  const roomy = await test115.control.createAccount({ space: 1_000_000 })
  await test115.control.seed(roomy.account, [{ name: 'x', size: 1000 }])
  const { driver } = mounts.mount({ cookie: roomy.cookies.alipaymini })
  expect(await driver.usage?.(ctx)).toEqual({ totalBytes: 1_000_000, usedBytes: 1000, freeBytes: 999_000 })
})

test.each<[string, (line: string) => string]>([
  ['a header line', (line) => `Cookie: ${line}`],
  ['a trailing semicolon and line breaks', (line) => `${line.replaceAll('; ', ';\n')};\n`],
  ['quotes', (line) => `"${line}"`],
  [
    'an exported list',
    (line) =>
      JSON.stringify(
        line.split('; ').map((pair) => ({ name: pair.split('=')[0], value: pair.split('=')[1] })),
      ),
  ],
  ['no KID', (line) => line.replace(/; KID=.*/, '')],
])('a cookie pasted as %s logs in', async (_, dress) => {
  const { driver } = mounts.mount({ cookie: dress(cookie) })
  expect(await driver.root(ctx)).toMatchObject({ id: '0' })
})

test.each([
  [{}, 'Option "cookie" or "qrcode_token" must not be empty'],
  [{ cookie: 'UID=1_A1_2; CID=x' }, 'Cookie lacks SEID'],
  [{ cookie: 'UID=1_A1_2; CID=x; SEID=y', root_folder_id: 'films' }, 'Option "root_folder_id" is "films"'],
  [{ cookie: 'UID=1_A1_2; CID=x; SEID=y', page_size: 2000 }, 'Option "page_size"'],
])('create() refuses %j', (options, message) => {
  expect(() => mounts.mount(options)).toThrow(message)
})

test('a login that was ended is AuthExpired, and then not sent again', async () => {
  const ended = await test115.control.createAccount()
  const { driver } = mounts.mount({ cookie: ended.cookies.alipaymini })
  await driver.root(ctx)
  await test115.control.fault({ fault: 'session.kick', account: ended.account })
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'AuthExpired', advice: 'log-in-again' })
})

test('an unknown login is AuthExpired with code 99', async () => {
  const { driver } = mounts.mount({ cookie: 'UID=77_R2_1700000000; CID=a; SEID=b; KID=c' })
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'AuthExpired', upstream: { code: '99' } })
})

test('a login of a withdrawn client gives the words of 115 and what to do', async () => {
  const { driver } = mounts.mount({ cookie })
  const error = '登录失败，系统已下架！如果你有电脑端的使用需求，我们诚挚邀请你下载体验115产品专属客户端'
  await test115.control.fault({ fault: 'soft', errno: 0, error, match: { class: 'list' } })
  await expect(driver.root(ctx)).rejects.toMatchObject({
    kind: 'AuthExpired',
    advice: 'choose-other-client',
    upstream: { message: error },
  })
})

test.each([
  ['waf.page', 'RateLimited', { status: 405 }],
  ['html', 'Protocol', {}],
  ['empty', 'Unavailable', {}],
])('an answer of the kind "%s" is %s and never an empty folder', async (fault, kind, upstream) => {
  // The way of the account is closed by the first block, so each case has its own account.
  const own = await test115.control.createAccount()
  const { driver } = mounts.mount({ cookie: own.cookies.alipaymini })
  const root = await driver.root(ctx)
  await test115.control.fault({ fault, match: { class: 'list' } })
  const error: unknown = await listAll(driver, root).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ kind, upstream })
  expect(String(error)).not.toMatch(/[<>]/)
})

test.each([true, false])(
  'an answer that is cut off (with an honest length: %s) is Unavailable',
  async (honest) => {
    const own = await test115.control.createAccount()
    await test115.control.seed(own.account, [{ name: 'x{n}', count: 50, size: 1 }])
    const { driver } = mounts.mount({ cookie: own.cookies.alipaymini })
    const root = await driver.root(ctx)
    await test115.control.fault({ fault: 'truncate', honest, match: { class: 'list' } })
    await expect(listAll(driver, root)).rejects.toMatchObject({ kind: 'Unavailable' })
  },
)

test('dispose() ends the asking', async () => {
  const { driver } = mounts.mount({ cookie })
  await driver.dispose()
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'Unavailable' })
})

test('dispose() ends a listing that is under way, before its next request', async () => {
  const { driver } = mounts.mount({ cookie, page_size: 1 })
  const root = await driver.root(ctx)
  await test115.control.resetLog()
  const read = async () => {
    for await (const page of driver.list(root, ctx)) {
      expect(page.entries).toHaveLength(1)
      await driver.dispose()
    }
  }
  await expect(read()).rejects.toMatchObject({ kind: 'Unavailable' })
  expect((await test115.control.log()).length).toBe(1)
})

test('options keep the names and the order of AList and load what it has stored', () => {
  const names = pan115Driver.options.map((option) => option.name)
  expect(names).toEqual([
    'cookie',
    'qrcode_token',
    'qrcode_source',
    'page_size',
    'limit_rate',
    'root_folder_id',
  ])
  const stored = { qrcode_source: 'linux', page_size: 1000, limit_rate: '2', root_folder_id: '0' }
  expect(normaliseOptions(pan115Driver.options, stored)).toMatchObject({
    qrcode_source: 'linux',
    limit_rate: 2,
  })
  expect(parseOptions(pan115Driver.options, {})).toMatchObject({ page_size: 1150, root_folder_id: '0' })
  expect(pan115Driver.name).toBe('115 Cloud')
})

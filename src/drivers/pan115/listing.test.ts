import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import type { Driver } from '../../core/driver.ts'
import { entryId } from '../../core/entry.ts'
import type { Entry } from '../../core/entry.ts'
import { listAll, openPan115Mounts } from '../../../test/support/pan115-mount.ts'
import type { Pan115Mounts } from '../../../test/support/pan115-mount.ts'
import { startTestSandbox } from '../../../test/support/sandbox.ts'
import type { TestAccount, TestSandbox } from '../../../test/support/sandbox.ts'
import { toBareDirectory } from './map.ts'

let test115: TestSandbox
let mounts: Pan115Mounts
let account: TestAccount
let driver: Driver

beforeAll(async () => {
  test115 = await startTestSandbox()
  mounts = await openPan115Mounts(test115)
  account = await test115.control.createAccount()
  driver = mounts.mount({ cookie: account.cookies.alipaymini }).driver
})

afterEach(() => test115.control.clearFaults())

afterAll(async () => {
  await mounts.close()
  await test115.close()
})

/** A directory with `count` files, and what the sandbox says is in it. */
async function directoryOf(count: number): Promise<{ directory: Entry; ids: readonly string[] }> {
  const { control } = test115
  const name = `d${Math.random().toString(36).slice(2)}`
  const [id = ''] = (await control.seed(account.account, [{ name, children: [] }])).ids
  if (count === 0) return { directory: toBareDirectory(id, name, null), ids: [] }
  const files = await control.seed(account.account, [{ name: 'f{n}.bin', count, size: 10 }], id)
  return { directory: toBareDirectory(id, name, null), ids: files.ids }
}

/** Lists `directory` and counts the requests that took. */
async function listCounted(directory: Entry) {
  await test115.control.resetLog()
  const listed = await listAll(driver, directory)
  const log = await test115.control.log()
  return { ...listed, ids: listed.entries.map((entry) => String(entry.id)), requests: log.length }
}

const sorted = (ids: readonly string[]) => [...ids].sort()

test.each([
  [0, 1],
  [1, 1],
  [100, 1],
  [1000, 1],
  [1149, 1],
  [1150, 1],
  [1151, 2],
  [1199, 2],
  [1200, 2],
  [1201, 2],
  [2300, 2],
  [10_000, 9],
])('list() gives exactly %i entries by %i requests', async (count, requests) => {
  const { directory, ids } = await directoryOf(count)
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect({ requests: listed.requests, missing: listed.missing }).toEqual({ requests, missing: 0 })
})

test('list() gives 100,000 entries by 87 requests, each once', async () => {
  const [id = ''] = (await test115.control.seed(account.account, [{ name: 'huge', children: [] }])).ids
  await test115.control.seed(account.account, { flat: 100_000 }, id)
  const listed = await listCounted(toBareDirectory(id, 'huge', null))
  expect(new Set(listed.ids).size).toBe(100_000)
  expect({ requests: listed.requests, all: listed.ids.length }).toEqual({ requests: 87, all: 100_000 })
}, 120_000)

test('list() pages by the size that was set', async () => {
  const small = mounts.mount({ cookie: account.cookies.alipaymini, page_size: 40 })
  const { directory, ids } = await directoryOf(100)
  const listed = await listAll(small.driver, directory)
  expect(listed.pages.map((page) => page.entries.length)).toEqual([40, 40, 20])
  expect(sorted(listed.entries.map((entry) => entry.id))).toEqual(sorted(ids))
})

test('list() agrees with the truth about every entry', async () => {
  const { control } = test115
  const fresh = await control.createAccount()
  await control.seed(fresh.account, [
    { name: 'a.bin', size: 5, modifiedAt: 1_700_000_000, createdAt: 1_690_000_000 },
    { name: 'empty.bin', size: 0 },
    { name: 'dir', children: [{ name: 'inner', size: 1 }] },
    { name: '🎬 [x] <&>"%41.mp4', size: 7 },
  ])
  const truth = await control.tree(fresh.account)
  const { entries } = await listAll(mounts.mount({ cookie: fresh.cookies.alipaymini }).driver)
  const seen = entries.map(({ id, name, kind, size, hashes, native, modifiedAt }) => ({
    id: String(id),
    name,
    kind,
    size,
    sha1: hashes.sha1?.toUpperCase() ?? null,
    pickcode: native?.pick_code,
    modifiedAt: (modifiedAt?.getTime() ?? 0) / 1000,
  }))
  const expected = (truth.children ?? []).map(({ id, name, kind, size, sha1, pickcode, modifiedAt }) => ({
    id,
    name,
    kind,
    size: kind === 'file' ? size : null,
    sha1: kind === 'file' ? sha1 : null,
    pickcode,
    modifiedAt,
  }))
  const byId = (one: { id: string }, other: { id: string }) => one.id.localeCompare(other.id)
  expect(seen.sort(byId)).toEqual(expected.sort(byId))
})

test('list() says how many rows stay hidden, after two more requests', async () => {
  const { directory, ids } = await directoryOf(20)
  await test115.control.fault({ fault: 'list.phantom', n: 3 })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect(listed.missing).toBe(3)
  expect(listed.requests).toBeLessThanOrEqual(3)
  expect(listed.pages.slice(0, -1).every((page) => page.missing === 0)).toBe(true)
})

test('list() finds all when a page repeats the one before', async () => {
  const { directory, ids } = await directoryOf(3000)
  await test115.control.fault({ fault: 'list.repeat', after: 1, times: 1 })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect(listed.requests).toBe(4)
})

test('list() ends and counts what is missing when every page repeats the first', async () => {
  const { directory, ids } = await directoryOf(3000)
  await test115.control.fault({ fault: 'list.repeat' })
  const listed = await listCounted(directory)
  expect(new Set(listed.ids).size).toBe(listed.ids.length)
  // The first page from either end is all that such a cloud gives.
  expect({ missing: listed.missing, requests: listed.requests }).toEqual({ missing: 700, requests: 4 })
  expect(listed.ids.length + listed.missing).toBe(ids.length)
})

test('list() reads from the other end what comes as empty pages', async () => {
  const { directory, ids } = await directoryOf(2000)
  await test115.control.fault({ fault: 'list.emptyPage', afterPage: 1 })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect({ missing: listed.missing, requests: listed.requests }).toEqual({ missing: 0, requests: 3 })
})

test('list() ends when the listing begins anew behind its end', async () => {
  const { directory, ids } = await directoryOf(2300)
  await test115.control.fault({ fault: 'list.wrap' })
  await test115.control.fault({ fault: 'list.phantom', n: 3 })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect({ missing: listed.missing, requests: listed.requests }).toEqual({ missing: 3, requests: 4 })
})

test('list() gets everything from a cloud that gives smaller pages than asked for', async () => {
  const { directory, ids } = await directoryOf(1200)
  await test115.control.fault({ fault: 'list.cap', n: 500 })
  const listed = await listCounted(directory)
  expect(listed.ids.length).toBe(new Set(listed.ids).size)
  expect(listed.ids.length + listed.missing).toBe(ids.length)
})

test('list() loses nothing when an entry goes away while it pages', async () => {
  const { directory, ids } = await directoryOf(2500)
  const [gone = '', ...rest] = ids
  await test115.control.fault({ fault: 'list.removeDuring', cid: directory.id, afterPage: 1, id: gone })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids.filter((id) => id !== gone))).toEqual(sorted(rest))
  expect(listed.missing).toBe(0)
  expect(listed.requests).toBe(4)
})

test('list() shows what is added while it pages, and nothing twice', async () => {
  const { directory, ids } = await directoryOf(2300)
  await test115.control.fault({ fault: 'list.addDuring', cid: directory.id, afterPage: 1, name: 'new.bin' })
  const listed = await listCounted(directory)
  expect(listed.ids.length).toBe(new Set(listed.ids).size)
  expect(listed.entries.filter((entry) => entry.name === 'new.bin').length).toBe(1)
  expect(sorted(listed.ids).length).toBe(ids.length + 1)
})

test('list() says NotFound when the directory goes away while it pages', async () => {
  const { directory } = await directoryOf(2500)
  await test115.control.fault({
    fault: 'list.removeDuring',
    cid: directory.id,
    afterPage: 1,
    id: directory.id,
  })
  await expect(listAll(driver, directory)).rejects.toMatchObject({ kind: 'NotFound' })
})

test('list() is not moved by an order stored with the directory', async () => {
  const { directory, ids } = await directoryOf(1200)
  await test115.control.fault({ fault: 'list.order', order: 'file_name', asc: 1 })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
})

test('list() asks once more when 115 insists on an order', async () => {
  const { directory, ids } = await directoryOf(10)
  await test115.control.fault({ fault: 'soft', errno: 20130827, key: 'errNo', times: 1 })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect(listed.requests).toBe(2)
})

test('list() keeps to the order that 115 insists on, and asks once for each further page', async () => {
  const { directory, ids } = await directoryOf(2400)
  await test115.control.fault({ fault: 'list.order', order: 'file_name', asc: 0, always: true })
  const listed = await listCounted(directory)
  expect(sorted(listed.ids)).toEqual(sorted(ids))
  expect(listed.requests).toBe(4)
})

test.each(['1', '2', '3', '4', '5'])('list() keeps all rows when types drift (seed %s)', async (seed) => {
  const { directory } = await directoryOf(60)
  const facts = (entries: readonly Entry[]) =>
    entries.map(({ id, name, kind, native }) => ({ id, name, kind, native }))
  const straight = await listCounted(directory)
  await test115.control.fault({ fault: 'types.drift', seed, bareIds: true })
  const drifted = await listCounted(directory)
  expect(facts(drifted.entries)).toEqual(facts(straight.entries))
  expect(drifted.entries.map((entry) => entry.size)).toEqual(straight.entries.map((entry) => entry.size))
})

test('list() drops one row that cannot be read and says that it is missing', async () => {
  const { directory, ids } = await directoryOf(20)
  await test115.control.fault({ fault: 'list.badrow', at: 3 })
  const warnings: object[] = []
  const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => warnings.push(fields) }
  const entries: Entry[] = []
  let missing = 0
  for await (const page of driver.list(directory, makeCtx({ log }))) {
    entries.push(...page.entries)
    missing = page.missing
  }
  expect(missing).toBe(1)
  expect(entries.length).toBe(ids.length - 1)
  expect(warnings).toMatchObject([{ cid: directory.id, rows: 1 }])
})

test('list() refuses what is no directory, without asking 115', async () => {
  const file: Entry = { ...toBareDirectory('7', 'a.mkv', entryId('0')), kind: 'file' }
  await test115.control.resetLog()
  await expect(listAll(driver, file)).rejects.toMatchObject({ kind: 'NotADirectory' })
  expect(await test115.control.log()).toEqual([])
})

test('list() of a directory that was deleted is NotFound, never the root of the drive', async () => {
  const { directory } = await directoryOf(3)
  await test115.control.change(account.account, { remove: directory.id })
  await expect(listAll(driver, directory)).rejects.toMatchObject({ kind: 'NotFound' })
})

test('list() stops asking when its reader stops', async () => {
  const { directory } = await directoryOf(3000)
  await test115.control.resetLog()
  for await (const page of driver.list(directory, makeCtx())) {
    expect(page.entries.length).toBe(1150)
    break
  }
  expect((await test115.control.log()).length).toBe(1)
})

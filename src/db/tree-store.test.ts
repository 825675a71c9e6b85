import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fileEntry, manyEntries, namesIn, recordListing } from '../../test/contract/entry-store.ts'
import { type Entry, entryId } from '../core/entry.ts'
import type { EntryStore } from '../core/entry-store.ts'
import { sliceRows } from './generations.ts'
import { migrate } from './migrate.ts'
import { treeMigrations } from './migrations/tree.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'
import { createEntryStores, type EntryStores, openTree } from './tree-store.ts'

const films = entryId('1')
const music = entryId('2')

describe('createEntryStores()', () => {
  let folder: string
  let path: string
  let database: SqliteDatabase
  let stores: EntryStores
  let store: EntryStore
  const failures: unknown[] = []

  const rows = (table: string) => database.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n

  async function open(): Promise<void> {
    database = await openSqlite({ path, synchronous: 'normal', busyTimeoutMs: 0 })
    await migrate(database, path, treeMigrations)
    stores = createEntryStores(database, (error) => failures.push(error))
    store = stores.forStorage(1)
  }

  /** Waits for removals in the background. */
  async function removed(left: number): Promise<void> {
    for (let turn = 0; turn < 1000 && rows('entry') !== left; turn++) await nextTurn()
    expect(rows('entry')).toBe(left)
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-tree-'))
    path = join(folder, 'tree.db')
    failures.length = 0
    await open()
  })
  afterEach(async () => {
    await stores.close()
    await rm(folder, { recursive: true })
    expect(failures).toEqual([])
  })

  test('what is remembered survives closing and opening', async () => {
    await recordListing(store, films, manyEntries(600), { listedAtMs: 5, missing: 1 })
    await stores.close()
    await open()
    expect(await store.remembered(films)).toEqual({ listedAtMs: 5, count: 600, missing: 1 })
    expect(await namesIn(store, films)).toEqual(manyEntries(600).map(({ name }) => name))
  })

  test('storages do not see each other', async () => {
    await recordListing(store, films, manyEntries(3))
    const other = stores.forStorage(2)
    expect(await other.remembered(films)).toBeNull()
    expect(await other.entry(entryId('3000000000000000000'))).toBeNull()
    await recordListing(other, films, manyEntries(2, 'other'))
    await other.forgetAll()
    expect(await namesIn(store, films)).toHaveLength(3)
  })

  test('25,000 entries are recorded, shown, replaced and dropped without a long transaction', async () => {
    const slices = watchSlices(database)
    await recordListing(store, films, manyEntries(25_000))
    expect(slices.rows.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(25_000)
    await recordListing(store, films, manyEntries(1, 'new'))
    await removed(1)
    await recordListing(store, music, manyEntries(25_000))
    await stores.drop(1)
    expect([rows('entry'), rows('listing')]).toEqual([0, 0])
    // The rows of a slice, and the two of the listing it belongs to.
    expect(Math.max(...slices.rows)).toBeLessThanOrEqual(sliceRows + 2)
    // A recording and a removal may share a turn, each with one slice.
    expect(slices.sameTurn).toBeLessThanOrEqual(2)
  })

  test('a listing that fits into one slice costs one transaction', async () => {
    const slices = watchSlices(database)
    await recordListing(store, films, manyEntries(200))
    expect(slices.rows).toHaveLength(1)
  })

  test('a replaced listing goes once its last reader has ended', async () => {
    await recordListing(store, films, manyEntries(900, 'old'))
    const reader = store.children(films, 100)[Symbol.asyncIterator]()
    const other = store.children(films, 100)[Symbol.asyncIterator]()
    await reader.next()
    await other.next()
    await recordListing(store, films, manyEntries(1, 'new'))
    await other.return?.()
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(rows('entry')).toBe(901)
    const rest: Entry[] = []
    for (let page = await reader.next(); !page.done; page = await reader.next())
      rest.push(...page.value.entries)
    expect(rest).toHaveLength(800)
    await removed(1)
  })

  test('a recording that fails shows nothing, ends, and leaves nothing behind', async () => {
    await recordListing(store, films, manyEntries(2, 'old'))
    const recording = store.record(films)
    const broken = manyEntries(600).map((entry, i) => (i === 550 ? { ...entry, size: {} as never } : entry))
    await expect(recording.add([...broken, ...manyEntries(200)])).rejects.toMatchObject({ kind: 'Internal' })
    await expect(recording.commit({ listedAtMs: 1, missing: 0 })).rejects.toThrow('its recording is over')
    expect(await namesIn(store, films)).toEqual(['old 0.mkv', 'old 1.mkv'])
    await removed(2)
  })

  test('a number given up with its transaction never takes a later listing with it', async () => {
    const bad = [fileEntry({ name: 'bad', size: {} as never })]
    const recording = store.record(films)
    await recording.add(bad)
    await expect(recording.commit({ listedAtMs: 1, missing: 0 })).rejects.toMatchObject({ kind: 'Internal' })
    await recordListing(store, films, manyEntries(3))
    await stores.sweep()
    expect(await namesIn(store, films)).toHaveLength(3)
  })

  test('entries added without waiting are all in the listing', async () => {
    const recording = store.record(films)
    const adding = recording.add(manyEntries(2000))
    await recording.commit({ listedAtMs: 1, missing: 0 })
    await adding
    expect(await namesIn(store, films)).toHaveLength(2000)
    expect((await store.remembered(films))?.count).toBe(2000)
  })

  test('sweep() removes what a crash left, and not what is being recorded', async () => {
    await recordListing(store, films, manyEntries(5))
    await store.record(music).add(manyEntries(600))
    await stores.close()
    await open()
    expect(rows('entry')).toBe(505)
    const recording = store.record(music)
    await recording.add(manyEntries(300, 'now'))
    await stores.sweep()
    await recording.commit({ listedAtMs: 2, missing: 0 })
    expect(await namesIn(store, music)).toHaveLength(300)
    expect(rows('entry')).toBe(305)
  })

  test('storageIds() names every storage something is remembered of', async () => {
    await recordListing(stores.forStorage(7), films, [])
    await recordListing(stores.forStorage(3), films, manyEntries(1))
    await recordListing(stores.forStorage(3), music, manyEntries(1))
    const directory = fileEntry({ name: 'dir', kind: 'directory' })
    await stores.forStorage(9).rememberShortcut(['a', 'b'], { directory, foundAtMs: 1 })
    expect(await stores.storageIds()).toEqual([3, 7, 9])
    await stores.drop(9)
    expect(await stores.storageIds()).toEqual([3, 7])
  })

  test('only the latest thousand shortcuts are kept', async () => {
    const directory = fileEntry({ name: 'dir', kind: 'directory' })
    for (let i = 0; i < 1005; i++) {
      await store.rememberShortcut(['films', String(i)], { directory, foundAtMs: i })
    }
    expect(await store.shortcut(['films', '4'])).toBeNull()
    expect((await store.shortcut(['films', '5']))?.foundAtMs).toBe(5)
  })

  test('the root stays known, however many shortcuts come and go', async () => {
    const directory = fileEntry({ name: 'dir', kind: 'directory' })
    await store.rememberShortcut([], { directory, foundAtMs: 1 })
    for (let i = 0; i < 1005; i++) {
      await store.rememberShortcut(['films', String(i)], { directory, foundAtMs: i })
    }
    await store.forget(films)
    expect(await store.shortcut(['films', '1004'])).toBeNull()
    expect((await store.shortcut([]))?.foundAtMs).toBe(1)
    await store.forgetAll()
    expect(await store.shortcut([])).toBeNull()
  })

  test('an entry takes at most 200 bytes on disk', async () => {
    for (let i = 0; i < 8; i++) {
      const directory = entryId(`290000000000000000${i}`)
      await recordListing(store, directory, cloudEntries(directory, 2500, i))
    }
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    expect((await stat(path)).size / (8 * 2500)).toBeLessThanOrEqual(200)
  })

  test('listings, children and entries are found by an index', async () => {
    await recordListing(store, films, manyEntries(2))
    const all = vi.spyOn(database, 'all')
    await store.child(films, 'file 1.mkv')
    await store.entry(films)
    await namesIn(store, films)
    const statements = all.mock.calls.map(([sql]) => sql)
    all.mockRestore()
    expect(statements).toHaveLength(5)
    for (const sql of statements) {
      const plan = database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail)
      expect(
        plan.filter((step) => step.startsWith('SCAN')),
        sql,
      ).toEqual([])
      expect(
        plan.filter((step) => step.startsWith('SEARCH')),
        sql,
      ).not.toEqual([])
    }
  })
})

test('openTree() refuses a file of a newer program', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'panport-tree-'))
  const path = join(folder, 'tree.db')
  await (await openTree(path)).close()
  const database = await openSqlite({ path, synchronous: 'normal', busyTimeoutMs: 0 })
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(openTree(path)).rejects.toMatchObject({ kind: 'Conflict' })
  await rm(folder, { recursive: true })
})

/** Entries as 115 gives them: 19 digits, a Chinese name, SHA-1, two times, a pick code. */
function cloudEntries(parentId: Entry['id'], count: number, folder: number): Entry[] {
  return manyEntries(count).map((entry, i) => ({
    ...entry,
    parentId,
    id: entryId(String(3_000_000_000_000_000_000n + BigInt(folder * count + i) * 1_000_003n)),
    name: `第${i}集 某某电视剧.S01E${i}.1080p.mkv`,
    size: 1_000_000_000 + i * 777_777,
    modifiedAt: new Date(1_700_000_000_000 + i * 61_000),
    createdAt: new Date(1_690_000_000_000 + i * 59_000),
    hashes: { sha1: i.toString(16).padStart(4, '0').repeat(10) },
    native: { pick_code: `abcdefghijk${String(i).padStart(6, '0')}` },
  }))
}

/** How many rows each transaction changed, and how many transactions ran in one turn of the event loop at most. */
function watchSlices(database: SqliteDatabase) {
  const seen = { rows: [] as number[], sameTurn: 0 }
  let changed = 0
  let inTurn = 0
  const run = database.run.bind(database)
  const transact = database.transact.bind(database)
  vi.spyOn(database, 'run').mockImplementation((...args) => {
    const result = run(...args)
    changed += Number(result.changes)
    return result
  })
  vi.spyOn(database, 'transact').mockImplementation((work) => {
    changed = 0
    const result = transact(work)
    seen.rows.push(changed)
    inTurn += 1
    seen.sameTurn = Math.max(seen.sameTurn, inTurn)
    setImmediate(() => {
      inTurn = 0
    })
    return result
  })
  return seen
}

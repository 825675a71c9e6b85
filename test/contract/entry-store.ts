// What every EntryStore promises, as cases: the same for memory and for the database.
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Page } from '../../src/core/driver.ts'
import { type Entry, entryId } from '../../src/core/entry.ts'
import type { EntryStore } from '../../src/core/entry-store.ts'

interface EntryStoreFixture {
  /** Empty. */
  readonly store: EntryStore
  close(): Promise<void>
}

interface EntryStoreSubject {
  readonly name: string
  readonly make: () => Promise<EntryStoreFixture>
}

const films = entryId('2900000000000000001')
const music = entryId('2900000000000000002')

/** A plain file; `facts` overrides. */
export function fileEntry(facts: Partial<Entry> & { readonly name: string }): Entry {
  return {
    id: entryId(`id of ${facts.name}`),
    parentId: films,
    kind: 'file',
    size: 1,
    modifiedAt: null,
    createdAt: null,
    hashes: {},
    ...facts,
  }
}

export function manyEntries(count: number, prefix = 'file'): Entry[] {
  return Array.from({ length: count }, (_, i) =>
    fileEntry({
      id: entryId(String(3_000_000_000_000_000_000n + BigInt(i))),
      name: `${prefix} ${i}.mkv`,
      size: i,
    }),
  )
}

/** Records `entries` as the listing of `directory`, whole. */
export async function recordListing(
  store: EntryStore,
  directory: Entry['id'],
  entries: readonly Entry[],
  end: { readonly listedAtMs: number; readonly missing: number } = { listedAtMs: 1000, missing: 0 },
): Promise<void> {
  const recording = store.record(directory)
  await recording.add(entries)
  await recording.commit(end)
}

export async function namesIn(store: EntryStore, directory: Entry['id'], pageSize = 100): Promise<string[]> {
  const names: string[] = []
  for await (const page of store.children(directory, pageSize))
    names.push(...page.entries.map(({ name }) => name))
  return names
}

async function pagesOf(store: EntryStore, pageSize: number): Promise<Page[]> {
  const pages: Page[] = []
  for await (const page of store.children(films, pageSize)) pages.push(page)
  return pages
}

const date = fc.oneof(fc.constant(null), fc.date({ noInvalidDate: true }))
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'))
// Well-formed text without NUL: what an entry's name and id are by the contract of core.
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })

const anyEntry: fc.Arbitrary<Entry> = fc.record(
  {
    id: fc.oneof(text, fc.bigInt({ min: 0n, max: 2n ** 65n }).map(String)).map(entryId),
    parentId: fc.oneof(fc.constant(films), fc.constant(music), fc.constant(null)),
    name: text,
    kind: fc.constantFrom('file' as const, 'directory' as const),
    size: fc.oneof(fc.constant(null), fc.maxSafeNat()),
    modifiedAt: date,
    createdAt: date,
    hashes: fc.record({ sha1: hex(20), md5: hex(16), sha256: hex(32) }, { requiredKeys: [] }),
    // JSON.parse of Node 24 mistakes some keys that end with a backslash; drivers have none.
    native: fc.dictionary(
      text.filter((key) => !key.endsWith('\\')),
      fc.string(),
    ),
  },
  {
    requiredKeys: ['id', 'parentId', 'name', 'kind', 'size', 'modifiedAt', 'createdAt', 'hashes'],
    noNullPrototype: true,
  },
)

export function describeEntryStore({ name, make }: EntryStoreSubject): void {
  describe(`${name} keeps the EntryStore contract`, () => {
    let fixture: EntryStoreFixture
    let store: EntryStore

    beforeEach(async () => {
      fixture = await make()
      store = fixture.store
    })
    afterEach(() => fixture.close())

    describeListings(() => store)
    describeLookups(() => store)
    describeForgetting(() => store)
  })
}

function describeListings(store: () => EntryStore): void {
  test('what was never listed is not remembered', async () => {
    expect(await store().remembered(films)).toBeNull()
    expect(await pagesOf(store(), 10)).toEqual([])
    expect(await store().child(films, 'a.mkv')).toBeNull()
    expect(await store().entry(entryId('1'))).toBeNull()
  })

  test('remembered() tells when, how many and how many are missing', async () => {
    await recordListing(store(), films, manyEntries(3), { listedAtMs: 1_700_000_000_123, missing: 2 })
    expect(await store().remembered(films)).toEqual({ listedAtMs: 1_700_000_000_123, count: 3, missing: 2 })
  })

  test('an empty listing is remembered as one', async () => {
    await recordListing(store(), films, [], { listedAtMs: 5, missing: 4 })
    expect(await store().remembered(films)).toEqual({ listedAtMs: 5, count: 0, missing: 4 })
    expect(await pagesOf(store(), 10)).toEqual([{ entries: [], missing: 4 }])
  })

  test('children() pages keep the order, the limit and what is missing on the last one', async () => {
    const entries = manyEntries(1001)
    await recordListing(store(), films, entries, { listedAtMs: 1, missing: 7 })
    const pages = await pagesOf(store(), 100)
    expect(pages.flatMap((page) => page.entries)).toEqual(entries)
    expect(Math.max(...pages.map((page) => page.entries.length))).toBe(100)
    expect(pages.map((page) => page.missing)).toEqual([...pages.slice(1).map(() => 0), 7])
  })

  test('nothing of a recording shows before commit()', async () => {
    await recordListing(store(), films, manyEntries(2, 'old'))
    const recording = store().record(films)
    await recording.add(manyEntries(700, 'new'))
    expect(await namesIn(store(), films)).toEqual(['old 0.mkv', 'old 1.mkv'])
    expect(await store().child(films, 'new 0.mkv')).toBeNull()
    await recording.commit({ listedAtMs: 2, missing: 0 })
    expect(await namesIn(store(), films)).toHaveLength(700)
    expect(await store().child(films, 'old 0.mkv')).toBeNull()
  })

  test('discard() leaves the old listing; after commit() it does nothing', async () => {
    await recordListing(store(), films, manyEntries(2, 'old'))
    const given = store().record(films)
    await given.add(manyEntries(600, 'new'))
    await given.discard()
    expect(await namesIn(store(), films)).toEqual(['old 0.mkv', 'old 1.mkv'])

    const kept = store().record(films)
    await kept.add(manyEntries(1, 'newer'))
    await kept.commit({ listedAtMs: 3, missing: 0 })
    await kept.discard()
    expect(await namesIn(store(), films)).toEqual(['newer 0.mkv'])
  })

  test('children() is a snapshot: a listing replaced meanwhile does not change it', async () => {
    await recordListing(store(), films, manyEntries(1000, 'old'))
    const seen: string[] = []
    for await (const page of store().children(films, 100)) {
      seen.push(...page.entries.map((entry) => entry.name))
      if (seen.length === 100) await recordListing(store(), films, manyEntries(5, 'new'))
      if (seen.length === 300) await store().forget(films)
    }
    expect(seen).toEqual(manyEntries(1000, 'old').map((entry) => entry.name))
    expect(await namesIn(store(), films)).toEqual([])
  })

  test('two recordings of one directory: the one that ends last stays, whole', async () => {
    const one = store().record(films)
    const other = store().record(films)
    await one.add(manyEntries(300, 'one'))
    await other.add(manyEntries(400, 'other'))
    await other.commit({ listedAtMs: 1, missing: 0 })
    await one.commit({ listedAtMs: 2, missing: 0 })
    expect(await namesIn(store(), films)).toEqual(manyEntries(300, 'one').map((entry) => entry.name))
  })

  test('every field of an entry comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry, { maxLength: 5 }), async (entries) => {
        await recordListing(store(), films, entries)
        const pages = await pagesOf(store(), 10)
        expect(pages.flatMap((page) => page.entries)).toEqual(entries)
      }),
      { numRuns: 60 },
    )
  })
}

function describeLookups(store: () => EntryStore): void {
  test('child() finds exactly the name asked for', async () => {
    const entries = ['a.mkv', 'A.mkv', '第1集.mkv', `100% 'quoted" ünïcode 🎬.mkv`].map((name) =>
      fileEntry({ name }),
    )
    await recordListing(store(), films, entries)
    for (const entry of entries) expect(await store().child(films, entry.name)).toEqual(entry)
    expect(await store().child(films, 'a')).toBeNull()
    expect(await store().child(music, 'a.mkv')).toBeNull()
  })

  test('child() of equal names is always the one with the smallest id, shorter ids first', async () => {
    const ids = ['20', '9', '100', '10'].map(entryId)
    for (const order of [ids, [...ids].reverse()]) {
      await recordListing(
        store(),
        films,
        order.map((id) => fileEntry({ id, name: 'same.mkv' })),
      )
      expect((await store().child(films, 'same.mkv'))?.id).toBe('9')
      expect(await namesIn(store(), films)).toHaveLength(4)
    }
  })

  test('entry() finds an entry wherever it is listed, and not when its listing is replaced', async () => {
    const film = fileEntry({ id: entryId('9007199254740993123'), name: 'a.mkv' })
    await recordListing(store(), films, [film])
    await recordListing(store(), music, manyEntries(3))
    expect(await store().entry(film.id)).toEqual(film)
    // The number that a float would make of it must not find it.
    expect(await store().entry(entryId('9007199254740993000'))).toBeNull()
    await recordListing(store(), films, [])
    expect(await store().entry(film.id)).toBeNull()
  })

  test('shortcut() gives back the directory and when it was found', async () => {
    const directory = fileEntry({
      name: '电影',
      kind: 'directory',
      size: null,
      modifiedAt: new Date(123_456),
    })
    await store().rememberShortcut(['a', 'b'], { directory, foundAtMs: 77 })
    expect(await store().shortcut(['a', 'b'])).toEqual({ directory, foundAtMs: 77 })
    expect(await store().shortcut(['a'])).toBeNull()
    await store().rememberShortcut(['a', 'b'], { directory, foundAtMs: 78 })
    expect((await store().shortcut(['a', 'b']))?.foundAtMs).toBe(78)
  })
}

function describeForgetting(store: () => EntryStore): void {
  const directory = fileEntry({ name: 'dir', kind: 'directory' })

  test('forget() drops that listing and every shortcut, and no other listing', async () => {
    await recordListing(store(), films, manyEntries(300))
    await recordListing(store(), music, [fileEntry({ name: 'song', parentId: music })])
    await store().rememberShortcut(['a', 'b'], { directory, foundAtMs: 1 })
    await store().forget(films)
    expect(await store().remembered(films)).toBeNull()
    expect(await namesIn(store(), films)).toEqual([])
    expect(await store().shortcut(['a', 'b'])).toBeNull()
    expect(await namesIn(store(), music)).toEqual(['song'])
  })

  test('forgetAll() drops every listing and shortcut, and what comes after is remembered', async () => {
    await recordListing(store(), films, manyEntries(300))
    await recordListing(store(), music, manyEntries(1))
    await store().rememberShortcut(['a', 'b'], { directory, foundAtMs: 1 })
    await store().forgetAll()
    expect(await store().remembered(films)).toBeNull()
    expect(await store().remembered(music)).toBeNull()
    expect(await store().shortcut(['a', 'b'])).toBeNull()
    await recordListing(store(), films, manyEntries(2))
    expect(await namesIn(store(), films)).toHaveLength(2)
  })
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Page } from '../core/driver.ts'
import type { Entry, EntryId } from '../core/entry.ts'
import type { EntryStore, Recording, Remembered, Shortcut } from '../core/entry-store.ts'
import {
  entryColumns,
  entryFromText,
  entryKey,
  type EntryRow,
  entryToText,
  idValue,
  textHash,
  toEntry,
} from './entry-row.ts'
import type { Generations, ListingRow } from './generations.ts'
import { entriesPerGeneration } from './migrations/tree.ts'
import type { SqliteDatabase } from './sqlite.ts'
import { TreeRecording } from './tree-recording.ts'

/** Rows read in one go, however large a page is asked for: about 3 ms. */
const maxPageRows = 500

const pageOfListing = `SELECT ${entryColumns} FROM entry e WHERE e.key >= ? AND e.key < ? ORDER BY e.key`

// Clouds allow equal names in one directory. The shorter, then smaller id is the older entry where ids are numbers,
// and everywhere it is the same answer each time.
const childByName =
  `SELECT ${entryColumns} FROM entry e ` +
  `WHERE e.key / ${entriesPerGeneration} = ? AND e.name_hash = ? AND e.name = ? ` +
  'ORDER BY length(CAST(e.id AS TEXT)), CAST(e.id AS TEXT) LIMIT 1'

// An entry that was moved may still be in an older listing too: the latest one knows best.
const entryById =
  `SELECT ${entryColumns}, l.directory FROM entry e ` +
  `JOIN listing l ON l.generation = e.key / ${entriesPerGeneration} ` +
  'WHERE e.id = ? AND l.storage_id = ? AND l.shown = 1 ' +
  'ORDER BY l.listed_at DESC, l.generation DESC LIMIT 1'

/** Shortcuts kept per storage, the latest ones: few enough to be deleted in one short statement. */
const keptShortcuts = 1000

/** The root's own: every path begins there, so it lasts as long as the tree. */
const rootShortcut = `path = '${shortcutKey([])}'`

const forgetShortcuts = `DELETE FROM shortcut WHERE storage_id = ? AND NOT ${rootShortcut}`

const forgetOldShortcuts =
  `${forgetShortcuts} AND found_at < ` +
  `(SELECT found_at FROM shortcut WHERE storage_id = ? ORDER BY found_at DESC LIMIT 1 OFFSET ${keptShortcuts - 1})`

interface StoreParts {
  readonly database: SqliteDatabase
  readonly generations: Generations
  readonly storageId: number
}

/** The remembered tree of one storage, in the tree's file. */
export class TreeEntryStore implements EntryStore {
  readonly #parts: StoreParts
  readonly #database: SqliteDatabase

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#database = parts.database
  }

  async remembered(directory: EntryId): Promise<Remembered | null> {
    const row = this.#shown(directory)
    return row && { listedAtMs: row.listed_at, count: row.count, missing: row.missing }
  }

  async *children(directory: EntryId, pageSize: number): AsyncGenerator<Page> {
    const listing = this.#shown(directory)
    if (!listing) return
    const release = this.#parts.generations.lease(listing.generation)
    try {
      yield* this.#pages(directory, listing, Math.max(1, Math.min(pageSize, maxPageRows)))
    } finally {
      release()
    }
  }

  async child(directory: EntryId, name: string): Promise<Entry | null> {
    const listing = this.#shown(directory)
    if (!listing) return null
    const row = this.#database.get<EntryRow>(childByName, [listing.generation, textHash(name), name])
    return row && toEntry(row, directory)
  }

  async entry(id: EntryId): Promise<Entry | null> {
    const params = [idValue(id), this.#parts.storageId]
    const row = this.#database.get<EntryRow & { readonly directory: EntryId }>(entryById, params)
    return row && toEntry(row, row.directory)
  }

  record(directory: EntryId): Recording {
    return new TreeRecording({ ...this.#parts, directory })
  }

  async shortcut(names: readonly string[]): Promise<Shortcut | null> {
    const row = this.#database.get<{ readonly directory: string; readonly found_at: number }>(
      'SELECT directory, found_at FROM shortcut WHERE storage_id = ? AND path = ?',
      [this.#parts.storageId, shortcutKey(names)],
    )
    return row && { directory: entryFromText(row.directory), foundAtMs: row.found_at }
  }

  async rememberShortcut(names: readonly string[], shortcut: Shortcut): Promise<void> {
    const { storageId } = this.#parts
    this.#database.transact(() => {
      this.#database.run(
        'INSERT OR REPLACE INTO shortcut (storage_id, path, directory, found_at) VALUES (?, ?, ?, ?)',
        [storageId, shortcutKey(names), entryToText(shortcut.directory), shortcut.foundAtMs],
      )
      this.#database.run(forgetOldShortcuts, [storageId, storageId])
    })
  }

  async forget(directory: EntryId): Promise<void> {
    const { generations, storageId } = this.#parts
    const hidden = this.#database.transact(() => {
      this.#database.run(forgetShortcuts, [storageId])
      return generations.hide(storageId, directory)
    })
    generations.discard(hidden)
  }

  async forgetAll(): Promise<void> {
    const { generations, storageId } = this.#parts
    this.#database.run('DELETE FROM shortcut WHERE storage_id = ?', [storageId])
    await generations.hideAll(storageId)
  }

  async *#pages(directory: EntryId, listing: ListingRow, pageSize: number): AsyncGenerator<Page> {
    const { generation, count, missing } = listing
    if (count === 0) yield { entries: [], missing }
    for (let from = 0; from < count; from += pageSize) {
      // Everything below is synchronous: without this a reader that never waits would hold the event loop.
      if (from > 0) await nextTurn()
      const keys = [entryKey(generation, from), entryKey(generation, Math.min(from + pageSize, count))]
      const rows = this.#database.all<EntryRow>(pageOfListing, keys)
      const entries = rows.map((row) => toEntry(row, directory))
      yield { entries, missing: from + pageSize >= count ? missing : 0 }
    }
  }

  #shown(directory: EntryId): ListingRow | null {
    return this.#parts.generations.shown(this.#parts.storageId, directory)
  }
}

function shortcutKey(names: readonly string[]): string {
  return JSON.stringify(names)
}

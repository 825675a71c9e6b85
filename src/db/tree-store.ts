import type { EntryStore } from '../core/entry-store.ts'
import { Generations } from './generations.ts'
import { migrate } from './migrate.ts'
import { treeMigrations } from './migrations/tree.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'
import { TreeEntryStore } from './tree-entry-store.ts'

/** The remembered trees of all storages. */
export interface EntryStores {
  forStorage(storageId: number): EntryStore
  /** The storages anything is remembered of, in no order. */
  storageIds(): Promise<readonly number[]>
  /** Forgets everything about a storage. */
  drop(storageId: number): Promise<void>
  /**
   * Removes what a crash or an unfinished removal left behind. Only for the process that holds the data folder: what
   * another one is recording looks the same.
   */
  sweep(): Promise<void>
  close(): Promise<void>
}

/** Called when a removal in the background failed; nothing that is remembered depends on it. */
type OnError = (error: unknown) => void

/** Opens (and creates) a tree's file. Throws StorageError naming it; Conflict when a newer program wrote it. */
export async function openTree(path: string, onError: OnError = () => {}): Promise<EntryStores> {
  const database = await openSqlite({ path, synchronous: 'normal', busyTimeoutMs: 1000 })
  try {
    await migrate(database, path, treeMigrations)
  } catch (error) {
    database.close()
    throw error
  }
  return createEntryStores(database, onError)
}

/** The stores over an open, migrated tree file, which `close` closes too. */
export function createEntryStores(database: SqliteDatabase, onError: OnError = () => {}): EntryStores {
  const generations = new Generations(database, onError)
  const forStorage = (storageId: number) => new TreeEntryStore({ database, generations, storageId })
  return {
    forStorage,
    async storageIds() {
      return findStorageIds(database)
    },
    async drop(storageId) {
      await forStorage(storageId).forgetAll()
      await generations.sweep()
    },
    sweep: () => generations.sweep(),
    async close() {
      await generations.close()
      database.close()
    },
  }
}

/** Jumps from one storage to the next in the index: the number of listings does not matter. */
function findStorageIds(database: SqliteDatabase): readonly number[] {
  const ids: number[] = []
  for (let last = -1; ; ) {
    const next = Math.min(
      nextStorageId(database, 'listing WHERE shown = 1 AND', last),
      nextStorageId(database, 'shortcut WHERE', last),
    )
    if (next === Number.POSITIVE_INFINITY) return ids
    ids.push(next)
    last = next
  }
}

function nextStorageId(database: SqliteDatabase, from: string, last: number): number {
  const row = database.get<{ readonly id: number | null }>(
    `SELECT min(storage_id) AS id FROM ${from} storage_id > ?`,
    [last],
  )
  return row?.id ?? Number.POSITIVE_INFINITY
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EntryId } from '../core/entry.ts'
import { entryKey } from './entry-row.ts'
import type { SqliteDatabase } from './sqlite.ts'

/** The shown listing of a directory. */
export interface ListingRow {
  readonly generation: number
  readonly listed_at: number
  readonly count: number
  readonly missing: number
}

/** Rows written or removed by one transaction. About 5 ms of a slow processor. */
export const sliceRows = 250

const removeEntries =
  'DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE key >= ? AND key < ? ORDER BY key LIMIT ?)'

/**
 * The life of listings in the tree's file: recorded, shown, leased by readers, removed.
 *
 * A generation that is not shown is either being recorded, leased by a reader of this process, or garbage. Nothing
 * on disk says which; after a crash nobody records or reads, so all of them are garbage. That is why only the
 * process that holds the data folder may sweep.
 */
export class Generations {
  readonly #database: SqliteDatabase
  readonly #onError: (error: unknown) => void
  readonly #recording = new Set<number>()
  readonly #leases = new Map<number, number>()
  readonly #garbage = new Set<number>()
  #removal: Promise<void> | null = null
  #isClosed = false

  constructor(database: SqliteDatabase, onError: (error: unknown) => void) {
    this.#database = database
    this.#onError = onError
  }

  shown(storageId: number, directory: EntryId): ListingRow | null {
    return this.#database.get<ListingRow>(
      'SELECT generation, listed_at, count, missing FROM listing ' +
        'WHERE storage_id = ? AND directory = ? AND shown = 1',
      [storageId, directory],
    )
  }

  /**
   * A new generation that nobody sees. To be called inside a transaction, as `show`; when that is rolled back the
   * number means nothing any more (SQLite gives it again) and must be forgotten, not discarded.
   */
  begin(storageId: number, directory: EntryId): number {
    const { lastInsertRowid } = this.#database.run(
      'INSERT INTO listing (storage_id, directory) VALUES (?, ?)',
      [storageId, directory],
    )
    const generation = Number(lastInsertRowid)
    this.#recording.add(generation)
    return generation
  }

  /** Makes `row.generation` the shown listing of its directory and gives the one it replaces; null: none. */
  show(storageId: number, directory: EntryId, row: ListingRow): number | null {
    const old = this.hide(storageId, directory)
    this.#database.run(
      'UPDATE listing SET shown = 1, listed_at = ?, count = ?, missing = ? WHERE generation = ?',
      [row.listed_at, row.count, row.missing, row.generation],
    )
    return old
  }

  /** Shows no listing of `directory` any more and gives the one that was shown; null: none. */
  hide(storageId: number, directory: EntryId): number | null {
    const [old] = this.#database.all<{ generation: number }>(
      'UPDATE listing SET shown = 0 WHERE storage_id = ? AND directory = ? AND shown = 1 RETURNING generation',
      [storageId, directory],
    )
    return old?.generation ?? null
  }

  /** The generation is shown or given up: its recording is over. */
  end(generation: number): void {
    this.#recording.delete(generation)
  }

  /** Keeps the generation's entries until the returned function is called, even when it is replaced. */
  lease(generation: number): () => void {
    this.#leases.set(generation, (this.#leases.get(generation) ?? 0) + 1)
    return () => {
      const left = (this.#leases.get(generation) ?? 1) - 1
      if (left > 0) {
        this.#leases.set(generation, left)
        return
      }
      this.#leases.delete(generation)
      if (this.#garbage.has(generation)) this.#startRemoval()
    }
  }

  /** Removes a generation that is not shown, in slices and in the background, once nobody reads it. */
  discard(generation: number | null): void {
    if (generation === null) return
    this.#garbage.add(generation)
    this.#startRemoval()
  }

  /** Removes, in slices, everything that is not shown, recorded or read; resolves when it is gone. */
  async sweep(): Promise<void> {
    const hidden = this.#database.all<{ generation: number }>(
      'SELECT generation FROM listing WHERE shown = 0',
    )
    for (const { generation } of hidden) if (!this.#recording.has(generation)) this.discard(generation)
    await this.#removal
  }

  /** Shows no listing of a storage any more, in slices; a crash midway leaves some shown, each whole. */
  async hideAll(storageId: number): Promise<void> {
    for (;;) {
      const hidden = this.#database.all<{ generation: number }>(
        'UPDATE listing SET shown = 0 WHERE generation IN ' +
          '(SELECT generation FROM listing WHERE storage_id = ? AND shown = 1 LIMIT ?) RETURNING generation',
        [storageId, sliceRows],
      )
      if (hidden.length === 0) return
      for (const { generation } of hidden) this.discard(generation)
      await nextTurn()
    }
  }

  /** Stops removing; what is left is swept at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#removal
  }

  #startRemoval(): void {
    this.#removal ??= this.#removeGarbage()
      // Nothing shown is touched by a failed removal, and the next sweep tries again.
      .catch((error: unknown) => this.#onError(error))
      .finally(() => {
        this.#removal = null
      })
  }

  async #removeGarbage(): Promise<void> {
    for (;;) {
      await nextTurn()
      const removable = this.#removable()
      if (this.#isClosed || removable.length === 0) return
      for (const generation of this.#database.transact(() => this.#removeSlice(removable))) {
        this.#garbage.delete(generation)
      }
    }
  }

  /** As many generations nobody reads as one slice can remove. */
  #removable(): readonly number[] {
    const found: number[] = []
    for (const generation of this.#garbage) {
      if (!this.#leases.has(generation)) found.push(generation)
      if (found.length === sliceRows) break
    }
    return found
  }

  /** Removes up to a slice of rows, whosever they are, and gives the generations that are gone altogether. */
  #removeSlice(removable: readonly number[]): readonly number[] {
    const gone: number[] = []
    let left = sliceRows
    for (const generation of removable) {
      const keys = [entryKey(generation, 0), entryKey(generation + 1, 0)]
      const removed = Number(this.#database.run(removeEntries, [...keys, left]).changes)
      if (removed >= left) break
      this.#database.run('DELETE FROM listing WHERE generation = ?', [generation])
      gone.push(generation)
      // The listing's own row counts too: a tree of empty folders must not become one long slice.
      left -= removed + 1
      if (left <= 0) break
    }
    return gone
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry, EntryId } from '../core/entry.ts'
import type { Recording } from '../core/entry-store.ts'
import { StorageError } from '../core/errors.ts'
import { entryKey, entryParams, insertEntry } from './entry-row.ts'
import { type Generations, sliceRows } from './generations.ts'
import { entriesPerGeneration } from './migrations/tree.ts'
import type { SqliteDatabase } from './sqlite.ts'

interface RecordingParts {
  readonly database: SqliteDatabase
  readonly generations: Generations
  readonly storageId: number
  readonly directory: EntryId
}

/**
 * Writes a listing down slice by slice under a generation nobody sees, then shows it in one small transaction. A
 * listing that fits into one slice costs a single transaction.
 */
export class TreeRecording implements Recording {
  readonly #parts: RecordingParts
  #generation: number | null = null
  #waiting: Entry[] = []
  #count = 0
  #isOver = false

  constructor(parts: RecordingParts) {
    this.#parts = parts
  }

  async add(entries: readonly Entry[]): Promise<void> {
    this.#assertOpen()
    for (const entry of entries) this.#waiting.push(entry)
    while (this.#waiting.length >= sliceRows && !this.#isOver) {
      this.#transact((generation) => this.#writeSlice(generation))
      await nextTurn()
    }
  }

  async commit(end: { readonly listedAtMs: number; readonly missing: number }): Promise<void> {
    this.#assertOpen()
    this.#isOver = true
    // Only what an `add` that nobody waited for has left: usually less than a slice waits here.
    while (this.#waiting.length > sliceRows) {
      this.#transact((generation) => this.#writeSlice(generation))
      await nextTurn()
    }
    const { generations, storageId, directory } = this.#parts
    const { generation, replaced } = this.#transact((generation) => {
      this.#writeSlice(generation)
      const row = { generation, listed_at: end.listedAtMs, count: this.#count, missing: end.missing }
      return { generation, replaced: generations.show(storageId, directory, row) }
    })
    generations.end(generation)
    generations.discard(replaced)
  }

  async discard(): Promise<void> {
    if (!this.#isOver) this.#giveUp()
  }

  /** Runs `work` with this recording's generation. A failure ends the recording: what is written is not whole. */
  #transact<T>(work: (generation: number) => T): T {
    const { database, generations, storageId, directory } = this.#parts
    let begun: number | null = null
    try {
      const result = database.transact(() => {
        begun = this.#generation ?? generations.begin(storageId, directory)
        return work(begun)
      })
      this.#generation = begun
      return result
    } catch (error) {
      if (begun !== null) generations.end(begun)
      this.#giveUp()
      throw error
    }
  }

  #writeSlice(generation: number): void {
    const { database, directory } = this.#parts
    for (const entry of this.#waiting.splice(0, sliceRows)) {
      if (this.#count === entriesPerGeneration) {
        throw new StorageError(
          'Unsupported',
          `Cannot record "${directory}": more than ${this.#count} entries`,
        )
      }
      database.run(insertEntry, entryParams(entry, entryKey(generation, this.#count), directory))
      this.#count += 1
    }
  }

  #giveUp(): void {
    this.#isOver = true
    this.#waiting = []
    if (this.#generation === null) return
    this.#parts.generations.end(this.#generation)
    this.#parts.generations.discard(this.#generation)
  }

  #assertOpen(): void {
    if (!this.#isOver) return
    throw new StorageError('Internal', `Cannot record "${this.#parts.directory}": its recording is over`)
  }
}

import type { Ctx } from '../core/ctx.ts'
import { type CheckReport, type Driver, type Page, supports, type Usage } from '../core/driver.ts'
import type { Entry } from '../core/entry.ts'
import type { EntryStore, Remembered } from '../core/entry-store.ts'
import { StorageError } from '../core/errors.ts'
import type { Link, LinkRequest } from '../core/link.ts'
import type { VPath } from '../core/path.ts'
import type { StorageRecord } from './storage-record.ts'

interface StorageParts {
  readonly record: StorageRecord
  readonly mountPath: VPath
  /** The driver with its layers. */
  readonly driver: Driver
  readonly store: EntryStore
  /** The driver's links are of use to this process only. */
  readonly mustProxy: boolean
}

/**
 * A configured driver in its stack: the one place that knows both paths and entries. What is true for every
 * cloud is here, so that drivers stay thin.
 */
export class Storage {
  readonly record: StorageRecord
  readonly mountPath: VPath
  readonly mustProxy: boolean
  readonly #driver: Driver
  readonly #store: EntryStore

  constructor(parts: StorageParts) {
    this.record = parts.record
    this.mountPath = parts.mountPath
    this.mustProxy = parts.mustProxy
    this.#driver = parts.driver
    this.#store = parts.store
  }

  root(ctx: Ctx): Promise<Entry> {
    return this.#driver.root(ctx)
  }

  /** The entry at `path`, which is relative to the mount. Throws NotFound, NotADirectory. */
  async resolve(path: VPath, ctx: Ctx): Promise<Entry> {
    if (path.isRoot) return this.root(ctx)
    const directory = await this.#resolveDirectory(path.parent, ctx)
    const entry = await this.#find(directory, path.name, ctx)
    if (entry) return entry
    throw new StorageError('NotFound', `Cannot find "${path}": nothing of that name in "${directory.name}"`)
  }

  list(directory: Entry, ctx: Ctx): AsyncIterable<Page> {
    if (directory.kind !== 'directory') {
      throw new StorageError('NotADirectory', `Cannot list "${directory.name}": it is a file`)
    }
    return this.#driver.list(directory, ctx)
  }

  /** What is known about the remembered listing of `directory`; null when there is none. */
  remembered(directory: Entry): Promise<Remembered | null> {
    return this.#store.remembered(directory.id)
  }

  link(file: Entry, want: LinkRequest, ctx: Ctx): Promise<Link> {
    if (file.kind !== 'file') {
      throw new StorageError('IsADirectory', `Cannot read "${file.name}": it is a directory`)
    }
    return this.#driver.link(file, want, ctx)
  }

  /** Null when the driver does not know. */
  async usage(ctx: Ctx): Promise<Usage | null> {
    return supports(this.#driver, 'usage') ? this.#driver.usage(ctx) : null
  }

  /** Null when the driver has nothing to check. */
  async check(ctx: Ctx): Promise<CheckReport | null> {
    return supports(this.#driver, 'check') ? this.#driver.check(ctx) : null
  }

  dispose(): Promise<void> {
    return this.#driver.dispose()
  }

  async #resolveDirectory(path: VPath, ctx: Ctx): Promise<Entry> {
    if (path.segments.length > 1 && supports(this.#driver, 'findDirectory')) {
      const found = await this.#driver.findDirectory(path.segments, ctx)
      if (found) return found
    }
    let here = await this.root(ctx)
    for (const name of path.segments) {
      const next = await this.#find(here, name, ctx)
      if (!next) throw new StorageError('NotFound', `Cannot find "${path}": no "${name}" in "${here.name}"`)
      if (next.kind !== 'directory') {
        throw new StorageError('NotADirectory', `Cannot enter "${path}": "${name}" is a file`)
      }
      here = next
    }
    return here
  }

  async #find(directory: Entry, name: string, ctx: Ctx): Promise<Entry | null> {
    if (supports(this.#driver, 'find')) return this.#driver.find(directory, name, ctx)
    for await (const page of this.#driver.list(directory, ctx)) {
      const entry = page.entries.find((candidate) => candidate.name === name)
      if (entry) return entry
    }
    return null
  }
}

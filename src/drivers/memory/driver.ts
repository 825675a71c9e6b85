import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Ctx, throwIfCancelled } from '../../core/ctx.ts'
import type { Driver, Page, Traits } from '../../core/driver.ts'
import { type Entry, type EntryId, entryId } from '../../core/entry.ts'
import { StorageError } from '../../core/errors.ts'
import type { ByteRange, StreamLink } from '../../core/link.ts'

interface MemoryFile {
  readonly content: Buffer
}

const traits: Traits = {
  caseSensitive: true,
  duplicateNames: false,
  maxNameBytes: null,
  removeGoesToTrash: false,
  linksBoundTo: [],
  hashes: ['sha1'],
  pageSize: 100,
  worthRemembering: true,
}

/**
 * A tree in this process's memory: the smallest thing that keeps the driver contract, and so the one to read
 * first when writing another. `put`, `makeDirectory` and `drop` are how its owner changes it.
 */
export class MemoryDriver implements Driver {
  readonly traits = traits
  readonly #entries = new Map<EntryId, Entry>()
  readonly #files = new Map<EntryId, MemoryFile>()
  readonly #root: Entry
  readonly #now: () => number
  #lastId = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#root = this.#add(null, '', { kind: 'directory', size: null, hashes: {} })
  }

  async root(ctx: Ctx): Promise<Entry> {
    throwIfCancelled(ctx)
    this.#living(this.#root, 'open')
    return this.#root
  }

  async *list(directory: Entry, ctx: Ctx): AsyncGenerator<Page> {
    this.#living(directory, 'list')
    if (directory.kind !== 'directory') {
      throw new StorageError('NotADirectory', `Cannot list "${directory.name}": it is a file`)
    }
    const children = [...this.#entries.values()].filter(({ parentId }) => parentId === directory.id)
    for (let start = 0; start === 0 || start < children.length; start += traits.pageSize) {
      // A caller may leave between pages; nothing more is given then.
      throwIfCancelled(ctx)
      yield { entries: children.slice(start, start + traits.pageSize), missing: 0 }
    }
  }

  async link(file: Entry, _want: unknown, ctx: Ctx): Promise<StreamLink> {
    throwIfCancelled(ctx)
    this.#living(file, 'read')
    const kept = this.#files.get(file.id)
    if (!kept) throw new StorageError('IsADirectory', `Cannot read "${file.name}": it is a directory`)
    return { kind: 'stream', open: async (range) => openBuffer(kept.content, range) }
  }

  async dispose(): Promise<void> {
    this.#entries.clear()
    this.#files.clear()
  }

  makeDirectory(parent: Entry, name: string): Entry {
    return this.#add(parent.id, name, { kind: 'directory', size: null, hashes: {} })
  }

  put(parent: Entry, name: string, content: Buffer): Entry {
    const sha1 = createHash('sha1').update(content).digest('hex')
    const entry = this.#add(parent.id, name, { kind: 'file', size: content.length, hashes: { sha1 } })
    this.#files.set(entry.id, { content })
    return entry
  }

  /** Takes an entry and what is below it away. */
  drop(entry: Entry): void {
    for (const child of this.#entries.values()) if (child.parentId === entry.id) this.drop(child)
    this.#entries.delete(entry.id)
    this.#files.delete(entry.id)
  }

  #add(parentId: EntryId | null, name: string, facts: Pick<Entry, 'kind' | 'size' | 'hashes'>): Entry {
    this.#lastId += 1
    const at = new Date(this.#now())
    const entry = {
      id: entryId(String(this.#lastId)),
      parentId,
      name,
      modifiedAt: at,
      createdAt: at,
      ...facts,
    }
    this.#entries.set(entry.id, entry)
    return entry
  }

  #living(entry: Entry, action: string): void {
    if (this.#entries.has(entry.id)) return
    throw new StorageError('NotFound', `Cannot ${action} "${entry.name}": it does not exist any more`)
  }
}

function openBuffer(content: Buffer, range: ByteRange | null): Readable {
  if (range && range.start >= content.length) {
    throw new StorageError(
      'RangeNotSatisfiable',
      `Cannot read from byte ${range.start}: there are ${content.length}`,
    )
  }
  return Readable.from([range ? content.subarray(range.start, range.end + 1) : content], {
    objectMode: false,
  })
}

import { createReadStream } from 'node:fs'
import { lstat, opendir, realpath, stat, statfs } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { type Ctx, throwIfCancelled } from '../../core/ctx.ts'
import type { Driver, Page, Traits, Usage } from '../../core/driver.ts'
import { type Entry, type EntryId, entryId } from '../../core/entry.ts'
import { StorageError } from '../../core/errors.ts'
import type { ByteRange, StreamLink } from '../../core/link.ts'
import { fromErrno } from './codes.ts'

interface LocalParts {
  /** Absolute path. */
  readonly folder: string
  readonly showsHidden: boolean
}

const traits: Traits = {
  caseSensitive: process.platform !== 'win32' && process.platform !== 'darwin',
  duplicateNames: false,
  maxNameBytes: 255,
  removeGoesToTrash: false,
  linksBoundTo: [],
  hashes: [],
  pageSize: 500,
  worthRemembering: false,
}

/** How many `stat` calls run at once: enough to hide a network disk's latency, few enough to leave threads. */
const statsAtOnce = 32

/**
 * A folder of this machine. An entry's id is its path relative to the folder. Symbolic links are followed
 * only where they lead to something inside the folder: a link must not open the rest of the machine.
 */
export class LocalDriver implements Driver {
  readonly traits = traits
  readonly #folder: string
  readonly #showsHidden: boolean

  constructor({ folder, showsHidden }: LocalParts) {
    if (!isAbsolute(folder)) {
      throw new StorageError(
        'InvalidInput',
        `Option "root_folder_path" is "${folder}" and must be an absolute path`,
      )
    }
    this.#folder = folder
    this.#showsHidden = showsHidden
  }

  async root(ctx: Ctx): Promise<Entry> {
    throwIfCancelled(ctx)
    const entry = await this.#describe('', '', null)
    if (!entry) throw new StorageError('NotFound', `Cannot open "${this.#folder}": no such folder`)
    if (entry.kind === 'file') {
      throw new StorageError('NotADirectory', `Cannot open "${this.#folder}": it is a file`)
    }
    return entry
  }

  async *list(directory: Entry, ctx: Ctx): AsyncGenerator<Page> {
    const folder = await this.#open(directory)
    const names: string[] = []
    let hasYielded = false
    try {
      // Leaving the loop, also by an exception or a caller who stops early, closes the folder.
      for await (const { name } of folder) {
        throwIfCancelled(ctx)
        if (this.#showsHidden || !name.startsWith('.')) names.push(name)
        if (names.length < traits.pageSize) continue
        hasYielded = true
        yield await this.#page(directory, names.splice(0))
      }
    } catch (error) {
      throw fromErrno(error, `list "${directory.name}"`)
    }
    if (names.length > 0 || !hasYielded) yield await this.#page(directory, names)
  }

  async link(file: Entry, _want: unknown, ctx: Ctx): Promise<StreamLink> {
    throwIfCancelled(ctx)
    const found = await this.#describe(file.id, file.name, file.parentId)
    if (!found) throw new StorageError('NotFound', `Cannot read "${file.name}": it does not exist any more`)
    if (found.kind === 'directory') {
      throw new StorageError('IsADirectory', `Cannot read "${file.name}": it is a directory`)
    }
    const path = this.#pathOf(file.id)
    return { kind: 'stream', open: (range) => this.#read(path, file.name, found.size ?? 0, range) }
  }

  async find(directory: Entry, name: string, ctx: Ctx): Promise<Entry | null> {
    throwIfCancelled(ctx)
    if (!this.#showsHidden && name.startsWith('.')) return null
    return this.#describe(childId(directory.id, name), name, directory.id)
  }

  async usage(ctx: Ctx): Promise<Usage> {
    throwIfCancelled(ctx)
    const { bsize, blocks, bfree, bavail } = await statfs(this.#folder).catch((error: unknown) => {
      throw fromErrno(error, 'ask for space')
    })
    return { totalBytes: blocks * bsize, usedBytes: (blocks - bfree) * bsize, freeBytes: bavail * bsize }
  }

  async dispose(): Promise<void> {}

  async #open(directory: Entry) {
    const found = await this.#describe(directory.id, directory.name, directory.parentId)
    if (!found)
      throw new StorageError('NotFound', `Cannot list "${directory.name}": it does not exist any more`)
    if (found.kind === 'file') {
      throw new StorageError('NotADirectory', `Cannot list "${directory.name}": it is a file`)
    }
    return opendir(this.#pathOf(directory.id), { bufferSize: 256 }).catch((error: unknown) => {
      throw fromErrno(error, `list "${directory.name}"`)
    })
  }

  async #page(directory: Entry, names: readonly string[]): Promise<Page> {
    const entries: Entry[] = []
    for (let start = 0; start < names.length; start += statsAtOnce) {
      const some = names.slice(start, start + statsAtOnce)
      const found = await Promise.all(
        some.map((name) =>
          this.#describe(childId(directory.id, name), name, directory.id, 'parent is inside'),
        ),
      )
      entries.push(...found.filter((entry) => entry !== null))
    }
    return { entries, missing: 0 }
  }

  /** Null: not there, not a file or folder, or outside of what this driver may show. */
  async #describe(
    id: EntryId | '',
    name: string,
    parentId: EntryId | null,
    known?: 'parent is inside',
  ): Promise<Entry | null> {
    const path = this.#pathOf(id)
    try {
      const own = await lstat(path)
      const isPlain = !own.isSymbolicLink() && id !== ''
      const facts = isPlain ? own : await stat(path)
      // A plain child of a folder that is inside is inside too: saves two calls for each row of a listing.
      const isInside = (isPlain && known !== undefined) || (await this.#isInside(path))
      return isInside ? toEntry(entryId(id), name, parentId, facts) : null
    } catch (error) {
      const failure = fromErrno(error, `look at "${name}"`)
      if (failure.kind === 'NotFound' || failure.kind === 'NotADirectory') return null
      throw failure
    }
  }

  async #isInside(path: string): Promise<boolean> {
    const [folder, target] = await Promise.all([realpath(this.#folder), realpath(path)])
    const way = relative(folder, target)
    return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way))
  }

  #pathOf(id: string): string {
    return id === '' ? this.#folder : join(this.#folder, ...id.split('/'))
  }

  async #read(path: string, name: string, size: number, range: ByteRange | null): Promise<Readable> {
    if (range && range.start >= size) {
      throw new StorageError(
        'RangeNotSatisfiable',
        `Cannot read "${name}" from ${range.start}: it has ${size} bytes`,
      )
    }
    const limits = range ? { start: range.start, end: range.end } : {}
    return createReadStream(path, { ...limits, highWaterMark: 256 * 1024 })
  }
}

function childId(parent: string, name: string): EntryId {
  return entryId(parent === '' ? name : `${parent}/${name}`)
}

function toEntry(id: EntryId, name: string, parentId: EntryId | null, facts: Stats): Entry | null {
  const kind = facts.isFile() ? 'file' : facts.isDirectory() ? 'directory' : null
  if (!kind) return null
  return {
    id,
    parentId,
    name,
    kind,
    size: kind === 'file' ? facts.size : null,
    modifiedAt: facts.mtime,
    createdAt: facts.birthtimeMs > 0 ? facts.birthtime : facts.mtime,
    hashes: {},
  }
}

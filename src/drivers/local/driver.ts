import { close, constants, createReadStream, fstat, open } from 'node:fs'
import { lstat, opendir, realpath, stat, statfs } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { type Ctx, throwIfCancelled } from '../../core/ctx.ts'
import type { Driver, Page, Traits, Usage } from '../../core/driver.ts'
import { type Entry, type EntryId, entryId } from '../../core/entry.ts'
import { type ErrorKind, isStorageError, StorageError } from '../../core/errors.ts'
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

// What stands at the place by the time it is opened may be a pipe, which would be waited for, or a link out of the
// folder. Windows knows neither flag and neither danger.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

/** What Node makes of bytes that are no UTF-8; the file cannot be reached by such a name. */
const unreadableChar = '\uFFFD'

const notThere: readonly ErrorKind[] = ['NotFound', 'NotADirectory']
// A link is none of ours for these reasons too: they say something about the place it points to, not about the folder.
const leadsNowhere: readonly ErrorKind[] = [...notThere, 'InvalidName', 'PermissionDenied']

// Plain descriptors, not FileHandles: a stream over a FileHandle takes a promise for each chunk.
const openFile = promisify(open)
const statFile = promisify(fstat)
const closeFile = promisify(close)

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
    let missing = 0
    try {
      // Leaving the loop, also by an exception or a caller who stops early, closes the folder.
      for await (const { name } of folder) {
        throwIfCancelled(ctx)
        if (this.#showsHidden || !name.startsWith('.')) names.push(name)
        if (names.length < traits.pageSize) continue
        const page = await this.#page(directory, names.splice(0))
        missing += page.missing
        hasYielded = true
        yield { entries: page.entries, missing: 0 }
      }
    } catch (error) {
      throw fromErrno(error, `list "${directory.name}"`)
    }
    const rest = await this.#page(directory, names)
    missing += rest.missing
    if (rest.entries.length > 0 || missing > 0 || !hasYielded) yield { entries: rest.entries, missing }
  }

  async link(file: Entry, _want: unknown, ctx: Ctx): Promise<StreamLink> {
    throwIfCancelled(ctx)
    const found = await this.#describe(file.id, file.name, file.parentId)
    if (!found) throw goneError(file.name)
    if (found.kind === 'directory') {
      throw new StorageError('IsADirectory', `Cannot read "${file.name}": it is a directory`)
    }
    const path = await realpath(this.#pathOf(file.id)).catch((error: unknown) => {
      throw fromErrno(error, `read "${file.name}"`)
    })
    return { kind: 'stream', open: (range) => readFile(path, file.name, range) }
  }

  async find(directory: Entry, name: string, ctx: Ctx): Promise<Entry | null> {
    throwIfCancelled(ctx)
    if (!this.#showsHidden && name.startsWith('.')) return null
    try {
      return await this.#describe(childId(directory.id, name), name, directory.id)
    } catch (error) {
      // A name that the file system cannot hold is the name of nothing here.
      if (isStorageError(error, 'InvalidName')) return null
      throw error
    }
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

  /** `missing`: names that are no text, and so can be neither shown nor asked for. */
  async #page(directory: Entry, names: readonly string[]): Promise<Page> {
    const entries: Entry[] = []
    let missing = 0
    for (let start = 0; start < names.length; start += statsAtOnce) {
      const some = names.slice(start, start + statsAtOnce)
      const found = await Promise.all(
        some.map((name) =>
          this.#describe(childId(directory.id, name), name, directory.id, 'parent is inside'),
        ),
      )
      missing += some.filter((name, i) => found[i] === null && name.includes(unreadableChar)).length
      entries.push(...found.filter((entry) => entry !== null))
    }
    return { entries, missing }
  }

  /** Null: not there, not a file or folder, or outside of what this driver may show. */
  async #describe(
    id: EntryId | '',
    name: string,
    parentId: EntryId | null,
    known?: 'parent is inside',
  ): Promise<Entry | null> {
    const path = this.#pathOf(id)
    let isLink = false
    try {
      const own = await lstat(path)
      isLink = own.isSymbolicLink() && id !== ''
      const isPlain = !own.isSymbolicLink() && id !== ''
      const facts = isPlain ? own : await stat(path)
      // A plain child of a folder that is inside is inside too: saves two calls for each row of a listing.
      const isInside = (isPlain && known !== undefined) || (await this.#isInside(path))
      return isInside ? toEntry(entryId(id), name, parentId, facts) : null
    } catch (error) {
      const failure = fromErrno(error, `look at "${name}"`)
      if ((isLink ? leadsNowhere : notThere).includes(failure.kind)) return null
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
}

/** Opens the file at `path`, which holds no link. Throws what is wrong with it before the first byte. */
async function readFile(path: string, name: string, range: ByteRange | null): Promise<Readable> {
  const action = `read "${name}"`
  const fd = await openFile(path, openFlags).catch((error: unknown) => {
    throw fromErrno(error, action)
  })
  try {
    const facts = await statFile(fd)
    if (!facts.isFile()) throw goneError(name)
    if (range && range.start >= facts.size) {
      const words = `Cannot ${action} from ${range.start}: it has ${facts.size} bytes`
      throw new StorageError('RangeNotSatisfiable', words)
    }
  } catch (error) {
    await closeFile(fd)
    throw fromErrno(error, action)
  }
  const limits = range ? { start: range.start, end: range.end } : {}
  return createReadStream(path, { fd, ...limits, highWaterMark: 256 * 1024 })
}

function goneError(name: string): StorageError {
  return new StorageError('NotFound', `Cannot read "${name}": it does not exist any more`)
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

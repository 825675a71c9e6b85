import type { Ctx } from '../core/ctx.ts'
import type { Entry } from '../core/entry.ts'
import { StorageError, toStorageError } from '../core/errors.ts'
import type { ByteRange, Link, LinkRequest } from '../core/link.ts'
import type { VPath } from '../core/path.ts'
import { mountEntry, type Mounts } from './mounts.ts'
import type { OpenedFile, Reader } from './reader.ts'
import type { Storage } from './storage.ts'
import type { Right, Subject } from './subject.ts'

/** An entry and where it was found. */
export interface Located {
  /** As the subject sees it; empty for the subject's root. */
  readonly name: string
  /** As the subject sees it. */
  readonly path: VPath
  /** From the root of the whole tree. */
  readonly fullPath: VPath
  readonly entry: Entry
  /** Null for folders that exist only because something is mounted below them. */
  readonly storage: Storage | null
}

export interface LocatedPage {
  readonly entries: readonly Located[]
  /** As in core's `Page`. */
  readonly missing: number
}

export interface Listing {
  readonly directory: Located
  /** Runs once. Throws StorageError, also midway. */
  readonly pages: AsyncIterable<LocatedPage>
}

/** A child of a listing. Long listings have many of them, and most are never asked for their paths. */
class LocatedChild implements Located {
  readonly entry: Entry
  readonly storage: Storage | null
  readonly #directory: Located

  constructor(directory: Located, entry: Entry, storage: Storage | null) {
    this.#directory = directory
    this.entry = entry
    this.storage = storage
  }

  get name(): string {
    return this.entry.name
  }

  get path(): VPath {
    return this.#directory.path.child(this.entry.name)
  }

  get fullPath(): VPath {
    return this.#directory.fullPath.child(this.entry.name)
  }
}

/** The tree as one subject may see it. Every door reaches storages through a view, and a view asks first. */
export class View {
  readonly subject: Subject
  readonly #mounts: () => Mounts
  readonly #reader: Reader

  constructor(parts: { subject: Subject; mounts: () => Mounts; reader: Reader }) {
    this.subject = parts.subject
    this.#mounts = parts.mounts
    this.#reader = parts.reader
  }

  /**
   * What is at `path`. A mount point answers even when its cloud does not. Throws NotFound, NotADirectory,
   * PermissionDenied.
   */
  async locate(path: VPath, ctx: Ctx): Promise<Located> {
    const fullPath = this.#enter('read', path)
    const mounts = this.#mounts()
    const mounted = mounts.find(fullPath)
    if (mounted && !mounted.below.isRoot) {
      return this.#locateBelow(path, fullPath, mounted.storage, mounted.below, mounts, ctx)
    }
    if (mounted) {
      const entry = mountEntry(fullPath.name, mounted.storage.record.modifiedAt)
      return { name: path.name, path, fullPath, entry, storage: mounted.storage }
    }
    return this.#locateVirtual(path, fullPath, mounts)
  }

  /** The children of the directory at `path`, mounts included. `ctx.fresh` needs the right to refresh. */
  async list(path: VPath, ctx: Ctx): Promise<Listing> {
    if (ctx.fresh) this.#enter('refresh', path)
    // The truth of now is wanted of this directory, not of each one on the way to it.
    const directory = await this.locate(path, { ...ctx, fresh: false })
    if (directory.entry.kind !== 'directory') {
      throw new StorageError('NotADirectory', `Cannot list "${path}": it is a file`)
    }
    return { directory, pages: this.#pages(directory, ctx) }
  }

  /** How the reader that `want` describes may fetch the file itself. */
  async link(file: Located, want: LinkRequest, ctx: Ctx): Promise<Link> {
    return this.#storageOf(file).link(file.entry, want, ctx)
  }

  /** The file's bytes through this process. `range` null: all of them. Throws RangeNotSatisfiable. */
  async open(file: Located, range: ByteRange | null, ctx: Ctx): Promise<OpenedFile> {
    return this.#reader.open(this.#storageOf(file), file.entry, range, ctx)
  }

  #storageOf(file: Located): Storage {
    this.#enter('read', file.path)
    if (!file.storage || file.entry.kind !== 'file') {
      throw new StorageError('IsADirectory', `Cannot read "${file.path}": it is a directory`)
    }
    return file.storage
  }

  #enter(right: Right, path: VPath): VPath {
    const fullPath = this.subject.basePath.join(path)
    if (this.subject.can(right, fullPath)) return fullPath
    throw new StorageError('PermissionDenied', `Not allowed to ${right} "${path}"`)
  }

  async #locateBelow(
    path: VPath,
    fullPath: VPath,
    storage: Storage,
    below: VPath,
    mounts: Mounts,
    ctx: Ctx,
  ): Promise<Located> {
    // Folders on the way to a deeper mount exist whatever the storage above them says or holds there.
    const isOnTheWay = mounts.children(fullPath).length > 0
    try {
      const entry = await storage.resolve(below, ctx)
      if (entry.kind === 'directory' || !isOnTheWay)
        return { name: path.name, path, fullPath, entry, storage }
    } catch (error) {
      if (!isOnTheWay || ctx.signal.aborted) throw error
      const failure = toStorageError(error)
      if (failure.kind !== 'NotFound' && failure.kind !== 'NotADirectory')
        ctx.log.warn({ error: failure, path: fullPath }, 'only mounts can be found')
    }
    return this.#locateVirtual(path, fullPath, mounts)
  }

  #locateVirtual(path: VPath, fullPath: VPath, mounts: Mounts): Located {
    const children = mounts.children(fullPath)
    if (!fullPath.isRoot && children.length === 0) {
      throw new StorageError('NotFound', `Cannot find "${path}": no storage is mounted there`)
    }
    const modifiedAt = children[0]?.storage.record.modifiedAt ?? null
    return { name: path.name, path, fullPath, entry: mountEntry(fullPath.name, modifiedAt), storage: null }
  }

  async *#pages(directory: Located, ctx: Ctx): AsyncGenerator<LocatedPage> {
    const mounted = this.#mounts().children(directory.fullPath)
    const hidden = new Set(mounted.map(({ name }) => name))
    let hasBegun = false
    try {
      for await (const page of this.#storagePages(directory, hidden, ctx)) {
        hasBegun = true
        yield page
      }
    } catch (error) {
      // A broken storage must not hide what is mounted below it; on its own its failure is the answer, and a
      // listing that broke off must not look like a short one.
      if (mounted.length === 0 || hasBegun || ctx.signal.aborted) throw error
      ctx.log.warn({ error: toStorageError(error), path: directory.fullPath }, 'only mounts can be listed')
    }
    if (mounted.length === 0) return
    const entries = mounted.map(
      ({ name, storage }) => new LocatedChild(directory, mountEntry(name, storage.record.modifiedAt), null),
    )
    yield { entries, missing: 0 }
  }

  async *#storagePages(directory: Located, hidden: Set<string>, ctx: Ctx): AsyncGenerator<LocatedPage> {
    const { storage } = directory
    if (!storage) return
    const isMount = directory.fullPath.equals(storage.mountPath)
    const entry = isMount ? await storage.root(ctx) : directory.entry
    for await (const page of storage.list(entry, ctx)) {
      const entries = page.entries
        .filter(({ name }) => !hidden.has(name))
        .map((child) => new LocatedChild(directory, child, storage))
      yield { entries, missing: page.missing }
    }
  }
}

import type { FileContent } from './content.ts'

/** The order a person has chosen for a directory in the cloud's own app. */
interface StoredOrder {
  readonly order: string
  readonly ascending: boolean
}

interface EntryFacts {
  /** Nineteen decimal digits; neighbours differ by one, so that whoever reads them as numbers mixes them up. */
  readonly id: string
  name: string
  /** Null for the root and for what was removed. */
  parent: Directory | null
  /** Epoch seconds, all four. */
  readonly createdAtS: number
  modifiedAtS: number
  updatedAtS: number
  openedAtS: number
  starred: boolean
}

/** A file; the hash is of the very bytes that the content stands for. */
export interface File extends EntryFacts {
  readonly kind: 'file'
  readonly content: FileContent
  /** Upper hex. */
  readonly sha1: string
}

/** A directory; the same name may stand in it more than once. */
export interface Directory extends EntryFacts {
  readonly kind: 'directory'
  readonly children: Set<Entry>
  /** Grows with every change of the children's set, names or times. */
  version: number
  storedOrder: StoredOrder | null
}

export type Entry = File | Directory

/** What is needed to plant an entry. */
export interface NewEntry {
  readonly name: string
  readonly createdAtS: number
  readonly modifiedAtS: number
  readonly starred?: boolean
}

const ROOT_NAME = '根目录'
const ID_DIGITS_AFTER_PREFIX = 17
const IDS_PER_ACCOUNT = 100_000_000_000

/** One account's drive: all entries by id, under a root whose id is `0`. */
export class Tree {
  readonly root: Directory
  readonly #entries = new Map<string, Entry>()
  #lastId: number
  #version = 0

  /** `accountNumber` keeps the ids of two accounts apart. */
  constructor(accountNumber: number) {
    this.#lastId = accountNumber * IDS_PER_ACCOUNT
    this.root = makeDirectory('0', null, { name: ROOT_NAME, createdAtS: 0, modifiedAtS: 0 })
    this.#entries.set('0', this.root)
  }

  /** How many entries there are, the root not counted. */
  get size(): number {
    return this.#entries.size - 1
  }

  /** Grows with every change anywhere. */
  get version(): number {
    return this.#version
  }

  /** Null when there is no such entry. */
  find(id: string): Entry | null {
    return this.#entries.get(id) ?? null
  }

  /** Null when there is no such entry or it is a file. */
  findDirectory(id: string): Directory | null {
    const entry = this.find(id)
    return entry?.kind === 'directory' ? entry : null
  }

  addDirectory(parent: Directory, spec: NewEntry): Directory {
    return this.#plant(makeDirectory(this.#nextId(), parent, spec))
  }

  addFile(parent: Directory, spec: NewEntry, content: FileContent, sha1: string): File {
    return this.#plant({ ...factsOf(this.#nextId(), parent, spec), kind: 'file', content, sha1 })
  }

  /** Takes the entry and all below it away. Throws for the root. */
  remove(entry: Entry): void {
    const parent = entry.parent
    if (!parent) throw new Error(`Cannot remove "${entry.name}": it is the root`)
    parent.children.delete(entry)
    for (const gone of walk(entry)) this.#entries.delete(gone.id)
    entry.parent = null
    this.#touch(parent)
  }

  rename(entry: Entry, name: string, nowS: number): void {
    entry.name = name
    entry.updatedAtS = nowS
    if (entry.parent) this.#touch(entry.parent)
  }

  /** Throws for the root, and when `to` is the entry itself or below it. */
  move(entry: Entry, to: Directory, nowS: number): void {
    const from = entry.parent
    if (!from) throw new Error(`Cannot move "${entry.name}": it is the root`)
    if (entry.kind === 'directory' && (entry === to || this.ancestors(to).includes(entry))) {
      throw new Error(`Cannot move "${entry.name}": "${to.name}" is inside it`)
    }
    from.children.delete(entry)
    to.children.add(entry)
    entry.parent = to
    entry.updatedAtS = nowS
    this.#touch(from)
    this.#touch(to)
  }

  /** From the root down to the parent. */
  ancestors(entry: Entry): Directory[] {
    const chain: Directory[] = []
    for (let above = entry.parent; above; above = above.parent) chain.unshift(above)
    return chain
  }

  /** Follows names from `from`; of several with one name the first planted counts. Null when one is missing. */
  resolve(names: readonly string[], from: Directory = this.root): Entry | null {
    let at: Entry = from
    for (const name of names) {
      if (at.kind !== 'directory') return null
      const next: Entry | null = findChild(at, name)
      if (!next) return null
      at = next
    }
    return at
  }

  #plant<T extends Entry>(entry: T): T {
    this.#entries.set(entry.id, entry)
    if (entry.parent) {
      entry.parent.children.add(entry)
      this.#touch(entry.parent)
    }
    return entry
  }

  #touch(directory: Directory): void {
    directory.version++
    this.#version++
  }

  #nextId(): string {
    this.#lastId++
    return `25${String(this.#lastId).padStart(ID_DIGITS_AFTER_PREFIX, '0')}`
  }
}

/** The entry and everything below it, parents before children. */
export function* walk(entry: Entry): Generator<Entry> {
  const waiting: Entry[] = [entry]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next
    if (next.kind === 'file') continue
    // No spread: a hundred thousand arguments do not fit the stack.
    for (const child of next.children) waiting.push(child)
  }
}

/** Directories of that name come before files, as path lookups want them. Null when there is none. */
function findChild(directory: Directory, name: string): Entry | null {
  let file: Entry | null = null
  for (const child of directory.children) {
    if (child.name !== name) continue
    if (child.kind === 'directory') return child
    file ??= child
  }
  return file
}

function makeDirectory(id: string, parent: Directory | null, spec: NewEntry): Directory {
  return {
    ...factsOf(id, parent, spec),
    kind: 'directory',
    children: new Set(),
    version: 0,
    storedOrder: null,
  }
}

function factsOf(id: string, parent: Directory | null, spec: NewEntry): EntryFacts {
  return {
    id,
    name: spec.name,
    parent,
    createdAtS: spec.createdAtS,
    modifiedAtS: spec.modifiedAtS,
    updatedAtS: spec.modifiedAtS,
    openedAtS: spec.modifiedAtS,
    starred: spec.starred ?? false,
  }
}

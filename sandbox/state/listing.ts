import { LRUCache } from 'lru-cache'
import { type Directory, type Entry, type Tree, walk } from './tree.ts'

/** How a listing is asked for. `key` names the filter, so that equal filters share a remembered listing. */
export interface ListingQuery {
  readonly order: Order
  readonly ascending: boolean
  /** False puts directories first. */
  readonly mixed: boolean
  /** The whole tree below instead of the children only. */
  readonly recursive: boolean
  readonly filter: { readonly key: string; accepts(entry: Entry): boolean }
}

export type Order = 'name' | 'natural' | 'size' | 'type' | 'created' | 'modified' | 'opened'

/** All that a query means, in its order. Shared: not to be changed. */
export interface Listing {
  readonly entries: readonly Entry[]
  readonly fileCount: number
}

interface Remembered {
  readonly version: number
  readonly listing: Promise<Listing>
}

type Compare = (a: Entry, b: Entry) => number

const REMEMBERED_LISTINGS = 32
// Sizes of the steps between two turns of the event loop: a few milliseconds each.
const SORT_RUN = 1_000
const MERGE_STEP = 5_000
const WALK_STEP = 5_000

/** Sorted listings of one tree, remembered until something in them changes, so that any page costs one slice. */
export class Listings {
  readonly #tree: Tree
  readonly #remembered = new LRUCache<string, Remembered>({ max: REMEMBERED_LISTINGS })

  constructor(tree: Tree) {
    this.#tree = tree
  }

  /** What the query means, as of now. */
  list(directory: Directory, query: ListingQuery): Promise<Listing> {
    const version = query.recursive ? this.#tree.version : directory.version
    const key = [
      directory.id,
      query.order,
      query.ascending,
      query.mixed,
      query.recursive,
      query.filter.key,
    ].join('\0')
    const remembered = this.#remembered.get(key)
    if (remembered?.version === version) return remembered.listing
    const listing = collect(directory, query)
    this.#remembered.set(key, { version, listing })
    return listing
  }
}

async function collect(directory: Directory, query: ListingQuery): Promise<Listing> {
  const found: Entry[] = []
  let seen = 0
  let fileCount = 0
  for (const entry of query.recursive ? walk(directory) : directory.children) {
    if (++seen % WALK_STEP === 0) await nextTurn()
    if (entry === directory || !query.filter.accepts(entry)) continue
    found.push(entry)
    if (entry.kind === 'file') fileCount++
  }
  return { entries: await sortInSlices(found, compareBy(query)), fileCount }
}

/** Sorts without holding the event loop: small runs first, then merges with pauses in between. */
export async function sortInSlices<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  let runs: T[][] = []
  for (let start = 0; start < items.length; start += SORT_RUN) {
    runs.push(items.slice(start, start + SORT_RUN).sort(compare))
    await nextTurn()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], compare))
      await nextTurn()
    }
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  const merged: T[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (merged.length % MERGE_STEP === MERGE_STEP - 1) await nextTurn()
    const takesLeft = j >= right.length || (i < left.length && compare(left[i] as T, right[j] as T) <= 0)
    merged.push((takesLeft ? left[i++] : right[j++]) as T)
  }
  return merged
}

function compareBy(query: ListingQuery): Compare {
  const compare = comparisons()[query.order]
  const sign = query.ascending ? 1 : -1
  return (a, b) => {
    if (!query.mixed && a.kind !== b.kind) return a.kind === 'directory' ? -1 : 1
    // Equal keys fall back to the id, so that pages neither repeat nor skip an entry.
    return sign * (compare(a, b) || compareText(a.id, b.id))
  }
}

function comparisons(): Record<Order, Compare> {
  const collator = new Intl.Collator('zh', { numeric: true })
  return {
    name: (a, b) => compareText(a.name, b.name),
    natural: (a, b) => collator.compare(a.name, b.name),
    size: (a, b) => sizeOf(a) - sizeOf(b),
    type: (a, b) => compareText(extensionOf(a.name), extensionOf(b.name)),
    created: (a, b) => a.createdAtS - b.createdAtS,
    modified: (a, b) => a.modifiedAtS - b.modifiedAtS,
    opened: (a, b) => a.openedAtS - b.openedAtS,
  }
}

/** Bytes; 0 for directories. */
export function sizeOf(entry: Entry): number {
  return entry.kind === 'file' ? entry.content.size : 0
}

/** What follows the last dot, lower case; empty when there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Files, directories and bytes below `directory`, itself not counted. */
export async function measure(
  directory: Directory,
): Promise<{ files: number; directories: number; bytes: number }> {
  const total = { files: 0, directories: -1, bytes: 0 }
  for (const entry of walk(directory)) {
    if ((total.files + total.directories) % WALK_STEP === WALK_STEP - 1) await nextTurn()
    if (entry.kind === 'directory') total.directories++
    else total.files++
    total.bytes += sizeOf(entry)
  }
  return total
}

/** Lets other work through. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

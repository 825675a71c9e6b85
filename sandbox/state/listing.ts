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

interface Remembered {
  readonly version: number
  readonly entries: Promise<readonly Entry[]>
}

type Compare = (a: Entry, b: Entry) => number

const REMEMBERED_LISTINGS = 32
// Sizes of the steps between two turns of the event loop: a few milliseconds each.
const SORT_RUN = 2_000
const MERGE_STEP = 20_000
const WALK_STEP = 10_000

/** Sorted listings of one tree, remembered until something in them changes, so that any page costs one slice. */
export class Listings {
  readonly #tree: Tree
  readonly #remembered = new LRUCache<string, Remembered>({ max: REMEMBERED_LISTINGS })

  constructor(tree: Tree) {
    this.#tree = tree
  }

  /** All entries that the query means, in its order. The array is shared: not to be changed. */
  list(directory: Directory, query: ListingQuery): Promise<readonly Entry[]> {
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
    if (remembered?.version === version) return remembered.entries
    const entries = collect(directory, query)
    this.#remembered.set(key, { version, entries })
    return entries
  }
}

async function collect(directory: Directory, query: ListingQuery): Promise<readonly Entry[]> {
  const found: Entry[] = []
  let seen = 0
  for (const entry of query.recursive ? walk(directory) : directory.children) {
    if (++seen % WALK_STEP === 0) await nextTurn()
    if (entry !== directory && query.filter.accepts(entry)) found.push(entry)
  }
  return sortInSlices(found, compareBy(query))
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
    for (let i = 0; i < runs.length; i += 2)
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], compare))
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

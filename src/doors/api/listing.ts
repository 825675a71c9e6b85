import type { Ctx } from '../../core/ctx.ts'
import type { Remembered } from '../../core/entry-store.ts'
import type { StorageRecord } from '../../vfs/storage-record.ts'
import type { Storages } from '../../vfs/storages.ts'
import type { Listing, Located } from '../../vfs/view.ts'
import { sortRows } from './gentle.ts'
import { pageOf } from './input.ts'

export interface ListingPage {
  readonly rows: readonly Located[]
  /** Rows on all pages. */
  readonly total: number
  /** As in core's `Page`, for the whole listing. */
  readonly missing: number
  /** Milliseconds since the epoch; null when the listing is not remembered. */
  readonly listedAtMs: number | null
}

interface Paging {
  readonly page: number
  readonly per_page: number
}

/** The asked page of `listing`, in the order its storage is set to, else in the driver's. */
export async function readPage(
  listing: Listing,
  paging: Paging,
  storages: Storages,
  ctx: Ctx,
): Promise<ListingPage> {
  const { directory } = listing
  const compare = directory.storage ? comparisonOf(directory.storage.record) : null
  const page = compare
    ? await readSorted(listing, paging, compare)
    : await readWindow(listing, paging, () => wholeMemory(directory, storages, ctx))
  const known = await memoryOf(directory, ctx)
  return { ...page, listedAtMs: known?.listedAtMs ?? null }
}

type Read = Omit<ListingPage, 'listedAtMs'>

/** Keeps only the window, whatever the size of the directory. */
async function readWindow(
  { pages }: Listing,
  paging: Paging,
  memory: () => Promise<Remembered | null>,
): Promise<Read> {
  const start = paging.per_page < 1 ? 0 : (Math.max(1, paging.page) - 1) * paging.per_page
  const end = paging.per_page < 1 ? Number.POSITIVE_INFINITY : start + paging.per_page
  const rows: Located[] = []
  let total = 0
  let missing = 0
  for await (const page of pages) {
    if (total < end) rows.push(...page.entries.slice(Math.max(0, start - total), end - total))
    total += page.entries.length
    missing += page.missing
    if (total < end) continue
    // Whoever remembers the whole listing need not read on to know how long it is. A listing that is being
    // made for the first time is not remembered yet, and leaving it early would waste what the cloud sent.
    const known = await memory()
    if (known) return { rows, total: known.count, missing: known.missing }
  }
  return { rows, total, missing }
}

async function readSorted(
  { pages }: Listing,
  paging: Paging,
  compare: (a: Located, b: Located) => number,
): Promise<Read> {
  const all: Located[] = []
  let missing = 0
  for await (const page of pages) {
    for (const entry of page.entries) all.push(entry)
    missing += page.missing
  }
  const rows = pageOf(await sortRows(all, compare), paging)
  return { rows, total: all.length, missing }
}

/** What is remembered of `directory`, unless mounts below it change what its listing holds. */
async function wholeMemory(directory: Located, storages: Storages, ctx: Ctx): Promise<Remembered | null> {
  const hasMounts = storages.mounts().children(directory.fullPath).length > 0
  return hasMounts ? null : memoryOf(directory, ctx)
}

async function memoryOf({ storage, fullPath, entry }: Located, ctx: Ctx): Promise<Remembered | null> {
  if (!storage) return null
  // A mount point's entry is made up; the listing is remembered under the storage's own root.
  const isMount = fullPath.equals(storage.mountPath)
  const directory = isMount ? await storage.root({ ...ctx, fresh: false }) : entry
  return storage.remembered(directory)
}

/** Null: as the driver gives them. */
function comparisonOf(record: StorageRecord): ((a: Located, b: Located) => number) | null {
  const { orderBy, directoriesPlace } = record
  if (orderBy === '' && directoriesPlace === '') return null
  const sign = record.orderDirection === 'desc' ? -1 : 1
  const byOrder = orderBy === '' ? () => 0 : comparisons[orderBy]()
  const front = directoriesPlace === 'front' ? 'directory' : 'file'
  return (a, b) => {
    const kinds = directoriesPlace === '' ? 0 : rankOf(a, front) - rankOf(b, front)
    return kinds || sign * byOrder(a, b)
  }
}

function rankOf({ entry }: Located, front: 'file' | 'directory'): number {
  return entry.kind === front ? 0 : 1
}

const comparisons = {
  // Numbers inside names by their value, as people count episodes.
  name: () => {
    const collator = new Intl.Collator('zh-Hans-CN', { numeric: true })
    return (a: Located, b: Located) => collator.compare(a.entry.name, b.entry.name)
  },
  size: () => (a: Located, b: Located) => (a.entry.size ?? 0) - (b.entry.size ?? 0),
  modified: () => (a: Located, b: Located) =>
    (a.entry.modifiedAt?.getTime() ?? 0) - (b.entry.modifiedAt?.getTime() ?? 0),
}

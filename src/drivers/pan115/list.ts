import type { Ctx } from '../../core/ctx.ts'
import type { Page } from '../../core/driver.ts'
import type { Entry } from '../../core/entry.ts'
import type { Pan115Client } from '../../upstream/pan115/client.ts'
import { listPage, oldestFirst } from '../../upstream/pan115/files.ts'
import type { ListOrder, ListPage } from '../../upstream/pan115/files.ts'
import { toEntry } from './map.ts'
import { assertListed } from './place.ts'

/*
 * 115 lists by offset, and what it announces and what it gives can differ: rows are hidden or censored, pages
 * repeat, an offset past the end begins anew, entries come and go between two pages. So:
 *
 *   forward   oldest first, until the announced number of rows is behind us or a page brings nothing new;
 *             when the number sank since the page before, rows moved up over our border: read them as well
 *   backward  newest first, only when rows are still missing, with the same stops
 *   the end   says how many rows are missing after both
 *
 * A page that brings nothing new ends its pass, so no more than two requests are ever in vain.
 */

export interface Listing {
  readonly client: Pan115Client
  readonly directory: Entry
  readonly rootId: string
  readonly pageSize: number
}

/** Every child of the directory once, in pages. Throws NotFound when it is gone or goes while we page. */
export async function* listChildren(listing: Listing, ctx: Ctx): AsyncGenerator<Page> {
  const pager = new Pager(listing, ctx)
  yield* forward(pager)
  if (pager.isShort) yield* backward(pager)
  if (pager.missing > 0) yield { entries: [], missing: pager.missing }
}

async function* forward(pager: Pager): AsyncGenerator<Page> {
  for (let offset = 0; pager.mayAsk; ) {
    const page = await pager.read(offset)
    yield* pageOf(page.fresh)
    const moved = offset > 0 ? yield* fillGap(pager, offset, page.sunkBy) : 0
    if (page.isLast) return
    offset += page.received - moved
  }
}

/**
 * The rows that moved up over `border` because `sunkBy` rows went away. Returns by how many the rest moved up
 * while that was read.
 */
async function* fillGap(pager: Pager, border: number, sunkBy: number): AsyncGenerator<Page, number> {
  let moved = 0
  for (let lost = sunkBy; lost > 0 && pager.mayAsk; ) {
    const gap = await pager.read(Math.max(0, border - lost), Math.min(lost, pager.pageSize))
    yield* pageOf(gap.fresh)
    moved += gap.sunkBy
    lost = gap.sunkBy > 0 ? lost + gap.sunkBy : 0
  }
  return moved
}

async function* backward(pager: Pager): AsyncGenerator<Page> {
  pager.turnRound()
  for (let offset = 0; pager.mayAsk; ) {
    const page = await pager.read(offset)
    yield* pageOf(page.fresh)
    if (page.isLast || !pager.isShort) return
    offset += page.received
  }
}

function* pageOf(entries: readonly Entry[]): Generator<Page> {
  if (entries.length > 0) yield { entries, missing: 0 }
}

interface Read {
  /** Entries not seen before. */
  readonly fresh: readonly Entry[]
  /** Rows that came, seen before or not. */
  readonly received: number
  /** By how many the announced number sank since the request before. */
  readonly sunkBy: number
  readonly isLast: boolean
}

/** What is known in the middle of one listing. */
class Pager {
  readonly #listing: Listing
  readonly #ctx: Ctx
  readonly #action: string
  readonly #seen = new Set<string>()
  readonly #firstIds = new Set<string>()
  #order: ListOrder = oldestFirst
  #isForward = true
  #count: number | null = null
  #unreadable = 0
  #requests = 0

  constructor(listing: Listing, ctx: Ctx) {
    this.#listing = listing
    this.#ctx = ctx
    this.#action = `list "${listing.directory.name}"`
  }

  get pageSize(): number {
    return this.#listing.pageSize
  }

  /** Twice what the announced number needs: room for short pages, an end for a cloud that never ends. */
  get mayAsk(): boolean {
    const pages = this.#count === null ? maxPages : Math.ceil(this.#count / this.pageSize)
    return this.#requests < Math.min(maxPages, pages) * 2 + 4
  }

  /** Rows that were announced and did not come. What came and cannot be read would not come better again. */
  get isShort(): boolean {
    return this.missing - this.#unreadable > 0
  }

  get missing(): number {
    return this.#count === null ? this.#unreadable : Math.max(0, this.#count - this.#seen.size)
  }

  turnRound(): void {
    this.#order = { ...this.#order, isAscending: !this.#order.isAscending }
    this.#isForward = false
    this.#firstIds.clear()
  }

  async read(offset: number, limit = this.pageSize): Promise<Read> {
    const { client, directory, rootId } = this.#listing
    const cid = directory.id
    const query = { cid, offset, limit, order: this.#order, action: this.#action }
    const page = await listPage(client, query, this.#ctx)
    this.#requests += 1
    assertListed(page, { cid, rootId, action: this.#action })
    this.#order = page.order
    const sunkBy = Math.max(0, (this.#count ?? 0) - (page.count ?? this.#count ?? 0))
    this.#count = page.count ?? this.#count
    return this.#take(page, { offset, limit, sunkBy })
  }

  #take(page: ListPage, asked: { offset: number; limit: number; sunkBy: number }): Read {
    const fresh = page.rows.filter((row) => !this.#seen.has(row.id))
    for (const row of fresh) this.#seen.add(row.id)
    const received = page.rows.length + page.unreadable
    if (page.unreadable > 0) this.#reportUnreadable(page.unreadable, asked.offset)
    const isStuck = this.#isRepeated(page, asked.offset) || fresh.length + page.unreadable === 0
    return {
      fresh: fresh.map((row) => toEntry(row, this.#listing.directory.id)),
      received,
      sunkBy: asked.sunkBy,
      isLast: isStuck || this.#isAtEnd(asked.offset + received, received < asked.limit),
    }
  }

  /** An echo of another offset, or a first row that was first before: the listing has begun anew. */
  #isRepeated(page: ListPage, offset: number): boolean {
    const firstId = page.rows[0]?.id
    if (page.offset !== null && page.offset !== offset) return true
    if (firstId === undefined) return false
    const isKnown = this.#firstIds.has(firstId)
    this.#firstIds.add(firstId)
    return isKnown
  }

  /** A number smaller than what has come is no number to rely on; then only a short page is the end. */
  #isAtEnd(reached: number, isShortPage: boolean): boolean {
    if (this.#count === null || this.#count < reached) return isShortPage
    return reached === this.#count
  }

  #reportUnreadable(rows: number, offset: number): void {
    if (this.#isForward) this.#unreadable += rows
    this.#ctx.log.warn({ cid: this.#listing.directory.id, offset, rows }, 'rows of 115 could not be read')
  }
}

/** 115 keeps 50,000 files in a directory; this is far beyond. */
const maxPages = 1000

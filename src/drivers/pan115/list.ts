import type { Ctx } from '../../core/ctx.ts'
import type { Page } from '../../core/driver.ts'
import type { Entry } from '../../core/entry.ts'
import type { Pan115Client } from '../../upstream/pan115/client.ts'
import { listPage, oldestFirst } from '../../upstream/pan115/files.ts'
import type { ListOrder, ListPage } from '../../upstream/pan115/files.ts'
import { protocolError } from '../../upstream/pan115/codes.ts'
import { toEntry } from './map.ts'
import { assertListed } from './place.ts'

/*
 * 115 lists by offset, and what it announces and what it gives can differ: rows are hidden or censored, pages
 * repeat, an offset past the end begins anew, entries come and go between two pages. So:
 *
 *   forward   oldest first, until the announced number of rows is behind us or a page brings nothing new;
 *             when the number sank since the page before, rows moved up over our border: go back for them
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

/**
 * Every child of the directory once, in pages. Throws NotFound when it is gone or goes while we page, Protocol
 * when 115 announces entries and gives none.
 */
export async function* listChildren(listing: Listing, ctx: Ctx): AsyncGenerator<Page> {
  const pager = new Pager(listing, ctx)
  yield* forward(pager)
  if (pager.isShort) yield* backward(pager)
  pager.assertNotEmptyHanded()
  if (pager.missing > 0) yield { entries: [], missing: pager.missing }
}

async function* forward(pager: Pager): AsyncGenerator<Page> {
  // Rows before this one have been read already, because we went back behind them.
  let read = 0
  for (let offset = 0; pager.mayAsk; ) {
    const page = await pager.read(offset)
    yield* pageOf(page.fresh)
    // What moved up over the border to the page before would be missed: go back by as many rows.
    if (page.sunkBy > 0 && offset > 0) {
      read = Math.max(read, offset + page.received)
      offset = Math.max(0, offset - page.sunkBy)
      continue
    }
    if (page.isAtEnd || page.received === 0 || (page.isStuck && offset >= read)) return
    offset += page.received
  }
}

async function* backward(pager: Pager): AsyncGenerator<Page> {
  pager.turnRound()
  for (let offset = 0; pager.mayAsk; ) {
    const page = await pager.read(offset)
    yield* pageOf(page.fresh)
    if (page.isAtEnd || page.isStuck || !pager.isShort) return
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
  /** All that was announced is behind us. */
  readonly isAtEnd: boolean
  /** Nothing new came, or what came before came again. */
  readonly isStuck: boolean
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
  #mostCount = 0
  #unreadable = 0
  #requests = 0

  constructor(listing: Listing, ctx: Ctx) {
    this.#listing = listing
    this.#ctx = ctx
    this.#action = `list "${listing.directory.name}"`
  }

  /**
   * Several times what the largest announced number needs: room for short pages and for going back, and an end
   * for a cloud that never ends.
   */
  get mayAsk(): boolean {
    const pages = this.#count === null ? maxPages : Math.ceil(this.#mostCount / this.#listing.pageSize)
    return this.#requests < Math.min(maxPages, pages) * 4 + 8
  }

  /** Rows that were announced and did not come. What came and cannot be read would not come better again. */
  get isShort(): boolean {
    return this.missing - this.#unreadable > 0
  }

  get missing(): number {
    return this.#count === null ? this.#unreadable : Math.max(0, this.#count - this.#seen.size)
  }

  /** A directory of which nothing at all came would look emptied, and sync tools would empty their side too. */
  assertNotEmptyHanded(): void {
    if (this.#seen.size > 0 || this.missing === 0) return
    throw protocolError(this.#action, `${this.missing} entries are announced and none is given`)
  }

  turnRound(): void {
    this.#order = { ...this.#order, isAscending: !this.#order.isAscending }
    this.#isForward = false
    this.#firstIds.clear()
  }

  async read(offset: number): Promise<Read> {
    const { client, directory, rootId, pageSize } = this.#listing
    const cid = directory.id
    const query = { cid, offset, limit: pageSize, order: this.#order, action: this.#action }
    const page = await listPage(client, query, this.#ctx)
    this.#requests += 1
    assertListed(page, { cid, rootId, action: this.#action })
    this.#order = page.order
    const sunkBy = Math.max(0, (this.#count ?? 0) - (page.count ?? this.#count ?? 0))
    this.#count = page.count ?? this.#count
    this.#mostCount = Math.max(this.#mostCount, this.#count ?? 0)
    return this.#take(page, offset, sunkBy)
  }

  #take(page: ListPage, offset: number, sunkBy: number): Read {
    const fresh = page.rows.filter((row) => !this.#seen.has(row.id))
    for (const row of fresh) this.#seen.add(row.id)
    const received = page.rows.length + page.unreadable
    if (page.unreadable > 0) this.#reportUnreadable(page.unreadable, offset)
    return {
      fresh: fresh.map((row) => toEntry(row, this.#listing.directory.id)),
      received,
      sunkBy,
      isAtEnd: this.#isAtEnd(offset + received, received < this.#listing.pageSize),
      isStuck: this.#isRepeated(page, offset) || fresh.length + page.unreadable === 0,
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

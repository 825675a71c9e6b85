import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import { type Ctx, throwIfCancelled } from '../core/ctx.ts'
import { type Driver, type Layer, type Page, wrap } from '../core/driver.ts'
import type { Entry, EntryId } from '../core/entry.ts'
import type { EntryStore, Remembered } from '../core/entry-store.ts'
import { type ErrorKind, isStorageError, toStorageError } from '../core/errors.ts'
import type { Link, LinkRequest, UrlLink } from '../core/link.ts'
import { Broadcast } from '../lib/broadcast.ts'
import type { Clock } from '../lib/clock.ts'
import { whileWanted } from './singleflight.ts'

export interface CacheParts {
  readonly store: EntryStore
  readonly clock: Clock
  /** How long a remembered listing counts as fresh. */
  readonly listingTtlMs: number
}

const pageSize = 1000
const maxLinks = 10_000
/** A link is not handed out in the last part of its life: who gets it needs time to use it. */
const linkMarginMs = 60_000
/** Links have died after about an hour although their own text promised more. */
const maxLinkAgeMs = 60 * 60_000

/** How long a cloud that could not be reached is not asked again for what is remembered anyway. */
const outagePauseMs = 30_000

/** Failures that say nothing about the tree, so what is remembered still stands. */
const passing: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'RateLimited',
  'Unavailable',
  'AuthExpired',
  'VerificationRequired',
  'Protocol',
])

/**
 * Remembers listings in an EntryStore and links in memory. Invariants:
 * - fresh listings are answered without asking the driver;
 * - a listing never seen is passed on page by page while it is written down;
 * - a listing seen before is replaced only by a complete newer one; while that fails for passing reasons
 *   the old one is the answer, unless the caller asked for the truth of now;
 * - a link is used again only by a reader it would have been made for.
 */
export function cache(parts: CacheParts): Layer {
  return (inner) => {
    const outage = new Outage(parts.clock)
    const listings = rememberListings(inner, parts, outage)
    const root = rememberRoot(inner.root.bind(inner), parts, outage)
    const cached = wrap(inner, {
      root: () => root,
      list: () => listings.list,
      link: (next) => rememberLinks(next, inner, parts.clock),
      findDirectory: (next) => rememberDirectories(next, { root, ...listings }, parts),
    })
    // A remembered listing makes finding by name cheaper than listing, whatever the driver below can do.
    return { ...cached, find: listings.find }
  }
}

interface Listings {
  readonly list: Driver['list']
  readonly find: NonNullable<Driver['find']>
  /** Null: not remembered, or no longer fresh. */
  readonly freshListing: (directory: EntryId, ctx: Ctx) => Promise<Remembered | null>
}

function rememberListings(
  inner: Driver,
  { store, clock, listingTtlMs }: CacheParts,
  outage: Outage,
): Listings {
  const fills = new Broadcast<EntryId, Page>()
  const isFresh = (known: Remembered) => known.listedAtMs + listingTtlMs > clock.now()

  async function freshListing(directory: EntryId, ctx: Ctx): Promise<Remembered | null> {
    if (ctx.fresh) return null
    const known = await store.remembered(directory)
    return known && isFresh(known) ? known : null
  }

  async function* record(directory: Entry, ctx: Ctx): AsyncGenerator<Page> {
    const recording = store.record(directory.id)
    let missing = 0
    try {
      for await (const page of inner.list(directory, ctx)) {
        await recording.add(page.entries)
        missing += page.missing
        yield page
      }
      throwIfCancelled(ctx)
      await recording.commit({ listedAtMs: clock.now(), missing })
    } catch (error) {
      if (isStorageError(error, 'NotFound')) await store.forget(directory.id)
      throw error
    } finally {
      await recording.discard()
    }
  }

  /** Who comes late to a long listing waits for its end: its first pages are on disk and no longer in memory. */
  async function* fill(directory: Entry, ctx: Ctx): AsyncGenerator<Page> {
    if (!fills.hasLetGo(directory.id)) {
      yield* filling(directory, ctx)
      return
    }
    await exhaust(filling(directory, ctx))
    yield* store.children(directory.id, pageSize)
  }

  const filling = (directory: Entry, ctx: Ctx) =>
    whileWanted(
      fills.join(directory.id, ctx.signal, ({ signal }) => record(directory, { ...ctx, signal })),
      ctx,
    )

  /** For a caller who needs none of the pages. */
  async function exhaust(pages: AsyncIterable<Page>): Promise<void> {
    for await (const page of pages) void page
  }

  async function refill(directory: Entry, ctx: Ctx): Promise<void> {
    if (outage.isOn() && !ctx.fresh) return
    try {
      await outage.watch(exhaust(filling(directory, ctx)))
    } catch (error) {
      const failure = toStorageError(error, ctx.signal)
      if (ctx.fresh || !passing.has(failure.kind)) throw failure
      ctx.log.warn({ error: failure, directory: directory.name }, 'listing failed, remembered one is served')
    }
  }

  async function* list(directory: Entry, ctx: Ctx): AsyncGenerator<Page> {
    if (!(await freshListing(directory.id, ctx))) {
      if (!(await store.remembered(directory.id))) {
        yield* fill(directory, ctx)
        return
      }
      await refill(directory, ctx)
    }
    yield* store.children(directory.id, pageSize)
  }

  async function find(directory: Entry, name: string, ctx: Ctx): Promise<Entry | null> {
    const known = await freshListing(directory.id, ctx)
    if (known) return store.child(directory.id, name)
    if (inner.find) return inner.find(directory, name, ctx)
    // One name is wanted: nothing of a long listing has to come back from the store.
    if (await store.remembered(directory.id)) await refill(directory, ctx)
    else await exhaust(filling(directory, ctx))
    return store.child(directory.id, name)
  }

  return { list, find, freshListing }
}

/** The root costs one request in a driver's life; while the cloud does not answer, the remembered one serves. */
function rememberRoot(next: Driver['root'], { store, clock }: CacheParts, outage: Outage): Driver['root'] {
  let known: Entry | null = null

  async function ask(ctx: Ctx): Promise<Entry> {
    const root = await outage.watch(next(ctx))
    const before = await store.shortcut([])
    if (before && !isSameTree(before.directory, root)) await store.forgetAll()
    await store.rememberShortcut([], { directory: root, foundAtMs: clock.now() })
    known = root
    return root
  }

  async function remembered(): Promise<Entry | null> {
    const before = await store.shortcut([])
    return before && before.foundAtMs !== distrustedAtMs ? before.directory : null
  }

  return async (ctx) => {
    if (ctx.fresh) return ask(ctx)
    const root = known ?? (outage.isOn() ? await remembered() : null)
    if (root) return root
    try {
      return await ask(ctx)
    } catch (error) {
      const failure = toStorageError(error, ctx.signal)
      const before = passing.has(failure.kind) ? await remembered() : null
      if (!before) throw failure
      ctx.log.warn({ error: failure }, 'cloud does not answer, the remembered tree is served')
      return before
    }
  }
}

/** While a cloud cannot be reached each question takes its whole timeout, so few are asked: not one per reader. */
class Outage {
  readonly #clock: Clock
  #untilMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isOn(): boolean {
    return this.#clock.now() < this.#untilMs
  }

  /** Learns from how `question` ends, and ends the same. */
  async watch<T>(question: Promise<T>): Promise<T> {
    try {
      const answer = await question
      this.#untilMs = Number.NEGATIVE_INFINITY
      return answer
    } catch (error) {
      if (isStorageError(error, 'Unavailable')) this.#untilMs = this.#clock.now() + outagePauseMs
      throw error
    }
  }
}

const distrustedAtMs = 0

/**
 * For when a person changed the storage's options: it may show another tree now, so what is remembered of `store` is
 * shown again only after the cloud has named the same root.
 */
export async function distrustRoot(store: EntryStore): Promise<void> {
  const before = await store.shortcut([])
  if (before) await store.rememberShortcut([], { ...before, foundAtMs: distrustedAtMs })
}

/**
 * Another root is another tree: nothing remembered holds for it. So is the same id with other notes of its driver,
 * which may name the account; they are compared here and not read.
 */
function isSameTree(one: Entry, other: Entry): boolean {
  return one.id === other.id && isDeepStrictEqual(one.native, other.native)
}

function rememberDirectories(
  next: NonNullable<Driver['findDirectory']>,
  known: Pick<Listings, 'freshListing'> & Pick<Driver, 'root'>,
  { store, clock, listingTtlMs }: CacheParts,
): NonNullable<Driver['findDirectory']> {
  /** Walks down as far as fresh listings lead. Undefined: they do not lead to the end. */
  async function walk(names: readonly string[], ctx: Ctx): Promise<Entry | null | undefined> {
    // Also what is remembered by path holds below this root only.
    let here: Entry | null = await known.root({ ...ctx, fresh: false })
    for (const name of names) {
      if (!here || !(await known.freshListing(here.id, ctx))) return undefined
      here = await store.child(here.id, name)
      if (here?.kind !== 'directory') return null
    }
    return here
  }

  return async (names, ctx) => {
    const walked = await walk(names, ctx)
    if (walked !== undefined) return walked
    const shortcut = ctx.fresh ? null : await store.shortcut(names)
    if (shortcut && shortcut.foundAtMs + listingTtlMs > clock.now()) return shortcut.directory
    const directory = await next(names, ctx)
    if (directory) await store.rememberShortcut(names, { directory, foundAtMs: clock.now() })
    return directory
  }
}

function rememberLinks(next: Driver['link'], inner: Driver, clock: Clock): Driver['link'] {
  const links = new LRUCache<string, { link: UrlLink; usableUntilMs: number }>({ max: maxLinks })
  const freeKey = (file: Entry) => JSON.stringify([file.id])

  function boundKey(file: Entry, want: LinkRequest): string {
    return JSON.stringify([file.id, ...inner.traits.linksBoundTo.map((binding) => [binding, want[binding]])])
  }

  function recall(key: string, { refused }: LinkRequest): Link | null {
    const kept = links.get(key)
    // Whoever is refused first has it replaced for all; nobody is given again what was refused.
    if (kept && kept.link.url === refused) links.delete(key)
    else if (kept && kept.usableUntilMs > clock.now()) return kept.link
    return null
  }

  return async (file, want, ctx) => {
    const kept = ctx.fresh ? null : (recall(freeKey(file), want) ?? recall(boundKey(file, want), want))
    if (kept) return kept
    const link = await next(file, want, ctx)
    if (link.kind === 'url') {
      const key = link.boundTo.length === 0 ? freeKey(file) : boundKey(file, want)
      links.set(key, { link, usableUntilMs: usableUntil(link, clock.now()) })
    }
    return link
  }
}

function usableUntil(link: UrlLink, nowMs: number): number {
  if (!link.expiresAt) return nowMs + maxLinkAgeMs
  const lifeMs = link.expiresAt.getTime() - nowMs
  // Short lives keep most of themselves: a fixed margin could be all of it.
  return nowMs + Math.min(maxLinkAgeMs, lifeMs - Math.min(linkMarginMs, lifeMs / 10))
}

import type { Ctx } from '../core/ctx.ts'
import { type Layer, type Page, wrap } from '../core/driver.ts'
import type { EntryId } from '../core/entry.ts'
import { toStorageError } from '../core/errors.ts'
import type { Link, LinkRequest } from '../core/link.ts'
import { Broadcast } from '../lib/broadcast.ts'
import { type Flight, Singleflight } from '../lib/singleflight.ts'

/**
 * Makes equal reads that are in flight at the same time one. Whoever leaves early leaves alone: the shared
 * read goes on until the last one has left.
 */
export function singleflight(): Layer {
  return (inner) => {
    const flights = new Singleflight<string, unknown>()
    const listings = new Broadcast<EntryId, Page>()
    // `fresh` is no part of a key: nobody below remembers anything, so every answer in flight is one of now.
    // A key begins with its verb, so all runs of one key give the same type.
    const share = <T>(key: readonly unknown[], ctx: Ctx, run: (ctx: Ctx) => Promise<T>): Promise<T> =>
      flights
        .run(JSON.stringify(key), ctx.signal, ({ signal }) => run({ ...ctx, signal }))
        .catch((error: unknown) => {
          // Who leaves early is told by the signal's own reason, which is no StorageError yet.
          throw toStorageError(error, ctx.signal)
        }) as Promise<T>
    return wrap(inner, {
      root: (next) => (ctx) => share(['root'], ctx, next),
      list: (next) =>
        async function* list(directory, ctx) {
          // Too late to share: its first pages are gone.
          if (listings.hasLetGo(directory.id)) listings.detach(directory.id)
          const open = ({ signal }: Flight) => next(directory, { ...ctx, signal })
          yield* whileWanted(listings.join(directory.id, ctx.signal, open), ctx)
        },
      link: (next) => (file, want, ctx) =>
        share<Link>(['link', file.id, ...boundValues(want)], ctx, (shared) => next(file, want, shared)),
      find: (next) => (directory, name, ctx) =>
        share(['find', directory.id, name], ctx, (shared) => next(directory, name, shared)),
      findDirectory: (next) => (names, ctx) =>
        share(['findDirectory', ...names], ctx, (shared) => next(names, shared)),
      usage: (next) => (ctx) => share(['usage'], ctx, next),
    })
  }
}

/** The pages of a shared listing, with leaving early told as Cancelled. */
export async function* whileWanted(pages: AsyncIterable<Page>, ctx: Ctx): AsyncGenerator<Page> {
  try {
    yield* pages
  } catch (error) {
    throw toStorageError(error, ctx.signal)
  }
}

function boundValues(want: LinkRequest): readonly (string | null)[] {
  return [want.userAgent, want.clientIp]
}

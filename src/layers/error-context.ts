import type { Ctx } from '../core/ctx.ts'
import { type Driver, type Layer, type Page, type Verb, wrap } from '../core/driver.ts'
import type { Entry } from '../core/entry.ts'
import { toStorageError } from '../core/errors.ts'

/** Tells every error which storage, verb and entry it belongs to. Meaning and class stay as they are. */
export function errorContext(storage: string): Layer {
  return (inner: Driver) => {
    const located = (error: unknown, verb: Verb, ctx: Ctx, entry?: Entry) =>
      toStorageError(error, ctx.signal).locate({ storage, verb, ...(entry ? { entry: entry.name } : {}) })

    async function* list(next: Driver['list'], directory: Entry, ctx: Ctx): AsyncGenerator<Page> {
      try {
        yield* next(directory, ctx)
      } catch (error) {
        throw located(error, 'list', ctx, directory)
      }
    }

    const guard = async <T>(verb: Verb, ctx: Ctx, entry: Entry | undefined, run: () => Promise<T>) => {
      try {
        return await run()
      } catch (error) {
        throw located(error, verb, ctx, entry)
      }
    }

    return wrap(inner, {
      root: (next) => (ctx) => guard('root', ctx, undefined, () => next(ctx)),
      list: (next) => (directory, ctx) => list(next, directory, ctx),
      link: (next) => (file, want, ctx) => guard('link', ctx, file, () => next(file, want, ctx)),
      find: (next) => (directory, name, ctx) =>
        guard('find', ctx, directory, () => next(directory, name, ctx)),
      findDirectory: (next) => (names, ctx) => guard('findDirectory', ctx, undefined, () => next(names, ctx)),
      usage: (next) => (ctx) => guard('usage', ctx, undefined, () => next(ctx)),
      check: (next) => (ctx) => guard('check', ctx, undefined, () => next(ctx)),
    })
  }
}

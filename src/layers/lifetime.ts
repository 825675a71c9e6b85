import type { Ctx } from '../core/ctx.ts'
import { type Driver, type Layer, type Page, wrap } from '../core/driver.ts'
import { StorageError } from '../core/errors.ts'
import { allowFanOut, linkAbort } from '../lib/abortable.ts'

/**
 * Ends the driver's running verbs when it is disposed of, and refuses later ones, with Unavailable. Without it a
 * long listing would go on asking the cloud for a mount that is gone, and be remembered for the one in its place.
 */
export function lifetime(storage: string): Layer {
  return (inner) => {
    const end = new AbortController()
    allowFanOut(end.signal)

    /** `ctx` for the time of one verb, and what lets go of it. */
    function begin(ctx: Ctx): { readonly within: Ctx; readonly finish: () => void } {
      end.signal.throwIfAborted()
      const link = linkAbort(ctx.signal)
      const onEnd = () => link.abort(end.signal.reason)
      end.signal.addEventListener('abort', onEnd, { once: true })
      const finish = () => {
        end.signal.removeEventListener('abort', onEnd)
        link.unlink()
      }
      return { within: { ...ctx, signal: link.signal }, finish }
    }

    /** A caller who left is told so; everybody else is told what ended the verb. */
    function reasonFor(error: unknown, ctx: Ctx): unknown {
      return end.signal.aborted && !ctx.signal.aborted ? end.signal.reason : error
    }

    async function during<T>(ctx: Ctx, run: (within: Ctx) => Promise<T>): Promise<T> {
      const { within, finish } = begin(ctx)
      try {
        return await run(within)
      } catch (error) {
        throw reasonFor(error, ctx)
      } finally {
        finish()
      }
    }

    async function* list(next: Driver['list'], ...[directory, ctx]: Parameters<Driver['list']>) {
      const { within, finish } = begin(ctx)
      try {
        for await (const page of next(directory, within)) {
          yield page satisfies Page
          // A remembered listing does not look at the signal.
          end.signal.throwIfAborted()
        }
      } catch (error) {
        throw reasonFor(error, ctx)
      } finally {
        finish()
      }
    }

    return wrap(inner, {
      root: (next) => (ctx) => during(ctx, next),
      list: (next) => (directory, ctx) => list(next, directory, ctx),
      link: (next) => (file, want, ctx) => during(ctx, (within) => next(file, want, within)),
      find: (next) => (directory, name, ctx) => during(ctx, (within) => next(directory, name, within)),
      findDirectory: (next) => (names, ctx) => during(ctx, (within) => next(names, within)),
      usage: (next) => (ctx) => during(ctx, next),
      check: (next) => (ctx) => during(ctx, next),
      dispose: (next) => async () => {
        end.abort(
          new StorageError('Unavailable', `Cannot go on: storage "${storage}" was changed or removed`),
        )
        await next()
      },
    })
  }
}

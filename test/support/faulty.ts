import { type Layer, type Page, type Verb, wrap } from '../../src/core/driver.ts'
import { type ErrorKind, StorageError } from '../../src/core/errors.ts'

/** Counts what reaches a driver and makes chosen calls fail: faults by script, not by luck. */
export interface Faults {
  /** Calls that reached the driver below, by verb. */
  readonly calls: Partial<Record<Verb, number>>
  /** Fails the next `times` calls of `verb`; a listing fails after `afterPages` pages. */
  fail(verb: Verb, kind: ErrorKind, options?: { times?: number; afterPages?: number }): void
  /** Lets reads wait until `release` is called. */
  hold(): void
  release(): void
  readonly layer: Layer
}

export function faults(): Faults {
  const calls: Partial<Record<Verb, number>> = {}
  const planned = new Map<Verb, { kind: ErrorKind; times: number; afterPages: number }>()
  let gate: Promise<void> = Promise.resolve()
  let open = () => {}

  const count = (verb: Verb) => {
    calls[verb] = (calls[verb] ?? 0) + 1
  }
  const take = (verb: Verb) => {
    const plan = planned.get(verb)
    if (!plan) return null
    plan.times -= 1
    if (plan.times === 0) planned.delete(verb)
    return plan
  }
  const meet = async <T>(verb: Verb, run: () => Promise<T>): Promise<T> => {
    count(verb)
    await gate
    const plan = take(verb)
    if (plan) throw new StorageError(plan.kind, `${verb} fails by plan`)
    return run()
  }

  return {
    calls,
    fail: (verb, kind, { times = 1, afterPages = 0 } = {}) => planned.set(verb, { kind, times, afterPages }),
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    release: () => open(),
    layer: (inner) =>
      wrap(inner, {
        root: (next) => (ctx) => meet('root', () => next(ctx)),
        list: (next) =>
          async function* list(directory, ctx): AsyncGenerator<Page> {
            count('list')
            await gate
            const plan = take('list')
            let pages = 0
            for await (const page of next(directory, ctx)) {
              if (plan && pages === plan.afterPages) throw new StorageError(plan.kind, 'list fails by plan')
              pages += 1
              yield page
            }
            if (plan) throw new StorageError(plan.kind, 'list fails by plan')
          },
        link: (next) => (file, want, ctx) => meet('link', () => next(file, want, ctx)),
        find: (next) => (directory, name, ctx) => meet('find', () => next(directory, name, ctx)),
        findDirectory: (next) => (names, ctx) => meet('findDirectory', () => next(names, ctx)),
      }),
  }
}

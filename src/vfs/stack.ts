import { type Driver, type Layer, stack } from '../core/driver.ts'
import type { EntryStore } from '../core/entry-store.ts'
import { cache } from '../layers/cache.ts'
import { errorContext } from '../layers/error-context.ts'
import { lifetime } from '../layers/lifetime.ts'
import { singleflight } from '../layers/singleflight.ts'
import type { Clock } from '../lib/clock.ts'

export interface StackParts {
  /** The mount path: what errors name. */
  readonly storage: string
  readonly store: EntryStore
  readonly clock: Clock
  readonly listingTtlMs: number
}

/** The one place that orders the layers around a driver, innermost first. */
export function buildStack(driver: Driver, parts: StackParts): Driver {
  const layers: Layer[] = [
    // Closest to the truth, so that every error says where it happened and only once.
    errorContext(parts.storage),
    // Below the cache, so that only misses reach it.
    singleflight(),
  ]
  // A driver whose listings cost nothing must not be remembered: what it says now is the truth.
  if (driver.traits.worthRemembering) {
    layers.push(cache({ store: parts.store, clock: parts.clock, listingTtlMs: parts.listingTtlMs }))
  }
  // Outermost: what ends with the storage are the callers' waits, whatever is shared or remembered below.
  layers.push(lifetime(parts.storage))
  return stack(driver, layers)
}

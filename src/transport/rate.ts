import { isStorageError } from '../core/errors.ts'
import type { Gate } from '../lib/pace.ts'
import type { RateLimiter } from '../lib/rate-limiter.ts'
import type { Try } from './decode.ts'
import { bucketOf, type ExchangeLayer, type Hop, rankOf } from './hop.ts'
import type { Bucket, WireRequest } from './transport.ts'
import { waitFor } from './wire-errors.ts'

/**
 * Every request takes one turn of the account's limiter, by priority. `gates` are what else must be open for a
 * bucket: its own, stricter pace and a free permit. Without the permit among them, turns would be saved up while
 * the cloud is slow and spent as a burst when it recovers.
 */
export function rate(limiter: RateLimiter, gates: Readonly<Record<Bucket, readonly Gate[]>>): ExchangeLayer {
  return (inner) => async (request: WireRequest, hop: Hop) => {
    await waitFor(limiter.take(rankOf(hop.priority), hop.signal, gates[bucketOf(hop)]), hop.signal)
    return inner(request, hop)
  }
}

/** Halves the account's rate when the cloud, in whatever form, says that requests come too fast. */
export function slowOnRefusal(limiter: RateLimiter): (inner: Try) => Try {
  return (inner) => async (call, hop) => {
    try {
      return await inner(call, hop)
    } catch (error) {
      // An aborted hop brings somebody else's refusal, which has been counted already.
      if (isStorageError(error, 'RateLimited') && !hop.signal.aborted) limiter.slowDown()
      throw error
    }
  }
}

import { Semaphore } from '../lib/semaphore.ts'
import { bucketOf, type ExchangeLayer, type Hop, rankOf, whenClosed } from './hop.ts'
import type { Bucket, WireRequest } from './transport.ts'
import { waitFor } from './wire-errors.ts'

/** Requests that may be under way at once, bodies included, by bucket. */
export type Permits = Readonly<Record<Bucket, Semaphore>>

export function createPermits(limits: Readonly<Record<Bucket, number>>): Permits {
  return {
    list: new Semaphore(limits.list),
    link: new Semaphore(limits.link),
    upload: new Semaphore(limits.upload),
    other: new Semaphore(limits.other),
  }
}

/**
 * Holds a permit of the request's bucket until the body has ended or was destroyed: the head is not the end of an
 * answer. `onFree` is called whenever a permit came back.
 */
export function concurrency(permits: Permits, onFree: () => void): ExchangeLayer {
  return (inner) => async (request: WireRequest, hop: Hop) => {
    const release = await waitFor(
      permits[bucketOf(hop)].acquire(hop.signal, rankOf(hop.priority)),
      hop.signal,
    )
    const giveBack = () => {
      release()
      onFree()
    }
    try {
      // Nothing waits below this line, so from here on the request counts as sent.
      hop.onDeparture?.()
      const response = await inner(request, hop)
      whenClosed(response.body, giveBack)
      return response
    } catch (error) {
      giveBack()
      throw error
    }
  }
}

import type { Ctx, Priority } from '../core/ctx.ts'
import type { Bucket, Exchange } from './transport.ts'

/**
 * What the layers below `send` know of the call that a request belongs to. All of it may be absent: an Exchange
 * also works with a plain Ctx.
 */
export interface Hop extends Ctx {
  readonly bucket?: Bucket
  /** The call's name, for logs and errors. */
  readonly call?: string
  /** Milliseconds to the head and between chunks, when the call has its own idea. */
  readonly timeoutMs?: number
  /** Called when all waiting is over and the request is about to leave. */
  readonly onDeparture?: () => void
}

/** Gives back an Exchange that keeps the inner one's meaning. */
export type ExchangeLayer = (inner: Exchange) => Exchange

export function bucketOf(hop: Hop): Bucket {
  return hop.bucket ?? 'other'
}

const ranks: Readonly<Record<Priority, number>> = { person: 0, playback: 1, write: 2, scan: 3 }

/** The smaller, the sooner. */
export function rankOf(priority: Priority): number {
  return ranks[priority]
}

/** Runs `onClose` once when `body` has ended, failed or been destroyed, also when that has happened already. */
export function whenClosed(
  body: NodeJS.EventEmitter & { readonly closed: boolean },
  onClose: () => void,
): void {
  if (body.closed) onClose()
  else body.once('close', onClose)
}

import { isStorageError } from '../core/errors.ts'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { isBlock } from './breaker.ts'
import type { Try } from './decode.ts'
import type { Hop } from './hop.ts'
import type { Call } from './transport.ts'
import { waitFor } from './wire-errors.ts'

export interface RetryOptions {
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Tries in all, the first one included. */
  readonly attempts: number
  readonly baseMs: number
  readonly maxMs: number
  /** A cloud that asks for a longer pause than this is not waited for. */
  readonly retryAfterCapMs: number
  readonly onRetry?: () => void
}

/**
 * Repeats a repeatable call that failed with something time may heal, after a pause. A block is never repeated:
 * that would be the one thing that makes it worse. During the pause nothing is held, neither turn nor permit.
 */
export function retry(options: RetryOptions): (inner: Try) => Try {
  return (inner) => async (call, hop) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await inner(call, hop)
      } catch (error) {
        const pauseMs = attempt < options.attempts ? pauseBefore(error, call, attempt, options) : null
        if (pauseMs === null || hop.signal.aborted) throw error
        logRetry(call, hop, attempt, pauseMs, error)
        options.onRetry?.()
        await waitFor(options.clock.sleep(pauseMs, hop.signal), hop.signal)
      }
    }
  }
}

/** Milliseconds to wait before the next try; null when there must be none. */
function pauseBefore(
  error: unknown,
  call: Call<unknown>,
  attempt: number,
  options: RetryOptions,
): number | null {
  if (!call.repeatable || isBlock(error)) return null
  if (!isStorageError(error) || error.retry !== 'later') return null
  if ((error.retryAfterMs ?? 0) > options.retryAfterCapMs) return null
  return Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, options))
}

function logRetry(call: Call<unknown>, hop: Hop, attempt: number, pauseMs: number, error: unknown): void {
  const reason = isStorageError(error) ? error.kind : 'unknown'
  hop.log.info(
    { call: call.name, attempt, pauseMs: Math.round(pauseMs), reason },
    'upstream call will be repeated',
  )
}

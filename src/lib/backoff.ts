export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/**
 * How long to wait after the failed try number `attempt` (1 is the first): doubling from `baseMs` up to `maxMs`,
 * of which half is certain and half is chance, so that callers who failed together do not return together.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const full = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1))
  return full / 2 + (full / 2) * options.random()
}

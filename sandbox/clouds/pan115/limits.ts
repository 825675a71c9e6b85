/** The numbers by which the emulated 115 limits its clients. Times are virtual. */
export interface Limits {
  /** Page caps; web and app answer fewer rows or refuse, natsort starts over behind its cap. */
  readonly webPage: number
  readonly natsortRows: number
  readonly appPage: number
  /** How old the newest login of a slot must be before a check kills the others. */
  readonly evictAfterMs: number
  readonly qrLifeMs: number
  readonly qrHoldMs: number
  readonly linkLifeMs: number
  /** Downloads at once per link; 0 is any number. */
  readonly linkConnections: number
  /** Listings per account and host before the firewall closes; null is any number. */
  readonly firewall: FirewallRule | null
}

export interface FirewallRule {
  readonly limit: number
  readonly windowMs: number
  readonly coolMs: number
}

/**
 * The defaults. Page caps and the 60 s of eviction are read-from-client; QR life, hold time, link life, link
 * connections and the firewall's numbers are guessed (clients back off for 5 to 10 minutes), 2026-10.
 */
export const DEFAULT_LIMITS: Limits = {
  webPage: 1150,
  natsortRows: 1200,
  appPage: 7000,
  evictAfterMs: 60_000,
  qrLifeMs: 300_000,
  qrHoldMs: 30_000,
  linkLifeMs: 3_600_000,
  linkConnections: 2,
  firewall: { limit: 60, windowMs: 10_000, coolMs: 300_000 },
}

interface Watch {
  /** Times of the latest calls, oldest first. */
  readonly calls: number[]
  blockedUntilMs: number
}

/** Counts listings per account and host and closes when there are too many. */
export class Firewall {
  readonly #watches = new Map<string, Watch>()

  /** Counts one call; false while blocked. Calls made while blocked do not prolong the block. */
  admit(account: string, host: string, nowMs: number, rule: FirewallRule): boolean {
    const watch = this.#watchOf(`${account} ${host}`)
    if (nowMs < watch.blockedUntilMs) return false
    while (watch.calls[0] !== undefined && watch.calls[0] <= nowMs - rule.windowMs) watch.calls.shift()
    watch.calls.push(nowMs)
    if (watch.calls.length <= rule.limit) return true
    watch.calls.length = 0
    watch.blockedUntilMs = nowMs + rule.coolMs
    return false
  }

  /** Lifts every block. */
  reset(): void {
    this.#watches.clear()
  }

  #watchOf(key: string): Watch {
    const known = this.#watches.get(key)
    if (known) return known
    const watch: Watch = { calls: [], blockedUntilMs: 0 }
    this.#watches.set(key, watch)
    return watch
  }
}

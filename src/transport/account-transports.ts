import {
  type AccountTransport,
  createTransport,
  type TransportOptions,
  type TransportStats,
} from './stack.ts'

export type TransportsOptions = Omit<TransportOptions, 'account' | 'ratePerSecond'>

interface Account {
  readonly transport: AccountTransport
  /** Requests per second that each user of the account was configured with. */
  readonly rates: Map<string, number>
}

/**
 * One Transport per account, however many mounts use it: clouds count by account, so limits, permits and what is
 * known about blocks are shared. Of several configured rates the lowest holds: each mount was promised that the
 * account is not asked more often than it says.
 *
 * An account is never forgotten while the process lives: a mount that is removed and added again must not come
 * back with a fresh limiter in the middle of a cool-down.
 */
export class AccountTransports {
  readonly #options: TransportsOptions
  readonly #accounts = new Map<string, Account>()

  constructor(options: TransportsOptions) {
    this.#options = options
  }

  /**
   * The transport of `account`. `owner` (a mount) may ask again, with another rate or another account: what it
   * said last counts. Throws RangeError for a rate that is not above 0.
   */
  use(account: string, ratePerSecond: number, owner: string): AccountTransport {
    if (!(ratePerSecond > 0)) throw new RangeError(`Invalid rate ${ratePerSecond} per second`)
    const known = this.#accounts.get(account) ?? this.#open(account, ratePerSecond)
    for (const other of this.#accounts.values()) if (other !== known) release(other, owner)
    known.rates.set(owner, ratePerSecond)
    applyRate(known)
    return known.transport
  }

  /** `owner` is gone: its rate no longer holds anybody back. */
  leave(owner: string): void {
    for (const account of this.#accounts.values()) release(account, owner)
  }

  stats(): readonly TransportStats[] {
    return [...this.#accounts.values()].map(({ transport }) => transport.stats())
  }

  #open(account: string, ratePerSecond: number): Account {
    const transport = createTransport({ ...this.#options, account, ratePerSecond })
    const opened: Account = { transport, rates: new Map() }
    this.#accounts.set(account, opened)
    return opened
  }
}

function release(account: Account, owner: string): void {
  if (account.rates.delete(owner)) applyRate(account)
}

/** The last rate stays when nobody is left to name one. */
function applyRate({ transport, rates }: Account): void {
  if (rates.size > 0) transport.setRate(Math.min(...rates.values()))
}

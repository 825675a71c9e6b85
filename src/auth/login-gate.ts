import { isIPv6, SocketAddress } from 'node:net'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AuthError } from './auth-error.ts'

const windowSeconds = 5 * 60
/** Failures of one account from one network. */
const failuresPerAccount = 5
/** Failures from one network whatever the accounts: guessing one password for many names. */
const failuresPerNetwork = 50

/** Who tries to log in, from where. */
export interface Attempt {
  readonly name: string
  /** The client's address, behind trusted proxies resolved. */
  readonly network: string
}

/**
 * Slows guessing down, for every protocol together. Failures count per account *and* network, so nobody can lock
 * an account from elsewhere, and per network in a wider budget. Kept in memory: a restart forgives.
 */
export class LoginGate {
  readonly #accounts = new RateLimiterMemory({ points: failuresPerAccount, duration: windowSeconds })
  readonly #networks = new RateLimiterMemory({ points: failuresPerNetwork, duration: windowSeconds })
  /** How often each account was unlocked: a part of its keys, so that unlocking forgets all older failures. */
  readonly #unlocks = new Map<string, number>()
  #unlocked = 0

  /** Throws AuthError `locked` while too many attempts failed. Counts nothing. */
  async check(attempt: Attempt): Promise<void> {
    const [account, network] = await Promise.all([
      this.#accounts.get(this.#accountKey(attempt)),
      this.#networks.get(this.#networkKey(attempt)),
    ])
    if (account && account.consumedPoints >= failuresPerAccount) throw locked(account)
    if (network && network.consumedPoints >= failuresPerNetwork) throw locked(network)
  }

  /**
   * Counts `attempt` as a failure until `succeeded` says otherwise: counting only after the password was checked
   * would let a thousand guesses pass that are sent at once. Throws AuthError `locked`.
   */
  async begin(attempt: Attempt): Promise<void> {
    try {
      await this.#accounts.consume(this.#accountKey(attempt))
      await this.#networks.consume(this.#networkKey(attempt))
    } catch (error) {
      throw error instanceof RateLimiterRes ? locked(error) : error
    }
  }

  /** Forgets the account's failures from this network. Those of other accounts from it stay. */
  async succeeded(attempt: Attempt): Promise<void> {
    await this.#accounts.delete(this.#accountKey(attempt))
    await this.#networks.reward(this.#networkKey(attempt))
  }

  /** Lets the account try again at once, from every network. */
  unlock(name: string): void {
    this.#unlocks.set(name, (this.#unlocks.get(name) ?? 0) + 1)
    this.#unlocked += 1
  }

  #accountKey({ name, network }: Attempt): string {
    return JSON.stringify([name, networkOf(network), this.#unlocks.get(name) ?? 0])
  }

  #networkKey({ network }: Attempt): string {
    return JSON.stringify([networkOf(network), this.#unlocked])
  }
}

/**
 * The network that `address` counts as: itself for IPv4, its /64 for IPv6, where one subscriber owns 2^64
 * addresses. Text that is no address counts as it is.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = new SocketAddress({ address: plain, family: 'ipv6' }).address.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`
}

function locked(result: RateLimiterRes): AuthError {
  return new AuthError('locked', 'Too many failed attempts to log in', { retryAfterMs: result.msBeforeNext })
}

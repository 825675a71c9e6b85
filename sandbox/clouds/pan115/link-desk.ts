import { createHash } from 'node:crypto'
import type { Account } from '../../state/accounts.ts'
import type { Random } from '../../state/random.ts'
import type { File } from '../../state/tree.ts'

/** What a client must bring to the CDN: nothing, the same User-Agent, or that and the cookie of the link. */
export type LinkBinding = '' | '1' | '3'

/** How a link behaves. */
export interface LinkPolicy {
  readonly lifeMs: number
  /** Downloads at once; 0 is any number. */
  readonly connections: number
  readonly binding: LinkBinding
  /** Serves one download and is gone. */
  readonly isOneShot: boolean
}

/** One link that was handed out. */
export interface IssuedLink {
  /** 40 hex digits: the first segment of its path. */
  readonly key: string
  readonly file: File
  readonly account: Account
  readonly userAgent: string
  readonly expiresAtS: number
  readonly policy: LinkPolicy
  /** Null unless the binding asks for one. */
  readonly cookie: { readonly name: string; readonly value: string } | null
  /** Path and query on the CDN host. */
  readonly target: string
  /** Downloads running now. */
  open: number
  /** Downloads ever begun. */
  served: number
}

const MAX_LINKS = 50_000
const SIGNATURE_DIGITS = 32
// Bytes per second that a link promises per connection and per user. Evidence: read-from-client, 2026-10.
const SPEED_PER_CONNECTION = 524_288_000
const SPEED_PER_USER = 5_242_880_000

/** All links that were handed out, so that the CDN can hold clients to them. */
export class LinkDesk {
  readonly #random: Random
  readonly #links = new Map<string, IssuedLink>()

  constructor(random: Random) {
    this.#random = random
  }

  /** Makes a link to `file` for whoever asks with that User-Agent. */
  issue(
    file: File,
    account: Account,
    request: { userAgent: string; pickcode: string; nowMs: number; policy: LinkPolicy },
  ): IssuedLink {
    const { userAgent, policy } = request
    const key = this.#random.hex(40)
    const expiresAtS = Math.floor((request.nowMs + policy.lifeMs) / 1000)
    const path = `/${key}/${encodeURIComponent(file.name)}`
    const query = new URLSearchParams({
      t: String(expiresAtS),
      u: account.userId,
      s: String(SPEED_PER_CONNECTION),
      d: `vip-${account.userId}-${request.pickcode}-1-0`,
      c: String(policy.connections),
      f: policy.binding,
    })
    query.set(
      'k',
      sign(`${path}?${query.toString()} ${policy.binding === '' ? '' : userAgent}`, this.#links.size),
    )
    query.set('us', String(SPEED_PER_USER))
    query.set('uc', '10')
    query.set('v', '1')
    const cookie = policy.binding === '3' ? { name: this.#random.hex(32), value: this.#random.hex(32) } : null
    const target = `${path}?${query.toString()}`
    const link = { key, file, account, userAgent, expiresAtS, policy, cookie, target, open: 0, served: 0 }
    this.#links.set(key, link)
    this.#forgetOldest()
    return link
  }

  /** Null for a key that was never issued or is forgotten. */
  find(key: string): IssuedLink | null {
    return this.#links.get(key) ?? null
  }

  #forgetOldest(): void {
    for (const key of this.#links.keys()) {
      if (this.#links.size <= MAX_LINKS) return
      this.#links.delete(key)
    }
  }
}

/** Not secret, only hard to guess by accident: the desk compares it with what it issued. */
function sign(text: string, salt: number): string {
  return createHash('sha256').update(`${text} ${salt}`).digest('hex').slice(0, SIGNATURE_DIGITS)
}

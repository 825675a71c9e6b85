import { Listings } from './listing.ts'
import type { Random } from './random.ts'
import { Tree } from './tree.ts'

/**
 * active: good · stale: a newer login took its slot, but nobody has noticed yet · kicked: replaced or thrown out ·
 * expired: ran out by itself
 */
export type SessionState = 'active' | 'stale' | 'kicked' | 'expired'

/** One login of one device. The cloud decides what its secrets look like on the wire. */
export interface Session {
  readonly account: Account
  /** The product that logged in, as the cloud spells it. */
  readonly device: string
  /** Logins of one slot replace each other. */
  readonly slot: string
  readonly loginAtMs: number
  readonly secrets: { readonly cid: string; readonly seid: string; readonly kid: string }
  state: SessionState
}

/** A person's account: who they are, their logins and their drive. */
export interface Account {
  /** Decimal. */
  readonly userId: string
  readonly name: string
  readonly isVip: boolean
  readonly spaceBytes: number
  /** 40 upper hex digits. */
  readonly userKey: string
  /** The 4-character point in the account's pickcodes. */
  readonly stable: string
  /** Counts from 0 in the order of creation. */
  readonly number: number
  readonly tree: Tree
  readonly listings: Listings
  readonly sessions: Session[]
}

/** What may be chosen about a new account; the rest is made up. */
export interface NewAccount {
  readonly name?: string
  readonly isVip?: boolean
  readonly spaceBytes?: number
}

const FIRST_USER_ID = 100_000_001
const TERABYTE = 1024 ** 4

/** All accounts and their sessions. */
export class Accounts {
  readonly #random: Random
  readonly #accounts = new Map<string, Account>()
  readonly #sessions = new Map<string, Session>()

  constructor(random: Random) {
    this.#random = random
  }

  /** In the order of creation. */
  all(): Account[] {
    return [...this.#accounts.values()]
  }

  /** Null when there is none. */
  find(userId: string): Account | null {
    return this.#accounts.get(userId) ?? null
  }

  create(spec: NewAccount = {}): Account {
    const number = this.#accounts.size
    const tree = new Tree(number + 1)
    const account: Account = {
      userId: String(FIRST_USER_ID + number),
      name: spec.name ?? `tester${number + 1}`,
      isVip: spec.isVip ?? true,
      spaceBytes: spec.spaceBytes ?? 36 * TERABYTE,
      userKey: this.#random.hex(40).toUpperCase(),
      stable: `0${this.#random
        .int(36 ** 3)
        .toString(36)
        .padStart(3, '0')}`,
      number,
      tree,
      listings: new Listings(tree),
      sessions: [],
    }
    this.#accounts.set(account.userId, account)
    return account
  }

  /** A new session; older ones of the same slot become stale, and it is the cloud's affair when they die. */
  login(account: Account, device: string, slot: string, nowMs: number): Session {
    for (const older of account.sessions) {
      if (older.slot === slot && older.state === 'active') older.state = 'stale'
    }
    const secrets = { cid: this.#random.hex(32), seid: this.#random.hex(120), kid: this.#random.hex(32) }
    const session: Session = { account, device, slot, loginAtMs: nowMs, secrets, state: 'active' }
    account.sessions.push(session)
    this.#sessions.set(secrets.seid, session)
    return session
  }

  /** The session with that secret; dead ones are found too, so that the cloud can say what became of them. */
  findSession(seid: string): Session | null {
    return this.#sessions.get(seid) ?? null
  }
}

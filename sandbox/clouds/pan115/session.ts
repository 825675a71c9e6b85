import type { Exchange } from '../../server/exchange.ts'
import type { Account, Session } from '../../state/accounts.ts'
import type { Pan115 } from './cloud.ts'
import { slotOf } from './devices.ts'

const CODE_NOT_LOGGED_IN = 99
const CODE_KICKED = 990001

/** The cookie header of a session, as a client would keep it. */
export function cookieOf(session: Session): string {
  return Object.entries(cookiesOf(session))
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}

/** The four cookies by name, as the QR login hands them out. */
export function cookiesOf(session: Session): { UID: string; CID: string; SEID: string; KID: string } {
  const { cid, seid, kid } = session.secrets
  return { UID: uidOf(session), CID: cid, SEID: seid, KID: kid }
}

/** Logs a device in. Null when 115 does not know the device. */
export function logIn(
  cloud: Pan115,
  account: Account,
  device: string,
  atMs = cloud.world.clock.now(),
): Session | null {
  const slot = slotOf(device)
  if (slot === null) return null
  return cloud.world.accounts.login(account, device === 'desktop' ? 'web' : device, slot, atMs)
}

/** The session whose cookies came along, dead or alive; null when they belong to none. */
export function findSession(cloud: Pan115, exchange: Exchange): Session | null {
  const session = cloud.world.accounts.findSession(exchange.cookies.get('SEID') ?? '')
  if (!session) return null
  const { cookies } = exchange
  if (cookies.get('UID') !== uidOf(session) || cookies.get('CID') !== session.secrets.cid) return null
  const kid = cookies.get('KID')
  return kid === undefined || kid === session.secrets.kid ? session : null
}

/**
 * Null when the request may go on, else the code that says why not. The app hosts are stricter with a login that
 * was replaced: they say 99 as soon as it is, the web hosts 990001 once it was thrown out.
 * Evidence: read-from-client (p115client's notes on eviction); the split of 99 and 990001 is guessed.
 */
export function refusalOf(cloud: Pan115, exchange: Exchange, isApp: boolean): number | null {
  const { session } = exchange
  if (!session) return CODE_NOT_LOGGED_IN
  if (!exchange.cookies.has('KID') && cloud.world.faults.peek('session.requireKid', exchange.facts())) {
    return CODE_NOT_LOGGED_IN
  }
  switch (session.state) {
    case 'active':
      return null
    case 'stale':
      return isApp ? CODE_NOT_LOGGED_IN : null
    case 'kicked':
      return isApp ? CODE_NOT_LOGGED_IN : CODE_KICKED
    case 'expired':
      return CODE_NOT_LOGGED_IN
  }
}

/** Throws out what newer logins of the same slot have replaced, once the newest is old enough. */
export function evictStale(cloud: Pan115, checking: Session): void {
  if (checking.state !== 'active') return
  if (cloud.world.clock.now() - checking.loginAtMs < cloud.limits.evictAfterMs) return
  for (const other of checking.account.sessions) {
    if (other.slot === checking.slot && other.state === 'stale') other.state = 'kicked'
  }
}

function uidOf(session: Session): string {
  return `${session.account.userId}_${session.slot}_${Math.floor(session.loginAtMs / 1000)}`
}

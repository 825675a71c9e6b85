import type { QrLogin } from '../../core/qr-login.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Addresses } from './addresses.ts'
import { Pan115Client, browserUserAgent } from './client.ts'
import { printCookie } from './cookie.ts'
import type { Pan115Cookie } from './cookie.ts'
import type { Pan115Keys } from './keys.ts'
import { createQrLogin } from './login.ts'

/** The way to 115, given by the app: the real one or a sandbox. */
export interface Pan115Access {
  readonly addresses: Addresses
  readonly keys: Pan115Keys
  /** The version of 115's browser to pass for; a known good one when absent. */
  readonly appVersion?: string
  /** The one transport of an account (its user id), shared by its mounts; the lowest rate asked for holds. */
  transport(account: string, ratePerSecond: number): Transport
  /** For calls before there is an account. */
  readonly loginTransport: Transport
}

/** What drivers for 115 need from the app. */
export interface Pan115Env {
  readonly pan115: Pan115Access
}

/** Speaks to 115 without a login. */
function anonymousClient(access: Pan115Access, clock: Clock): Pan115Client {
  const { addresses, keys, loginTransport: transport } = access
  const userAgent = browserUserAgent(access.appVersion)
  return new Pan115Client({ addresses, keys, transport, clock, userAgent, cookie: null })
}

/** Speaks to 115 as `cookie`, at most `ratePerSecond` requests per second. */
export function accountClient(
  access: Pan115Access,
  clock: Clock,
  login: { readonly cookie: Pan115Cookie; readonly ratePerSecond: number },
): Pan115Client {
  const { addresses, keys } = access
  const transport = access.transport(login.cookie.userId, login.ratePerSecond)
  const userAgent = browserUserAgent(access.appVersion)
  return new Pan115Client({ addresses, keys, transport, clock, userAgent, cookie: printCookie(login.cookie) })
}

/** Logging in by a code that the 115 app scans. */
export function createPan115Login(access: Pan115Access, clock: Clock): QrLogin {
  return createQrLogin(anonymousClient(access, clock))
}

import type { Answer } from '../../server/answer.ts'
import type { Session, SessionState } from '../../state/accounts.ts'
import { isDelisted, slotName, slotOf } from './devices.ts'
import { Refusal, textOfCode } from './errors.ts'
import { delisted, json, passportOk } from './reply.ts'
import type { Call, Route } from './route.ts'
import { evictStale, refusalOf } from './session.ts'

const CODE_RELOGIN = 40101032
const SECONDS_OF_A_LOGIN = 30 * 24 * 3600

/** Is this cookie good, which devices are logged in, and logging out. */
export function loginRoutes(): readonly Route[] {
  const passport = { family: 'passport', class: 'login', dialect: 'passport' } as const
  return [
    { ...passport, path: '/app/1.0/:app/1.0/check/sso', params: ['goto'], open: checkSso },
    {
      family: 'my',
      path: '/',
      select: { ct: 'guide', ac: 'status' },
      class: 'login',
      dialect: 'web',
      params: [],
      open: checkStatus,
    },
    { ...passport, path: '/app/1.0/:app/1.0/login_log/login_devices', params: [], guarded: listDevices },
    { ...passport, path: '/app/1.0/:app/1.0/login_log/log', params: ['start', 'limit'], guarded: listLogins },
    { ...passport, path: '/app/1.0/:app/1.0/logout/index', params: ['flag'], guarded: logOutSelf },
    { ...passport, path: '/app/1.0/:app/1.0/logout/logout', params: ['flag'], guarded: logOutApp },
    { ...passport, path: '/app/1.0/:app/1.0/logout/mange', params: ['ssoent'], guarded: logOutSlot },
  ]
}

/** `state` 0 means yes here. The failure body is guessed so that both readings of `state` see a no, 2026-10. */
function checkSso({ exchange, cloud }: Call): Answer {
  const { session } = exchange
  if (session && isDelisted(session.device)) return delisted()
  if (!session || refusalOf(cloud, exchange, false) !== null) return json(ssoRefusal(session?.state))
  evictStale(cloud, session)
  const expire = Math.floor(session.loginAtMs / 1000) + SECONDS_OF_A_LOGIN
  return json({
    state: 0,
    data: { expire, link: '', user_id: Number(session.account.userId) },
    errno: 0,
    error: '',
    message: '',
    code: 0,
    check_ssd: true,
    expire: 0,
  })
}

function ssoRefusal(state: SessionState | undefined): object {
  const code = state === 'kicked' ? 40101035 : CODE_RELOGIN
  const error = textOfCode(code)
  const data = { expire: 0, link: '', user_id: 0 }
  return { state: 1, code, errno: code, error, message: error, check_ssd: false, expire: 0, data }
}

/** The check without side effects. */
function checkStatus({ exchange, cloud }: Call): Answer {
  if (isDelisted(exchange.session?.device ?? '')) return delisted()
  const isGood = refusalOf(cloud, exchange, false) === null
  return json(isGood ? { state: true, data: [] } : { state: false, error: textOfCode(99), data: [] })
}

function listDevices(call: Call, session: Session): Answer {
  return passportOk({ last: describeDevice(session, session), list: livingDevices(session) })
}

function listLogins({ exchange }: Call, session: Session): Answer {
  const start = exchange.params.integer('start', 0)
  const limit = exchange.params.integer('limit', 100)
  const all = session.account.sessions.toReversed()
  const list = all.slice(start, start + limit).map((each) => describeDevice(each, session))
  return passportOk({ total: all.length, list })
}

/** One row per session that still counts; `current` is marked. */
export function livingDevices(current: Session): object[] {
  return current.account.sessions
    .filter((session) => session.state === 'active' || session === current)
    .map((session) => describeDevice(session, current))
}

/** A login as the device lists show it. */
export function describeDevice(session: Session, current: Session): object {
  return {
    is_current: session === current ? 1 : 0,
    ssoent: session.slot,
    utime: Math.floor(session.loginAtMs / 1000),
    device: slotName(session.slot),
    name: slotName(session.slot),
    icon: session.device,
    desc: '',
    ip: '127.0.0.1',
    city: '深圳',
    is_unusual: 0,
  }
}

function logOutSelf(_: Call, session: Session): Answer {
  return logOut(session, session.slot)
}

function logOutApp({ app }: Call, session: Session): Answer {
  const slot = slotOf(app)
  if (slot === null) throw new Refusal(40100000)
  return logOut(session, slot)
}

function logOutSlot({ exchange }: Call, session: Session): Answer {
  const slot = exchange.params.get('ssoent')
  if (!slot) throw new Refusal(40100000)
  return logOut(session, slot)
}

function logOut(asking: Session, slot: string): Answer {
  for (const session of asking.account.sessions) {
    if (session.slot === slot && session.state !== 'expired') session.state = 'kicked'
  }
  return json({ state: 1, code: 0, message: '', errno: 0, error: '', data: [] })
}

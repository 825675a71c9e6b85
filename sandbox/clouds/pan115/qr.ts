import type { Buffer } from 'node:buffer'
import { encode } from 'uqr'
import type { Answer } from '../../server/answer.ts'
import type { Account, Session } from '../../state/accounts.ts'
import { isDelisted, slotOf } from './devices.ts'
import { Refusal } from './errors.ts'
import { delisted, passportOk, raw } from './reply.ts'
import type { Call, Route } from './route.ts'
import type { QrCode, QrState } from './qr-desk.ts'
import { drawPng } from './qr-png.ts'
import { cookiesOf, logIn } from './session.ts'

const STATUS_NUMBERS: Readonly<Record<QrState, number>> = {
  waiting: 0,
  scanned: 1,
  confirmed: 2,
  expired: -1,
  cancelled: -2,
}
const STATUS_TEXTS: Readonly<Record<QrState, string>> = {
  waiting: '',
  scanned: '等待手机确认',
  confirmed: '登录成功',
  expired: '二维码已过期',
  cancelled: '已取消登录',
}
const PIXELS_PER_MODULE = 6

// Products that share the path `ios` and are told apart by their User-Agent. Evidence: read-from-client (p115client).
const IOS_AGENTS: ReadonlyMap<string, string> = new Map([
  ['OfficePhone/1.0.0', 'qios'],
  ['UPad/1.0.0', 'ipad'],
  ['OfficePad/1.0.0', 'qipad'],
])

/** The calls of a QR login: the waiting side, and the phone's. */
export function qrRoutes(): readonly Route[] {
  const passport = { family: 'passport', class: 'login', dialect: 'passport' } as const
  return [
    {
      ...passport,
      path: '/api/1.0/:app/1.0/token',
      params: ['device_id', 'device_name', 'client_id', 'code_challenge'],
      open: createToken,
    },
    {
      ...passport,
      path: '/api/1.0/:app/1.0/qrcode',
      params: ['uid', 'qrfrom', 'client', 'size'],
      open: drawCode,
    },
    { ...passport, path: '/get/status', params: ['uid', 'time', 'sign'], open: pollStatus },
    {
      ...passport,
      path: '/app/1.0/:app/1.0/login/qrcode',
      params: ['account', 'app', 'device', 'device_id', 'network', 'os', 'goto'],
      open: exchangeCode,
    },
    { ...passport, path: '/api/2.0/prompt.php', params: ['uid'], guarded: scanByPhone },
    { ...passport, path: '/api/2.0/slogin.php', params: ['key', 'uid', 'client'], guarded: confirmByPhone },
    { ...passport, path: '/api/2.0/cancel.php', params: ['key', 'uid', 'client'], guarded: cancelByPhone },
  ]
}

function createToken({ cloud, app }: Call): Answer {
  const code = cloud.qr.create(app)
  const time = Math.floor(code.createdAtMs / 1000)
  return passportOk({ uid: code.uid, time, sign: code.sign, qrcode: textOfCode(code.uid) })
}

async function drawCode(call: Call): Promise<Answer> {
  const code = findCode(call, call.exchange.params.get('uid'))
  return raw(200, { 'content-type': 'image/png' }, await drawQr(code.uid))
}

/** The code to hold a phone in front of, as PNG. */
export function drawQr(uid: string): Promise<Buffer> {
  const { data } = encode(textOfCode(uid), { border: 2 })
  return drawPng(data, PIXELS_PER_MODULE)
}

/** Holds the answer until there is something new to say, as the service does. */
async function pollStatus(call: Call): Promise<Answer> {
  const { exchange, cloud } = call
  const code = findCode(call, exchange.params.get('uid'))
  const time = String(Math.floor(code.createdAtMs / 1000))
  if (exchange.params.get('sign') !== code.sign || exchange.params.get('time') !== time)
    throw new Refusal(40100000)
  if (code.state === code.reported && (code.state === 'waiting' || code.state === 'scanned')) {
    await cloud.qr.waitForNews(code, cloud.limits.qrHoldMs, exchange.signal)
    // A hold longer than the rest of its life ends with an expired code.
    cloud.qr.find(code.uid, cloud.limits.qrLifeMs)
  }
  // After it was told once that the code expired, a client hears that there is no such code. Guessed, 2026-10.
  if (code.state === 'expired' && code.reported === 'expired') throw new Refusal(40199002)
  code.reported = code.state
  return passportOk({ msg: STATUS_TEXTS[code.state], status: STATUS_NUMBERS[code.state], version: '' })
}

/** A confirmed code may be exchanged any number of times, also for several products. */
function exchangeCode(call: Call): Answer {
  const { exchange, cloud } = call
  if (cloud.world.faults.take('login.ip', exchange.facts())) throw new Refusal(40101004)
  if (isDelisted(call.app)) return delisted()
  const device = deviceOf(call)
  if (slotOf(device) === null) throw new Refusal(40100000)
  const code = findCode(call, exchange.params.get('account'))
  if (code.state === 'expired' || code.state === 'cancelled') throw new Refusal(40199002)
  if (code.state !== 'confirmed' || !code.account) throw new Refusal(40101017)
  const session = logIn(cloud, code.account, device)
  if (!session) throw new Refusal(40100000)
  exchange.line.account = code.account.userId
  exchange.line.device = session.device
  return passportOk(describeLogin(session))
}

function deviceOf({ app, exchange }: Call): string {
  return app === 'ios' ? (IOS_AGENTS.get(exchange.userAgent) ?? app) : app
}

function describeLogin(session: Session): object {
  const { account } = session
  const face = 'https://avatars.115.com/face.jpg'
  return {
    cookie: cookiesOf(session),
    alert: '',
    bind_mobile: 1,
    country: 'CN',
    email: '',
    face: { face_l: face, face_m: face, face_s: face },
    from: 'qrcode',
    is_chang_passwd: 0,
    is_first_login: 0,
    is_trusted: null,
    is_vip: account.isVip ? 1 : 0,
    mark: 8,
    mobile: '138****0000',
    user_id: Number(account.userId),
    user_name: account.name,
  }
}

function scanByPhone(call: Call, session: Session): Answer {
  const code = findCode(call, call.exchange.params.get('uid'))
  scan(call, code, session.account)
  return passportOk({ tip_txt: '请确认登录', uid: code.uid, app: code.app })
}

function confirmByPhone(call: Call, session: Session): Answer {
  const code = findScanned(call, session)
  call.cloud.qr.change(code, 'confirmed')
  return passportOk({})
}

function cancelByPhone(call: Call, session: Session): Answer {
  call.cloud.qr.change(findScanned(call, session), 'cancelled')
  return passportOk({})
}

/** One phone at a time: a second person who scans is refused, the first one may scan again. */
function scan(call: Call, code: QrCode, account: Account): void {
  if (code.state !== 'waiting' && !(code.state === 'scanned' && code.account === account)) {
    throw new Refusal(40199002)
  }
  code.account = account
  call.cloud.qr.change(code, 'scanned')
}

function findScanned(call: Call, session: Session): QrCode {
  const code = findCode(call, call.exchange.params.get('uid') ?? call.exchange.params.get('key'))
  if (code.state !== 'scanned' || code.account !== session.account) throw new Refusal(40199002)
  return code
}

function findCode({ cloud }: Call, uid: string | null): QrCode {
  const code = cloud.qr.find(uid ?? '', cloud.limits.qrLifeMs)
  if (!code) throw new Refusal(40199002)
  return code
}

function textOfCode(uid: string): string {
  return `https://115.com/scan/dg-${uid}`
}

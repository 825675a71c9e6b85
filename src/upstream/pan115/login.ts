import type { Ctx } from '../../core/ctx.ts'
import { isStorageError, StorageError } from '../../core/errors.ts'
import type { QrCredential, QrLogin, QrState, QrTicket } from '../../core/qr-login.ts'
import { Secret } from '../../core/secret.ts'
import { linkAbort } from '../../lib/abortable.ts'
import { startTimer } from '../../lib/timer.ts'
import { findApp, pan115Apps } from './apps.ts'
import type { Pan115App } from './apps.ts'
import type { Ask, Pan115Client } from './client.ts'
import { protocolError } from './codes.ts'
import type { Meaning } from './codes.ts'
import { parseCookie, printCookie } from './cookie.ts'
import { asNumber, asObject, asText } from './wire.ts'
import type { WireObject } from './wire.ts'

// 115 holds a question about half a minute. Nobody has measured it, so a longer silence is "nothing new" too.
const holdMs = 45_000
const expiredCode = '40199002'
const networkRefusedCode = '40101004'
const hourMs = 3_600_000

const states: Readonly<Record<string, QrState>> = {
  '0': 'waiting',
  '1': 'scanned',
  '2': 'confirmed',
  '-1': 'expired',
  '-2': 'cancelled',
}

const noLogin: Meaning = {
  kind: 'AuthExpired',
  says: '115 gives no login for this code: it is unknown, not confirmed, or used up',
  advice: 'log-in-again',
}

/** The QR login of 115. `client` has no cookie. */
export function createQrLogin(client: Pan115Client): QrLogin {
  return {
    apps: pan115Apps,
    start: (app, ctx) => start(client, app, ctx),
    poll: (ticket, ctx) => poll(client, ticket, ctx),
    exchange: (uid, app, ctx) => exchange(client, uid, app, ctx),
    raw: (question, ctx) => raw(client, question, ctx),
  }
}

async function start(client: Pan115Client, app: string, ctx: Ctx): Promise<QrTicket> {
  appNamed(app)
  return client.call({ ...tokenAsk, repeatable: true, read: readTicket }, ctx)
}

// The app in this address does not matter: the slot is decided when the code is exchanged.
const tokenAsk = {
  name: 'qr token',
  action: 'make a QR code',
  host: 'qrcodeapi.115.com',
  path: '/api/1.0/web/1.0/token',
  bucket: 'other',
} as const

function readTicket(answer: WireObject): QrTicket {
  const data = asObject(answer.data) ?? {}
  const uid = asText(data.uid)
  const time = asText(data.time)
  const sign = asText(data.sign)
  if (uid === '' || time === '' || sign === '') throw protocolError('make a QR code', '115 sent no code')
  return { uid, time, sign, text: asText(data.qrcode) || `https://115.com/scan/dg-${uid}` }
}

function statusAsk(client: Pan115Client, ticket: Pick<QrTicket, 'uid' | 'time' | 'sign'>) {
  const { uid, time, sign } = ticket
  return {
    name: 'qr status',
    action: 'ask about the QR code',
    host: 'qrcodeapi.115.com',
    path: '/get/status/',
    query: { uid, time, sign, _: client.epochSeconds },
    bucket: 'other',
  } as const
}

/** One held question. Our patience ends a little after 115's, and then there is simply nothing new. */
async function poll(client: Pan115Client, ticket: QrTicket, ctx: Ctx): Promise<QrState> {
  const ask: Ask<QrState> = {
    ...statusAsk(client, ticket),
    accepts: [expiredCode],
    // A repeated question would be held once more while the caller's time runs out; the caller asks again.
    repeatable: false,
    timeoutMs: holdMs * 2,
    read: readState,
  }
  const patience = linkAbort(ctx.signal)
  let isOver = false
  const stopTimer = startTimer(client.clock, holdMs, () => {
    isOver = true
    patience.abort(new Error('115 held the question too long'))
  })
  try {
    return await client.call(ask, { ...ctx, signal: patience.signal })
  } catch (error) {
    if (isOver && !ctx.signal.aborted) return 'waiting'
    throw error
  } finally {
    stopTimer()
    patience.unlink()
  }
}

/** While nobody has scanned, `data` may be empty or lack its status. */
function readState(answer: WireObject): QrState {
  if ([answer.code, answer.errno].some((code) => asText(code) === expiredCode)) return 'expired'
  const status = asNumber(asObject(answer.data)?.status) ?? 0
  const state = states[String(status)]
  if (!state) throw protocolError('ask about the QR code', `115 sent the unknown state "${status}"`)
  return state
}

async function exchange(client: Pan115Client, uid: string, name: string, ctx: Ctx): Promise<QrCredential> {
  const app = appNamed(name)
  const action = `log in as "${app.name}"`
  const ask: Ask<QrCredential> = {
    name: 'qr login',
    action,
    host: 'passportapi.115.com',
    path: `/app/1.0/${app.path}/1.0/login/qrcode`,
    form: { account: uid, app: app.path },
    bucket: 'other',
    // Every exchange makes a session and ends the older one of its slot.
    repeatable: false,
    reading: { otherwise: noLogin },
    ...(app.userAgent === null ? {} : { userAgent: app.userAgent }),
    read: (answer) => readCredential(action, answer),
  }
  return client.call(ask, ctx).catch((error: unknown) => {
    throw untilMidnight(error, client.clock.now())
  })
}

/** A refused network stays refused until the day ends in China, and 115 does not say so in numbers. */
function untilMidnight(error: unknown, nowMs: number): unknown {
  if (!isStorageError(error) || error.upstream?.code !== networkRefusedCode) return error
  const retryAfterMs = 24 * hourMs - ((nowMs + 8 * hourMs) % (24 * hourMs))
  return new StorageError(error.kind, error.message, {
    upstream: error.upstream,
    advice: 'wait',
    retryAfterMs,
  })
}

function readCredential(action: string, answer: WireObject): QrCredential {
  const data = asObject(answer.data) ?? {}
  const given = asObject(data.cookie)
  if (!given) throw protocolError(action, '115 sent no cookie')
  const text = Object.entries(given).map(([name, value]) => `${name}=${asText(value)}`)
  const cookie = parseCookie(text.join('; '))
  return {
    cookie: new Secret(printCookie(cookie)),
    userId: cookie.userId,
    userName: asText(data.user_name),
  }
}

/** The two answers as they came, refusals included: the page behind them reads 115's own JSON. */
function raw(
  client: Pan115Client,
  question: Parameters<QrLogin['raw']>[0],
  ctx: Ctx,
): ReturnType<QrLogin['raw']> {
  const ask = question.ask === 'token' ? tokenAsk : statusAsk(client, question)
  const timing = question.ask === 'token' ? {} : { timeoutMs: holdMs * 2 }
  return client.fetch({ ...ask, ...timing, repeatable: question.ask === 'token' }, ctx)
}

function appNamed(name: string): Pan115App {
  const app = findApp(name)
  if (app) return app
  const known = pan115Apps.map((each) => each.name).join(', ')
  throw new StorageError('InvalidInput', `Cannot log in as "${name.slice(0, 40)}": 115 knows ${known}`)
}

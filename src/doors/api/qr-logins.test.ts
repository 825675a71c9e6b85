import { beforeEach, expect, test } from 'vitest'
import { makeCtx, silentLogger } from '../../core/ctx.ts'
import { StorageError } from '../../core/errors.ts'
import { ManualClock } from '../../lib/clock.ts'
import { QrLogins, type QrProgress } from './qr-logins.ts'
import { ScriptedQrLogin } from '../../../test/support/test-api.ts'

let phone: ScriptedQrLogin
let clock: ManualClock
let logins: QrLogins
const ctx = makeCtx()

beforeEach(() => {
  phone = new ScriptedQrLogin()
  clock = new ManualClock()
  logins = new QrLogins({ qrLogin: phone, clock, log: silentLogger })
})

const start = async () => (await logins.start(phone.apps[0], ctx)).id

/** Moves time on until the answer is there: two questions about one code keep a distance. */
async function ask(id: string): Promise<QrProgress> {
  const answer = logins.progress(id, ctx)
  await clock.advance(1000)
  return answer
}

function handleOf(progress: QrProgress): string {
  if (progress.state !== 'confirmed' || progress.handle === null) throw new Error('no handle')
  return progress.handle
}

test('progress() goes through the states of the phone', async () => {
  phone.states = ['waiting', 'scanned', 'confirmed']
  const id = await start()
  expect(await ask(id)).toEqual({ state: 'waiting' })
  expect(await ask(id)).toEqual({ state: 'scanned' })
  expect(await ask(id)).toEqual({
    state: 'confirmed',
    handle: expect.stringMatching(/^qr-login:[\w-]{24}$/),
    userName: '张三',
  })
})

test.each(['expired', 'cancelled'] as const)(
  'progress() ends with %s and does not ask again',
  async (state) => {
    phone.states = [state, 'confirmed']
    const id = await start()
    expect(await ask(id)).toEqual({ state })
    expect(await ask(id)).toEqual({ state })
    expect(phone.exchanges).toBe(0)
  },
)

test('progress() exchanges once for any number of questions, then and later', async () => {
  phone.states = ['confirmed']
  const id = await start()
  const both = Promise.all([logins.progress(id, ctx), logins.progress(id, ctx)])
  await clock.advance(1000)
  const [one, two] = await both
  expect(handleOf(one)).toBe(handleOf(two))
  expect(handleOf(await ask(id))).toBe(handleOf(one))
  expect(phone.exchanges).toBe(1)
})

test('progress() keeps the exchange going when who asked has left', async () => {
  phone.states = ['confirmed']
  const id = await start()
  const leaving = new AbortController()
  let finish = () => {}
  const exchange = phone.exchange.bind(phone)
  phone.exchange = async (uid) => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return exchange(uid)
  }
  const left = logins.progress(id, { ...ctx, signal: leaving.signal })
  await clock.advance(1)
  leaving.abort(new Error('closed the page'))
  await expect(left).rejects.toThrow('closed the page')
  finish()
  expect(handleOf(await logins.progress(id, ctx))).toMatch(/^qr-login:/)
  expect(phone.exchanges).toBe(1)
})

test('progress() tells of a refused exchange in the cloud’s words, and does not try again', async () => {
  phone.states = ['confirmed']
  phone.exchangeFailure = new StorageError('AuthExpired', 'Cannot log in', {
    upstream: { message: '登录失败，系统已下架！' },
    advice: 'choose-other-client',
  })
  const id = await start()
  expect(await ask(id)).toEqual({ state: 'failed', error: phone.exchangeFailure })
  expect(await ask(id)).toMatchObject({ state: 'failed' })
  expect(phone.exchanges).toBe(1)
})

test('progress() answers after half a minute when nothing happens', async () => {
  phone.holds = true
  const id = await start()
  const answer = logins.progress(id, ctx)
  await clock.advance(29_999)
  let isDone = false
  void answer.then(() => {
    isDone = true
  })
  await clock.advance(0)
  expect(isDone).toBe(false)
  await clock.advance(1)
  expect(await answer).toEqual({ state: 'waiting' })
})

test('progress() stops the question to the cloud when who asks leaves', async () => {
  phone.holds = true
  const id = await start()
  const leaving = new AbortController()
  const left = logins.progress(id, { ...ctx, signal: leaving.signal })
  await clock.advance(1)
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
})

test('progress() of an unknown id, and of one after ten minutes, is expired', async () => {
  expect(await logins.progress('nothing', ctx)).toEqual({ state: 'expired' })
  const id = await start()
  await clock.advance(10 * 60_000)
  expect(await logins.progress(id, ctx)).toEqual({ state: 'expired' })
})

test('start() keeps 32 logins and forgets the oldest', async () => {
  const first = await start()
  const second = await start()
  for (let i = 0; i < 31; i++) await start()
  expect(await ask(first)).toEqual({ state: 'expired' })
  expect(await ask(second)).toEqual({ state: 'waiting' })
})

test('lend() gives the cookie for a handle once', async () => {
  phone.states = ['confirmed']
  const id = await start()
  const handle = handleOf(await ask(id))
  expect(await logins.lend(async (take) => take(handle))).toBe(
    'UID=9; CID=secret-of-uid1alipaymini; SEID=3; KID=4',
  )
  expect(await logins.lend(async (take) => take(handle))).toBe(null)
  expect(await ask(id)).toMatchObject({ state: 'confirmed', handle: null })
})

test('lend() takes the handle back when nothing was saved', async () => {
  phone.states = ['confirmed']
  const handle = handleOf(await ask(await start()))
  const failing = logins.lend(async (take) => {
    expect(take(handle)).not.toBe(null)
    throw new Error('mount path is taken')
  })
  await expect(failing).rejects.toThrow('mount path is taken')
  expect(await logins.lend(async (take) => take(handle))).not.toBe(null)
})

test('lend() knows no handle after ten minutes, and no invented one', async () => {
  phone.states = ['confirmed']
  const handle = handleOf(await ask(await start()))
  expect(await logins.lend(async (take) => take('qr-login:guess'))).toBe(null)
  await clock.advance(10 * 60_000)
  expect(await logins.lend(async (take) => take(handle))).toBe(null)
})

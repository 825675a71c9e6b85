import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import type { QrLogin } from '../../core/qr-login.ts'
import { ManualClock, systemClock } from '../../lib/clock.ts'
import { createPan115Login } from '../../upstream/pan115/env.ts'
import { openPan115Mounts } from '../../../test/support/pan115-mount.ts'
import type { Pan115Mounts } from '../../../test/support/pan115-mount.ts'
import { startTestSandbox } from '../../../test/support/sandbox.ts'
import type { TestAccount, TestSandbox } from '../../../test/support/sandbox.ts'

const ctx = makeCtx()

let test115: TestSandbox
let mounts: Pan115Mounts
let account: TestAccount
let login: QrLogin

beforeAll(async () => {
  test115 = await startTestSandbox()
  mounts = await openPan115Mounts(test115)
  account = await test115.control.createAccount()
  await test115.control.seed(account.account, [{ name: 'a.mkv', size: 5 }])
  login = createPan115Login(mounts.access, systemClock)
})

afterEach(() => test115.control.clearFaults())

afterAll(async () => {
  await mounts.close()
  await test115.close()
})

/** A token whose code the phone has scanned and confirmed. */
async function confirmedToken(): Promise<string> {
  const { uid } = await login.start('web', ctx)
  await test115.control.qr(uid, 'scan')
  await test115.control.qr(uid, 'confirm')
  return uid
}

test('QR login goes from waiting to a cookie that mounts the drive', async () => {
  const ticket = await login.start('alipaymini', ctx)
  expect(ticket.text).toContain(ticket.uid)
  await test115.control.qr(ticket.uid, 'scan')
  expect(await login.poll(ticket, ctx)).toBe('scanned')
  await test115.control.qr(ticket.uid, 'confirm')
  expect(await login.poll(ticket, ctx)).toBe('confirmed')
  const credential = await login.exchange(ticket.uid, 'alipaymini', ctx)
  expect(credential.userId).toBe(account.account)
  expect(credential.cookie.reveal()).toMatch(/^UID=\d+_R2_\d+; CID=\w+; SEID=\w+; KID=\w+$/)
  const { driver } = mounts.mount({ cookie: credential.cookie.reveal() })
  expect(await driver.root(ctx)).toMatchObject({ id: '0' })
})

test('QR login survives a code that is scanned twice', async () => {
  const ticket = await login.start('alipaymini', ctx)
  await test115.control.qr(ticket.uid, 'scan')
  await test115.control.qr(ticket.uid, 'scan')
  expect(await login.poll(ticket, ctx)).toBe('scanned')
  await test115.control.qr(ticket.uid, 'confirm')
  const first = await login.exchange(ticket.uid, 'tv', ctx)
  const second = await login.exchange(ticket.uid, 'alipaymini', ctx)
  expect([first.userId, second.userId]).toEqual([account.account, account.account])
})

test.each([
  ['cancel', 'cancelled'],
  ['expire', 'expired'],
] as const)('QR login that ends by "%s" is %s and gives no cookie', async (action, state) => {
  const ticket = await login.start('alipaymini', ctx)
  await test115.control.qr(ticket.uid, 'scan')
  await test115.control.qr(ticket.uid, action)
  expect(await login.poll(ticket, ctx)).toBe(state)
  await expect(login.exchange(ticket.uid, 'alipaymini', ctx)).rejects.toMatchObject({ kind: 'AuthExpired' })
})

test('exchange() before the phone has confirmed is AuthExpired', async () => {
  const { uid } = await login.start('web', ctx)
  await expect(login.exchange(uid, 'tv', ctx)).rejects.toMatchObject({ kind: 'AuthExpired' })
})

test.each(['windows', 'mac', 'linux'])(
  'exchange() as %s gives the words of 115 and what to do',
  async (app) => {
    await expect(login.exchange(await confirmedToken(), app, ctx)).rejects.toMatchObject({
      kind: 'AuthExpired',
      advice: 'choose-other-client',
      upstream: { message: expect.stringContaining('系统已下架') as string },
    })
  },
)

test.each([
  ['alipaymini', 'R2'],
  ['wechatmini', 'R1'],
  ['tv', 'I1'],
  ['qandroid', 'M1'],
  ['115android', 'F3'],
  ['harmony', 'S1'],
  ['os_windows', 'P1'],
  ['ios', 'D1'],
  ['qios', 'N1'],
])('exchange() as %s takes the slot %s', async (app, slot) => {
  const { cookie } = await login.exchange(await confirmedToken(), app, ctx)
  expect(cookie.reveal()).toContain(`_${slot}_`)
})

test('exchange() from a refused network is RateLimited', async () => {
  const uid = await confirmedToken()
  await test115.control.fault({ fault: 'login.ip' })
  await expect(login.exchange(uid, 'web', ctx)).rejects.toMatchObject({ kind: 'RateLimited', advice: 'wait' })
})

test('raw() gives the older page what 115 says', async () => {
  const token = await login.raw({ ask: 'token' }, ctx)
  const { data } = JSON.parse(token.body.toString()) as { data: { uid: string; time: number; sign: string } }
  await test115.control.qr(data.uid, 'scan')
  const question = { ask: 'status', uid: data.uid, time: String(data.time), sign: data.sign } as const
  const status = await login.raw(question, ctx)
  expect(JSON.parse(status.body.toString())).toMatchObject({ state: 1, data: { status: 1 } })
})

test('a token is exchanged once, however many ask at the same time, and saved as a cookie', async () => {
  const { driver, saved } = mounts.mount({
    qrcode_token: await confirmedToken(),
    qrcode_source: 'wechatmini',
  })
  await test115.control.resetLog()
  await Promise.all([driver.root(ctx), driver.root(ctx), driver.root(ctx)])
  await driver.root(ctx)
  const logins = (await test115.control.log()).filter((line) => line.class === 'login')
  expect(logins.length).toBe(1)
  expect(saved).toEqual([
    { cookie: expect.stringMatching(/^UID=\d+_R1_\d+; CID=/) as string, qrcode_token: '' },
  ])
})

test('a cookie wins over a token, which stays unused', async () => {
  const { driver, saved } = mounts.mount({
    cookie: account.cookies.tv ?? account.cookies.alipaymini,
    qrcode_token: await confirmedToken(),
  })
  await driver.root(ctx)
  expect(saved).toEqual([])
})

test('a token that gives no login is asked for once', async () => {
  const { driver, saved } = mounts.mount({ qrcode_token: 'f'.repeat(40) })
  await test115.control.resetLog()
  for (let i = 0; i < 3; i++) {
    await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'AuthExpired', advice: 'log-in-again' })
  }
  expect((await test115.control.log()).length).toBe(1)
  expect(saved).toEqual([])
})

test('a token refused for the network is not tried again before midnight in China', async () => {
  const clock = new ManualClock(Date.UTC(2026, 4, 3, 15, 0))
  const { driver } = mounts.mount({ qrcode_token: await confirmedToken() }, { clock })
  await test115.control.fault({ fault: 'login.ip' })
  await test115.control.resetLog()
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'RateLimited', retryAfterMs: 3_600_000 })
  await clock.advance(1_800_000)
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'RateLimited', retryAfterMs: 1_800_000 })
  expect((await test115.control.log()).length).toBe(1)
  await test115.control.clearFaults()
  await clock.advance(1_800_000)
  expect(await driver.root(ctx)).toMatchObject({ id: '0' })
})

test('a login that comes after dispose() is not saved over what replaced it', async () => {
  const { driver, saved } = mounts.mount({ qrcode_token: await confirmedToken() })
  const root = driver.root(ctx).catch((error: unknown) => error)
  await driver.dispose()
  expect(await root).toMatchObject({ kind: 'Unavailable' })
  expect(saved).toEqual([])
})

test('a token for a withdrawn client asks to choose another', async () => {
  const { driver } = mounts.mount({ qrcode_token: await confirmedToken(), qrcode_source: 'linux' })
  await expect(driver.root(ctx)).rejects.toMatchObject({ advice: 'choose-other-client' })
})

test('a session that could not be saved is not made twice', async () => {
  let failures = 1
  const saved: object[] = []
  const saveOptions = async (changed: object) => {
    if (failures-- > 0) throw new Error('disk full')
    saved.push(changed)
  }
  const { driver } = mounts.mount({ qrcode_token: await confirmedToken() }, { saveOptions })
  await test115.control.resetLog()
  await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'Internal' })
  await driver.root(ctx)
  expect((await test115.control.log()).filter((line) => line.class === 'login').length).toBe(1)
  expect(saved.length).toBe(1)
})

test('check() finds a good login able to do all, and names the session it replaced', async () => {
  const { driver } = mounts.mount({ qrcode_token: await confirmedToken() })
  expect(await driver.check?.(ctx)).toEqual({
    checks: [
      { of: 'list', error: null },
      { of: 'link', error: null },
      { of: 'upload', error: null },
    ],
    notices: [{ code: 'replaces-session', detail: 'alipaymini' }],
  })
})

test('check() finds a file below when there is none in the root', async () => {
  const deep = await test115.control.createAccount()
  await test115.control.seed(deep.account, [
    { name: 'd', children: [{ name: 'e', children: [{ name: 'x', size: 3 }] }] },
  ])
  const { driver } = mounts.mount({ cookie: deep.cookies.alipaymini })
  expect((await driver.check?.(ctx))?.checks[1]).toEqual({ of: 'link', error: null })
})

test('check() cannot try a link where there is no file', async () => {
  const bare = await test115.control.createAccount()
  const { driver } = mounts.mount({ cookie: bare.cookies.alipaymini })
  expect((await driver.check?.(ctx))?.checks[1]).toEqual({ of: 'link', error: undefined })
})

test('check() says that a login may browse only', async () => {
  const limited = await test115.control.createAccount()
  await test115.control.seed(limited.account, [{ name: 'x', size: 3 }])
  await test115.control.fault({ fault: 'session.caps', account: limited.account, caps: ['list'] })
  const { driver } = mounts.mount({ cookie: limited.cookies.alipaymini })
  expect((await driver.check?.(ctx))?.checks).toMatchObject([
    { of: 'list', error: null },
    { of: 'link', error: { kind: 'PermissionDenied', advice: 'scan-with-app-client' } },
    { of: 'upload' },
  ])
})

test('check() of a dead login tries nothing in vain', async () => {
  const { driver } = mounts.mount({ cookie: 'UID=77_A1_1700000000; CID=a; SEID=b' })
  expect(await driver.check?.(ctx)).toMatchObject({
    checks: [
      { of: 'list', error: { kind: 'AuthExpired' } },
      { of: 'link', error: undefined },
      { of: 'upload', error: undefined },
    ],
    notices: [
      { code: 'client-not-recommended', detail: 'web' },
      { code: 'missing-kid', detail: 'KID' },
    ],
  })
})

test('a login replaced by a newer one of the same device may still browse, and its links say what to do', async () => {
  const own = await test115.control.createAccount({ devices: ['tv'] })
  await test115.control.seed(own.account, [{ name: 'x', size: 3 }])
  const { driver } = mounts.mount({ cookie: own.cookies.tv })
  await test115.control.logIn(own.account, 'tv')
  expect((await driver.check?.(ctx))?.checks).toMatchObject([
    { of: 'list', error: null },
    { of: 'link', error: { kind: 'PermissionDenied', advice: 'scan-with-app-client' } },
    { of: 'upload', error: { kind: 'AuthExpired', advice: 'scan-with-app-client' } },
  ])
  expect(await driver.root(ctx)).toMatchObject({ id: '0' })
})

test('a newer login of the same device ends the older one', async () => {
  const own = await test115.control.createAccount({ devices: ['tv'] })
  const older = mounts.mount({ cookie: own.cookies.tv }).driver
  await older.root(ctx)
  await test115.control.logIn(own.account, 'tv')
  await test115.control.fault({ fault: 'session.kick', account: own.account })
  await expect(older.root(ctx)).rejects.toMatchObject({ kind: 'AuthExpired', upstream: { code: '990001' } })
})

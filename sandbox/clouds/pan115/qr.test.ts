import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestSandbox, type TestAccount, type TestSandbox } from '../../../test/support/sandbox.ts'
import { clientOf, TestClient } from '../../../test/support/sandbox-client.ts'

interface Token {
  readonly uid: string
  readonly time: number
  readonly sign: string
  readonly qrcode: string
}

let test: TestSandbox
let account: TestAccount
let nobody: TestClient

beforeEach(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount({ name: '小明', devices: ['android'] })
  nobody = new TestClient(test, '')
})
afterEach(() => test.close())

async function createToken(): Promise<Token> {
  return (await nobody.get<{ data: Token }>('qrcodeapi.115.com', '/api/1.0/web/1.0/token')).data
}

const poll = ({ uid, time, sign }: Token) =>
  nobody.get<object>('qrcodeapi.115.com', '/get/status/', { uid, time, sign, _: 1 })
const exchange = (uid: string, app = 'alipaymini') =>
  nobody.post<{ data: { cookie: Record<string, string> } }>(
    'passportapi.115.com',
    `/app/1.0/${app}/1.0/login/qrcode`,
    { account: uid, app },
  )

describe('token', () => {
  it('has an uid, its text and the fields that a poll repeats', async () => {
    const token = await createToken()
    expect(token).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f]{40}$/),
      time: expect.any(Number),
      sign: expect.stringMatching(/^[0-9a-f]{40}$/),
    })
    expect(token.qrcode).toBe(`https://115.com/scan/dg-${token.uid}`)
  })

  it('is drawn as PNG', async () => {
    const { uid } = await createToken()
    const response = await nobody.fetch('qrcodeapi.115.com', '/api/1.0/mac/1.0/qrcode', {
      uid,
      qrfrom: 1,
      client: 0,
    })
    expect(response.headers.get('content-type')).toBe('image/png')
    const png = Buffer.from(await response.arrayBuffer())
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.readUInt32BE(16)).toBe(png.readUInt32BE(20))
  })
})

describe('get/status', () => {
  it('is held until the phone scans, then until it confirms', async () => {
    const token = await createToken()
    const scanned = poll(token)
    await test.control.qr(token.uid, 'scan')
    expect(await scanned).toMatchObject({ state: 1, data: { status: 1, msg: '等待手机确认', version: '' } })
    const confirmed = poll(token)
    await test.control.qr(token.uid, 'confirm')
    expect(await confirmed).toMatchObject({ state: 1, data: { status: 2 } })
    expect(await poll(token)).toMatchObject({ data: { status: 2 } })
  })

  it('answers 0 when the hold is over', async () => {
    await test.control.setLimits({ qrHoldMs: 0 })
    expect(await poll(await createToken())).toMatchObject({
      state: 1,
      data: { msg: '', status: 0, version: '' },
    })
  })

  it('says cancelled, and once expired, then that there is no such code', async () => {
    const cancelled = await createToken()
    await test.control.qr(cancelled.uid, 'cancel')
    expect(await poll(cancelled)).toMatchObject({ data: { status: -2 } })
    const old = await createToken()
    await test.control.advance(300_000)
    expect(await poll(old)).toMatchObject({ state: 1, data: { status: -1 } })
    expect(await poll(old)).toMatchObject({ state: 0, code: 40199002 })
  })

  it('refuses a wrong sign, and an unknown uid', async () => {
    const token = await createToken()
    expect(await poll({ ...token, sign: 'x' })).toMatchObject({ state: 0, code: 40100000 })
    expect(await poll({ ...token, uid: 'x' })).toMatchObject({ state: 0, code: 40199002 })
  })
})

describe('login/qrcode', () => {
  async function confirmed(): Promise<string> {
    const { uid } = await createToken()
    await test.control.qr(uid, 'scan', account.account)
    await test.control.qr(uid, 'confirm')
    return uid
  }

  it.each([
    'web',
    'ios',
    '115ios',
    'android',
    '115android',
    'ipad',
    '115ipad',
    'tv',
    'apple_tv',
    'qandroid',
    'qios',
    'qipad',
    'os_windows',
    'os_mac',
    'os_linux',
    'wechatmini',
    'alipaymini',
    'harmony',
  ])('gives %s cookies that work', async (app) => {
    const { data } = await exchange(await confirmed(), app)
    expect(data).toMatchObject({ user_id: 100000001, user_name: '小明', from: 'qrcode' })
    expect(Object.keys(data.cookie)).toEqual(['UID', 'CID', 'SEID', 'KID'])
    const cookie = Object.entries(data.cookie)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    expect(await new TestClient(test, cookie).files({})).toMatchObject({ state: true })
  })

  it('may be repeated for other products, also much later', async () => {
    const uid = await confirmed()
    const first = await exchange(uid, 'tv')
    await test.control.advance(24 * 3600_000)
    const second = await exchange(uid, 'wechatmini')
    expect([first.data.cookie['UID'], second.data.cookie['UID']]).toEqual([
      expect.stringMatching(/_I1_/),
      expect.stringMatching(/_R1_/),
    ])
  })

  it.each(['windows', 'mac', 'linux'])('answers %s with the notice of withdrawal exactly', async (app) => {
    const text =
      '登录失败，系统已下架！如果你有电脑端的使用需求，我们诚挚邀请你下载体验115产品专属客户端“115浏览器”或在线使用“115网页端(115.com)”，畅享智能高效云生活。'
    expect(await exchange(await confirmed(), app)).toEqual({
      state: 0,
      error: text,
      errno: 0,
      message: text,
      code: 0,
    })
  })

  it('refuses an unconfirmed, an expired and a cancelled code, an unknown product, and a banned address', async () => {
    const waiting = await createToken()
    expect(await exchange(waiting.uid)).toMatchObject({ state: 0, code: 40101017, error: '用户验证失败！' })
    await test.control.qr(waiting.uid, 'cancel')
    expect(await exchange(waiting.uid)).toMatchObject({ state: 0, code: 40199002 })
    const old = await createToken()
    await test.control.advance(300_000)
    expect(await exchange(old.uid)).toMatchObject({ state: 0, code: 40199002 })
    const uid = await confirmed()
    expect(await exchange(uid, 'toaster')).toMatchObject({ state: 0, code: 40100000 })
    await test.control.fault({ fault: 'login.ip', times: 1 })
    expect(await exchange(uid)).toMatchObject({ state: 0, code: 40101004 })
    expect(await exchange(uid)).toMatchObject({ state: 1 })
  })

  it('tells products of the path ios apart by User-Agent', async () => {
    const uid = await confirmed()
    const body = new URLSearchParams({ account: uid })
    const url = nobody.urlOf('passportapi.115.com', '/app/1.0/ios/1.0/login/qrcode')
    const response = await fetch(url, { method: 'POST', body, headers: { 'user-agent': 'OfficePad/1.0.0' } })
    expect(await response.json()).toMatchObject({ data: { cookie: { UID: expect.stringMatching(/_O1_/) } } })
  })
})

describe('the phone', () => {
  it('scans and confirms with its own cookie; a second person cannot', async () => {
    const phone = clientOf(test, account, 'android')
    const stranger = clientOf(test, await test.control.createAccount({ devices: ['ios'] }), 'ios')
    const { uid } = await createToken()
    const by = (client: TestClient, script: string) =>
      client.get<object>('qrcodeapi.115.com', `/api/2.0/${script}.php`, { key: uid, uid, client: 0 })
    expect(await phone.get('qrcodeapi.115.com', '/api/2.0/prompt.php', { uid })).toMatchObject({
      state: 1,
      data: { tip_txt: expect.any(String) },
    })
    expect(await stranger.get('qrcodeapi.115.com', '/api/2.0/prompt.php', { uid })).toMatchObject({
      state: 0,
      code: 40199002,
    })
    expect(await by(stranger, 'slogin')).toMatchObject({ state: 0 })
    expect(await by(phone, 'slogin')).toMatchObject({ state: 1 })
    expect((await exchange(uid)).data.cookie['UID']).toMatch(/^100000001_R2_/)
  })

  it('needs a login', async () => {
    const { uid } = await createToken()
    expect(await nobody.get('qrcodeapi.115.com', '/api/2.0/prompt.php', { uid })).toMatchObject({
      state: 0,
      code: 40101032,
    })
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestSandbox, type TestAccount, type TestSandbox } from '../../../test/support/sandbox.ts'
import { clientOf, TestClient } from '../../../test/support/sandbox-client.ts'

let test: TestSandbox
let account: TestAccount

beforeEach(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount({ name: '小明', devices: ['web', 'alipaymini'] })
})
afterEach(() => test.close())

const cookieOf = (device: string) => account.cookies[device] ?? ''
const checkSso = (client: TestClient) =>
  client.get<object>('passportapi.115.com', '/app/1.0/web/1.0/check/sso')
const checkStatus = (client: TestClient) => client.get<object>('my.115.com', '/?ct=guide&ac=status')
const listFiles = (client: TestClient) => client.files({ cid: 0 })

describe('cookies', () => {
  it('name the account and the slot', () => {
    expect(cookieOf('web')).toMatch(
      /^UID=100000001_A1_\d+; CID=[0-9a-f]{32}; SEID=[0-9a-f]+; KID=[0-9a-f]{32}$/,
    )
    expect(cookieOf('alipaymini')).toMatch(/^UID=100000001_R2_/)
  })

  it('are accepted without KID until a fault requires it', async () => {
    const client = new TestClient(test, cookieOf('web').replace(/; KID=.*/, ''))
    expect(await listFiles(client)).toMatchObject({ state: true })
    await test.control.fault({ fault: 'session.requireKid' })
    expect(await listFiles(client)).toMatchObject({ state: false, errno: 99 })
    expect(await listFiles(clientOf(test, account))).toMatchObject({ state: true })
  })

  it.each(['', 'UID=1_A1_1; CID=x; SEID=y', 'UID=100000001_A1_0; CID=x'])(
    'like "%s" are answered 99',
    async (cookie) => {
      const client = new TestClient(test, cookie)
      expect(await listFiles(client)).toEqual({ state: false, error: '请重新登录', errno: 99 })
      expect(await checkStatus(client)).toMatchObject({ state: false })
      expect(await client.get('proapi.115.com', '/android/2.0/user/upload_key?t=1')).toEqual({
        state: false,
        error: '请重新登录',
        errno: 99,
        request: '/android/2.0/user/upload_key?t=1',
        data: [],
      })
    },
  )

  it('of a withdrawn client get the words of the notice, with codes that are 0', async () => {
    await test.control.logIn(account.account, 'windows')
    const [updated] = await test.control.accounts()
    const client = new TestClient(test, updated?.cookies['windows'] ?? '')
    const notice = {
      state: 0,
      errno: 0,
      code: 0,
      error: expect.stringMatching(/^登录失败，系统已下架！如果你有电脑端/),
    }
    for (const ask of [listFiles, checkSso, checkStatus]) expect(await ask(client)).toMatchObject(notice)
  })
})

describe('check/sso', () => {
  it('says 0 for yes, with the user id', async () => {
    expect(await checkSso(clientOf(test, account))).toMatchObject({
      state: 0,
      data: { user_id: 100000001 },
      check_ssd: true,
    })
  })

  it('says no with state 1 and user id 0', async () => {
    expect(await checkSso(new TestClient(test, ''))).toMatchObject({
      state: 1,
      errno: 40101032,
      data: { user_id: 0 },
    })
  })

  it('kills older logins of the slot, but only 60 s after the newest', async () => {
    const old = clientOf(test, account)
    const fresh = new TestClient(test, await test.control.logIn(account.account, 'web'))
    await checkSso(fresh)
    expect(await listFiles(old)).toMatchObject({ state: true })
    expect(await old.get('proapi.115.com', '/android/2.0/user/upload_key')).toMatchObject({ errno: 99 })
    await test.control.advance(60_000)
    expect(await listFiles(old)).toMatchObject({ state: true })
    await checkSso(fresh)
    expect(await listFiles(old)).toEqual({ state: false, error: '登陆超时，请重新登陆。', errno: 990001 })
    expect(await listFiles(clientOf(test, account, 'alipaymini'))).toMatchObject({ state: true })
  })

  it('leaves the status check without effect', async () => {
    const old = clientOf(test, account)
    const fresh = new TestClient(test, await test.control.logIn(account.account, 'web'))
    await test.control.advance(3_600_000)
    expect(await checkStatus(fresh)).toMatchObject({ state: true })
    expect(await listFiles(old)).toMatchObject({ state: true })
  })
})

describe('devices', () => {
  it('are listed by slot, the asking one marked', async () => {
    const reply = await clientOf(test, account).get<{ data: { list: object[] } }>(
      'qrcodeapi.115.com',
      '/app/1.0/web/1.0/login_log/login_devices',
    )
    expect(reply.data.list).toMatchObject([
      { is_current: 1, ssoent: 'A1', icon: 'web' },
      { is_current: 0, ssoent: 'R2', icon: 'alipaymini' },
    ])
  })

  it('are logged out by themselves, by app and by slot', async () => {
    const web = clientOf(test, account)
    const mini = clientOf(test, account, 'alipaymini')
    await web.post('passportapi.115.com', '/app/1.0/web/1.0/logout/mange', { ssoent: 'R2' })
    expect(await listFiles(mini)).toMatchObject({ errno: 990001 })
    expect(await listFiles(web)).toMatchObject({ state: true })
    await web.post('passportapi.115.com', '/app/1.0/android/1.0/logout/index', {})
    expect(await listFiles(web)).toMatchObject({ errno: 990001 })
  })
})

describe('session faults', () => {
  it('kick and expire one device', async () => {
    await test.control.fault({ fault: 'session.kick', account: account.account, device: 'web' })
    await test.control.fault({ fault: 'session.expire', account: account.account, device: 'alipaymini' })
    expect(await listFiles(clientOf(test, account))).toMatchObject({ errno: 990001 })
    expect(await listFiles(clientOf(test, account, 'alipaymini'))).toMatchObject({ errno: 99 })
  })

  it('leave a restricted login only what it names, until they are cleared', async () => {
    const web = clientOf(test, account)
    await test.control.fault({
      fault: 'session.caps',
      account: account.account,
      device: 'web',
      caps: ['list'],
    })
    expect(await listFiles(web)).toMatchObject({ state: true })
    expect((await web.chromeLink('abc')).reply).toMatchObject({ state: false, errno: 99 })
    expect((await clientOf(test, account, 'alipaymini').chromeLink('abc')).reply).toMatchObject({
      errno: 50003,
    })
    await test.control.clearFaults()
    expect((await web.chromeLink('abc')).reply).toMatchObject({ errno: 50003 })
  })
})

describe('the account', () => {
  it('shows its name, vip and id', async () => {
    expect(await clientOf(test, account).get('my.115.com', '/?ct=ajax&ac=nav')).toMatchObject({
      state: true,
      data: { user_id: 100000001, user_name: '小明', vip: 1, privilege: { mark: '8' } },
    })
  })

  it('shows its space as integers and its devices', async () => {
    await test.control.seed(account.account, [{ name: 'a', size: 1000 }])
    const total = 36 * 1024 ** 4
    expect(
      await clientOf(test, account).get('webapi.115.com', '/files/index_info', { count_space_nums: 1 }),
    ).toMatchObject({
      state: true,
      data: {
        space_info: {
          all_total: { size: total },
          all_use: { size: 1000 },
          all_remain: { size: total - 1000 },
        },
        login_devices_info: {
          last: { utime: expect.any(Number) },
          list: [{ is_current: 1 }, { is_current: 0 }],
        },
        imei_info: false,
      },
    })
  })

  it('shows its upload key in two places', async () => {
    const client = clientOf(test, account)
    const facts = {
      user_id: 100000001,
      userkey: account.userkey,
      size_limit: 123480309760,
      upload_allowed: true,
    }
    expect(await client.post('proapi.115.com', '/app/uploadinfo', {})).toMatchObject(facts)
    expect(await client.get('webapi.115.com', '/files/uploadinfo')).toMatchObject(facts)
    expect(account.userkey).toMatch(/^[0-9A-F]{40}$/)
  })

  it('is not needed to ask for client versions', async () => {
    const nobody = new TestClient(test, '')
    const chrome = await nobody.get<{ data: object }>('appversion.115.com', '/1/web/1.0/api/chrome')
    expect(Object.keys(chrome.data)).toEqual(['win', 'mac', 'mac_arc', 'linux', 'android', 'ios'])
    expect(chrome).toMatchObject({ data: { win: { version_code: '35.6.0.3' } } })
    expect(await nobody.get('appversion.115.com', '/1/web/1.0/api/getMultiVer')).toMatchObject({
      data: { 'PC-115chrome': { version_code: '35.6.0.3', app_os: 1 } },
    })
  })
})

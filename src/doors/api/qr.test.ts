import { beforeEach, describe, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import type { QrStartData, QrStateData, StorageData } from './contract.ts'
import { startTestApi, type TestApi } from '../../../test/support/test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
})

describe('admin/qr/115', () => {
  const start = async (app: string) =>
    (await api.post('/api/admin/qr/115/start', { app })).data as QrStartData
  const state = async (id: string, headers = {}) => {
    const answer = api.get(`/api/admin/qr/115/state?id=${id}`, { headers })
    await api.clock.advance(1000)
    return (await answer).data as QrStateData
  }

  test('apps names the devices in the reader’s language, and how advisable they are', async () => {
    const reply = await api.get('/api/admin/qr/115/apps', { headers: { 'accept-language': 'zh' } })
    expect(reply.data).toEqual([
      { name: 'alipaymini', slot: 'R2', label: '支付宝小程序', standing: 'advised' },
      { name: 'web', slot: 'A1', label: '网页端', standing: 'discouraged' },
    ])
  })

  test('start gives a code to show, and names the login that will be replaced', async () => {
    const data = await start('web')
    expect(data).toEqual({
      id: expect.stringMatching(/^[\w-]{24}$/),
      text: 'https://115.com/scan/dg-uid1web',
      svg: expect.stringMatching(/^<svg [^>]+>.*<\/svg>$/),
      expires_at: expect.any(String),
      replaces: 'Web',
      standing: 'discouraged',
    })
    expect(Date.parse(data.expires_at) - api.clock.now()).toBe(600_000)
    const unknown = await api.post('/api/admin/qr/115/start', { app: 'fridge' })
    expect([unknown.code, unknown.message]).toEqual([400, 'unknown device "fridge"'])
  })

  test('a scan fills a storage without its cookie ever being seen', async () => {
    api.qrLogin.states = ['waiting', 'scanned', 'confirmed']
    const { id } = await start('alipaymini')
    expect(await state(id)).toEqual({ state: 'waiting', message: 'Scan the code with the 115 app' })
    expect(await state(id, { 'accept-language': 'zh' })).toEqual({
      state: 'scanned',
      message: '已扫码，请在手机上确认',
    })
    const confirmed = await state(id)
    expect(confirmed).toEqual({
      state: 'confirmed',
      message: '张三: Logged in, now save the storage',
      cookie: expect.stringMatching(/^qr-login:/),
    })
    const body = {
      mount_path: '/115',
      driver: '115 Cloud',
      addition: JSON.stringify({ cookie: confirmed.cookie }),
    }
    const refused = await api.post('/api/admin/storage/create', { ...body, mount_path: '' })
    expect(refused.code).toBe(400)
    const saved = await api.post('/api/admin/storage/create', body)
    expect(saved.code).toBe(200)
    expect(api.cloud.cookies).toEqual(['UID=9; CID=secret-of-uid1alipaymini; SEID=3; KID=4'])
    const shown = (await api.get('/api/admin/storage/get?id=1')).data as StorageData
    for (const text of [JSON.stringify(shown), saved.text, JSON.stringify(confirmed)]) {
      expect(text).not.toContain('secret-of')
    }
    const again = await api.post('/api/admin/storage/update', { id: 1, addition: body.addition })
    expect([again.code, again.message]).toEqual([
      400,
      'option "cookie" holds a QR login that was used or is too old, scan again',
    ])
    const spent = await state(id)
    expect([spent.state, spent.cookie]).toEqual(['confirmed', undefined])
  })

  test('a refused login says why and what to do', async () => {
    api.qrLogin.states = ['confirmed']
    api.qrLogin.exchangeFailure = new StorageError('AuthExpired', 'Cannot log in as "linux"', {
      upstream: { message: '登录失败，系统已下架！' },
      advice: 'choose-other-client',
    })
    const { id } = await start('alipaymini')
    const failed = await state(id, { 'accept-language': 'zh' })
    expect(failed.state).toBe('failed')
    expect(failed.message).toMatch(/登录失败，系统已下架！.*请换一种设备重新扫码登录/)
  })
})

describe('the older way to log in', () => {
  const proxy = '/proxy/qrcodeapi.115.com'
  const anybody = { token: '' }

  test('hands out the token and the state as the cloud sent them, to anybody', async () => {
    api.qrLogin.rawAnswer.body = Buffer.from('{"state":1,"data":{"uid":"u"}}')
    const token = await api.get(`${proxy}/api/1.0/web/1.0/token`, anybody)
    expect([token.status, token.text]).toEqual([200, '{"state":1,"data":{"uid":"u"}}'])
    await api.get(`${proxy}/get/status/?uid=0a1B&time=1700000000&sign=ff00&_=1`, anybody)
    await api.get(`${proxy}/get/status?uid=0a1B&time=1700000000&sign=ff00`, anybody)
    const asked = { ask: 'status', uid: '0a1B', time: '1700000000', sign: 'ff00' }
    expect(api.qrLogin.asked).toEqual([{ ask: 'token' }, asked, asked])
  })

  test.each([
    'uid=a',
    'uid=a&time=1&sign=',
    'uid=a%2f..&time=1&sign=b',
    'uid=a&time=1&sign=b%26x=1',
    `uid=${'a'.repeat(65)}&time=1&sign=b`,
    'uid=a&uid=b&time=1&sign=c',
  ])('refuses the question %s', async (query) => {
    const reply = await api.get(`${proxy}/get/status/?${query}`, anybody)
    expect([reply.status, reply.data]).toEqual([400, {}])
    expect(api.qrLogin.asked).toEqual([])
  })

  test.each([
    '/proxy/',
    '/proxy/qrcodeapi.115.com/',
    '/proxy/qrcodeapi.115.com/api/1.0/tv/1.0/token',
    '/proxy/qrcodeapi.115.com/api/1.0/web/1.0/token/../../../x',
    '/proxy/qrcodeapi.115.com/api/2.0/prompt.php',
    '/proxy/passportapi.115.com/app/1.0/web/1.0/login/qrcode',
    '/proxy/127.0.0.1/api/1.0/web/1.0/token',
    '/proxy/http://evil.example/api/1.0/web/1.0/token',
    '/proxy/evil.example%2f@qrcodeapi.115.com/get/status/',
  ])('reaches nothing else: %s', async (url) => {
    expect((await api.get(url, anybody)).status).toBe(404)
    expect(api.qrLogin.asked).toEqual([])
  })

  test('does not let a page of the cloud run under our address', async () => {
    api.qrLogin.rawAnswer = { status: 405, contentType: 'text/html', body: Buffer.from('<script>1</script>') }
    const reply = await api.get(`${proxy}/api/1.0/web/1.0/token`, anybody)
    expect([reply.status, reply.headers['content-type']]).toEqual([405, 'text/plain; charset=utf-8'])
  })

  test('says in the cloud’s own shape when the cloud cannot be asked', async () => {
    api.qrLogin.raw = async () => {
      throw new StorageError('Unavailable', 'Cannot ask for a QR token: no answer')
    }
    const reply = await api.get(`${proxy}/api/1.0/web/1.0/token`, anybody)
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      502,
      expect.objectContaining({ state: 0, message: 'Cannot ask for a QR token: no answer' }),
    ])
  })

  test('counts by network, and tells when to come back', async () => {
    const ask = (ip: string) => api.get(`${proxy}/api/1.0/web/1.0/token`, { headers: { 'x-test-ip': ip } })
    for (let i = 0; i < 10; i++) expect((await ask(`2001:db8::${i}`)).status).toBe(200)
    const refused = await ask('2001:db8::ff')
    expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([429, true])
    expect((await ask('2001:db8:1::1')).status).toBe(200)
    expect(api.qrLogin.asked).toHaveLength(11)
  })

  test('GET qr draws a bounded picture', async () => {
    for (const [query, side] of [
      ['text=https%3A%2F%2F115.com&size=300', 300],
      ['text=x', 256],
      ['text=x&size=99999', 1024],
      ['text=x&size=big', 64],
    ] as const) {
      const reply = await api.app.inject({ url: `/qr/?${query}` })
      expect(reply.headers['content-type']).toBe('image/png')
      expect(reply.rawPayload.readUInt32BE(16)).toBe(side)
    }
    for (const query of ['', 'text=', `text=${'x'.repeat(513)}`, 'text=a&text=b']) {
      expect((await api.get(`/qr?${query}`)).status).toBe(400)
    }
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import type { DriverInfo, MeData, PageData, SettingData } from './contract.ts'
import { startTestApi, staticToken, type TestApi } from '../../../test/support/test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
})

describe('admin/driver', () => {
  const info = async (driver: string, language = 'en') =>
    (
      await api.get(`/api/admin/driver/info?driver=${encodeURIComponent(driver)}`, {
        headers: { 'accept-language': language },
      })
    ).data as DriverInfo

  test('names and list have every driver', async () => {
    expect((await api.get('/api/admin/driver/names')).data).toEqual(['115 Cloud', 'Local'])
    const all = (await api.get('/api/admin/driver/list')).data as Record<string, DriverInfo>
    expect(Object.keys(all)).toEqual(['115 Cloud', 'Local'])
    expect(all['115 Cloud']).toEqual(await info('115 Cloud'))
  })

  test('info is made of the option schema, every value a text, number defaults whole', async () => {
    const { additional, config } = await info('115 Cloud')
    expect(additional).toEqual([
      { name: 'cookie', type: 'text', default: '', options: '', required: false, help: 'the cookie' },
      { name: 'qrcode_token', type: 'string', default: '', options: '', required: false, help: 'the token' },
      {
        name: 'qrcode_source',
        type: 'select',
        default: 'alipaymini',
        options: 'web,alipaymini',
        required: false,
        help: 'the device',
      },
      { name: 'limit_rate', type: 'number', default: '2', options: '', required: false, help: 'the rate' },
      { name: 'root_folder_id', type: 'string', default: '0', options: '', required: true, help: 'the root' },
    ])
    expect(config).toMatchObject({ name: '115 Cloud', only_proxy: false, default_root: '0', alert: '' })
    expect((await info('115 Cloud', 'zh')).additional[0]?.help).toBe('小饼干')
  })

  test.each([
    ['115 Cloud', '302_redirect', '302_redirect,use_proxy_url,native_proxy', true],
    ['Local', 'native_proxy', 'use_proxy_url,native_proxy', false],
  ])('info of %s offers the download modes it has', async (driver, policy, options, hasWebProxy) => {
    const { common, config } = await info(driver)
    const of = (name: string) => common.find((item) => item.name === name)
    expect(of('webdav_policy')).toMatchObject({ type: 'select', default: policy, options, required: true })
    expect(of('web_proxy') !== undefined).toBe(hasWebProxy)
    expect(config.only_proxy).toBe(!hasWebProxy)
    expect(common[0]).toMatchObject({ name: 'mount_path', required: true })
  })

  test.each(['zh', 'en'])('info explains every field in %s', async (language) => {
    for (const driver of ['115 Cloud', 'Local']) {
      const { common, additional } = await info(driver, language)
      expect([...common, ...additional].filter(({ help }) => help === '')).toEqual([])
    }
  })

  test('info says what a driver cannot do', async () => {
    const cloud = await info('115 Cloud')
    const expiration = cloud.common.find(({ name }) => name === 'cache_expiration')
    expect(expiration).toMatchObject({ type: 'number', default: '30', required: true })
    expect(cloud.config).toMatchObject({ no_upload: true, no_cache: false })
    api.cloud.takesUploads = true
    expect((await info('115 Cloud')).config.no_upload).toBe(false)
    const local = await info('Local')
    expect(local.common.map(({ name }) => name)).not.toContain('cache_expiration')
    expect(local.config).toMatchObject({ no_upload: true, no_cache: true })
  })

  test('info of an unknown driver is 404', async () => {
    const reply = await api.get('/api/admin/driver/info?driver=X')
    expect([reply.code, reply.message]).toEqual([404, 'driver [X] not found'])
  })
})

describe('admin/user', () => {
  const alice = { username: 'alice', password: 'pw', base_path: '/115/alice', role: 0, permission: 263 }

  test('creates, lists, changes and deletes', async () => {
    expect(await api.post('/api/admin/user/create', alice)).toMatchObject({ code: 200, data: null })
    const page = (await api.get('/api/admin/user/list')).data as PageData<MeData>
    expect([page.total, page.content.map(({ username, role }) => [username, role])]).toEqual([
      3,
      [
        ['admin', 2],
        ['guest', 1],
        ['alice', 0],
      ],
    ])
    const shown = (await api.get('/api/admin/user/get?id=3')).data as MeData
    expect(shown).toEqual({
      id: 3,
      username: 'alice',
      password: '',
      base_path: '/115/alice',
      role: 0,
      disabled: false,
      permission: 263,
      sso_id: '',
      allow_ldap: false,
    })
    await api.post('/api/admin/user/update', { ...shown, permission: 8 })
    expect((await api.get('/api/admin/user/get?id=3')).data).toMatchObject({ permission: 8 })
    const login = await api.post('/api/auth/login', { username: 'alice', password: 'pw' })
    expect(login.code).toBe(200)
    expect((await api.post('/api/admin/user/delete?id=3')).code).toBe(200)
    expect((await api.post('/api/admin/user/delete?id=3')).message).toMatch(/object not found$/)
  })

  test.each([
    ['create', { ...alice, role: 2 }, 400, 'admin or guest user can not be created'],
    ['create', { ...alice, role: 7 }, 400, 'cannot read field "role": 7 is not 0, 1 or 2'],
    ['create', { ...alice, username: 'admin' }, 500, 'UNIQUE constraint failed: x_users.username'],
    ['create', { ...alice, base_path: '/a/../b' }, 403, 'access using relative path is not allowed'],
    ['update', { id: 1, username: 'admin', role: 0 }, 400, 'role can not be changed'],
    ['update', { id: 1, username: 'admin', role: 2, disabled: true }, 400, 'admin user can not be disabled'],
    ['delete?id=1', {}, 500, 'cannot delete admin or guest'],
    ['delete?id=one', {}, 400, 'cannot read id: "one" is not a number'],
  ])('%s of %j is refused', async (verb, body, code, message) => {
    const reply = await api.post(`/api/admin/user/${verb}`, body)
    expect([reply.code, reply.message]).toEqual([code, message])
  })
})

describe('admin/setting', () => {
  test('default tells the built-in values of a group and changes nothing', async () => {
    await api.settings.save({ site_title: '我的盘' })
    const { data } = await api.post('/api/admin/setting/default?groups=1,2')
    const items = data as SettingData[]
    expect(items.find(({ key }) => key === 'site_title')?.value).toBe('panport')
    expect(new Set(items.map(({ group }) => group))).toEqual(new Set([1, 2]))
    expect(api.settings.get('site_title')).toBe('我的盘')
    expect(JSON.stringify((await api.post('/api/admin/setting/default')).data)).not.toContain(staticToken)
    expect((await api.post('/api/admin/setting/default', {}, { token: '' })).code).toBe(401)
  })

  test('lists groups, one item and several', async () => {
    const items = async (query: string) =>
      (await api.get(`/api/admin/setting/${query}`)).data as SettingData[]
    expect((await items('list?group=1')).every(({ group }) => group === 1)).toBe(true)
    expect(new Set((await items('list?groups=0,1')).map(({ group }) => group))).toEqual(new Set([0, 1]))
    expect((await items('list')).find(({ key }) => key === 'version')).toMatchObject({
      value: 'v3.45.0',
      flag: 2,
    })
    expect(await items('get?key=token')).toMatchObject({
      key: 'token',
      value: staticToken,
      flag: 1,
      group: 0,
    })
    expect((await items('get?keys=sign_all,site_title')).map(({ key, value }) => [key, value])).toEqual([
      ['site_title', 'panport'],
      ['sign_all', 'true'],
    ])
    expect((await api.get('/api/admin/setting/get?key=none')).code).toBe(400)
    expect((await api.get('/api/admin/setting/list?group=x')).code).toBe(400)
  })

  test('saves all of a group as the page sends it, or nothing', async () => {
    const items = (await api.get('/api/admin/setting/list?group=1')).data as SettingData[]
    const changed = items.map((item) => (item.key === 'site_title' ? { ...item, value: '我的盘' } : item))
    expect(await api.post('/api/admin/setting/save', changed)).toMatchObject({ code: 200, data: null })
    expect(api.settings.get('site_title')).toBe('我的盘')
    const bad = [
      { key: 'site_title', value: 'x' },
      { key: 'sign_all', value: 'maybe' },
    ]
    const refused = await api.post('/api/admin/setting/save', bad)
    expect([refused.code, refused.message]).toEqual([
      400,
      'Setting "sign_all" is "maybe" and must be true or false',
    ])
    expect(api.settings.get('site_title')).toBe('我的盘')
    expect((await api.post('/api/admin/setting/save', { key: 'a' })).code).toBe(400)
  })

  test('reset_token ends the old token and the signs made with it', async () => {
    const { data } = await api.post('/api/admin/setting/reset_token')
    expect(data).toMatch(/^alist-[0-9a-f-]{36}.{64}$/)
    expect((await api.get('/api/me')).code).toBe(401)
    expect((await api.get('/api/me', { token: data })).code).toBe(200)
  })

  test('delete refuses: nothing is deprecated', async () => {
    const reply = await api.post('/api/admin/setting/delete?key=logo')
    expect([reply.code, reply.message]).toEqual([500, 'setting [logo] is not deprecated'])
  })
})

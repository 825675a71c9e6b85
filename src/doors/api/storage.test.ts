import { beforeEach, describe, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import type { PageData, SavedStorageData, StorageData } from './contract.ts'
import { keptMark } from './secret-options.ts'
import { startTestApi, type TestApi } from '../../../test/support/test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
})

const create = async (body: Record<string, unknown>) => {
  const reply = await api.post('/api/admin/storage/create', body)
  return { ...reply, data: reply.data as SavedStorageData }
}
const update = async (body: Record<string, unknown>) => {
  const reply = await api.post('/api/admin/storage/update', body)
  return { ...reply, data: reply.data as SavedStorageData }
}
const get = async (id: number) => (await api.get(`/api/admin/storage/get?id=${id}`)).data as StorageData
const list = async (query = '') =>
  (await api.get(`/api/admin/storage/list${query}`)).data as PageData<StorageData>
const cookie = 'UID=1_A1_1700000000;CID=hunter2;SEID=hunter3;KID=hunter4'
const good = { mount_path: '/115', driver: '115 Cloud', addition: JSON.stringify({ cookie }) }

describe('admin/storage/create', () => {
  test('saves with AList’s defaults, brings up, and shows every option but the secret', async () => {
    const reply = await create(good)
    expect([reply.code, reply.data]).toEqual([200, { id: 1, checks: [], notices: [] }])
    const storage = await get(1)
    expect(storage).toEqual({
      id: 1,
      mount_path: '/115',
      order: 0,
      driver: '115 Cloud',
      cache_expiration: 30,
      custom_cache_policies: '',
      status: 'work',
      addition: expect.any(String),
      remark: '',
      modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      disabled: false,
      disable_index: false,
      enable_sign: false,
      order_by: '',
      order_direction: '',
      extract_folder: '',
      web_proxy: false,
      webdav_policy: '302_redirect',
      proxy_range: false,
      down_proxy_url: '',
      down_proxy_sign: true,
      disable_proxy_sign: false,
      checks: [],
      notices: [],
    })
    expect(JSON.parse(storage.addition)).toEqual({
      cookie: keptMark,
      qrcode_token: '',
      qrcode_source: 'alipaymini',
      limit_rate: 1.5,
      root_folder_id: '0',
    })
    expect(api.cloud.cookies).toEqual([cookie])
  })

  test('keeps the row when the cloud refuses, and says so with its id', async () => {
    const reply = await create({ ...good, addition: '{"cookie":"bad"}' })
    expect([reply.status, reply.code, reply.data.id]).toEqual([200, 500, 1])
    expect(reply.message).toBe(
      'failed init storage but storage is already created: failed init storage: Cannot open drive: the login is ' +
        'not accepted (登录超时，请重新登录。, 990001). The cloud no longer accepts the login. Log in again in the ' +
        'storage settings: scan the QR code or paste a new cookie',
    )
    const [row] = (await list()).content
    expect(row?.status).toMatch(/^Cannot open drive: the login is not accepted/)
  })

  test.each([
    [{ ...good, driver: 'Nothing' }, 500, 'failed get driver new: no driver named: Nothing'],
    [{ ...good, driver: undefined }, 500, 'failed get driver new: no driver named: '],
    [
      { ...good, mount_path: '' },
      400,
      "Key: 'Storage.MountPath' Error:Field validation for 'MountPath' failed on the 'required' tag",
    ],
    [{ ...good, mount_path: '/a/../b' }, 403, 'access using relative path is not allowed'],
    [{ ...good, addition: '{' }, 400, 'cannot read field "addition": malformed JSON'],
    [{ ...good, addition: '{}' }, 400, expect.stringContaining('"cookie" and "qrcode_token" is needed')],
    [
      { ...good, addition: JSON.stringify({ cookie, limit_rate: 'fast' }) },
      400,
      expect.stringContaining('Option "limit_rate" is "fast" and must be a number from 0 to 100'),
    ],
    [{ ...good, order: 'first' }, 400, 'cannot read field "order": wrong type'],
  ])('refuses %j, saves nothing, and says id 0', async (body, code, message) => {
    const reply = await create(body)
    expect([reply.code, reply.message, reply.data]).toEqual([code, message, { id: 0 }])
    expect((await list()).total).toBe(0)
  })

  test('refuses a mount path that is taken', async () => {
    await create(good)
    const reply = await create({ ...good, mount_path: '115/' })
    expect([reply.code, reply.message, reply.data]).toEqual([
      500,
      'failed create storage in database: UNIQUE constraint failed: x_storages.mount_path',
      { id: 0 },
    ])
  })

  test('saves a disabled storage without asking the cloud', async () => {
    const reply = await create({ ...good, disabled: true, addition: '{"cookie":"bad"}' })
    expect([reply.code, (await get(1)).status]).toEqual([200, 'disabled'])
  })

  test('tells what the login can do, in the reader’s language, then and later', async () => {
    api.cloud.report = {
      checks: [
        { of: 'list', error: null },
        {
          of: 'link',
          error: new StorageError('PermissionDenied', 'Cannot link', { advice: 'scan-with-app-client' }),
        },
        { of: 'upload', error: undefined },
      ],
      notices: [{ code: 'replaces-session', detail: 'alipaymini' }],
    }
    const { data } = await create(good)
    expect(data.checks.map(({ of, ok }) => [of, ok])).toEqual([
      ['list', true],
      ['link', false],
      ['upload', null],
    ])
    expect(data.notices).toEqual([
      {
        code: 'replaces-session',
        detail: 'alipaymini',
        text: 'This login replaces the present session of "alipaymini"',
      },
    ])
    const headers = { 'accept-language': 'zh-CN' }
    const { checks } = (await api.get('/api/admin/storage/get?id=1', { headers })).data as StorageData
    expect(checks[1]?.text).toContain('播放与下载：不可用')
    expect((await list()).content[0]?.notices).toHaveLength(1)
  })
})

describe('admin/storage/update', () => {
  test('takes the whole object back as it was shown and changes nothing', async () => {
    await create({
      ...good,
      order: 3,
      web_proxy: true,
      down_proxy_url: 'https://w.example',
      enable_sign: true,
    })
    const before = await get(1)
    const reply = await update({ ...before })
    expect([reply.code, reply.data.id]).toEqual([200, 1])
    expect({ ...(await get(1)), modified: '' }).toEqual({ ...before, modified: '' })
    // The cookie that the driver was made with the second time is the stored one, not its mark.
    expect(api.cloud.cookies).toEqual([cookie, cookie])
  })

  test('changes an option and keeps the secret behind its mark', async () => {
    await create(good)
    await update({ id: 1, addition: JSON.stringify({ cookie: keptMark, limit_rate: 5 }) })
    expect(JSON.parse((await get(1)).addition)).toMatchObject({ cookie: keptMark, limit_rate: 5 })
    expect(api.cloud.cookies.at(-1)).toBe(cookie)
    await update({ id: 1, addition: JSON.stringify({ cookie: 'UID=2' }) })
    expect(api.cloud.cookies.at(-1)).toBe('UID=2')
  })

  test('gives fields of other programs back, also after an update that leaves them out', async () => {
    await create({
      ...good,
      custom_cache_policies: 'a:1',
      proxy_range: true,
      mission: { x: [1] },
      cookie: 'leak',
    })
    await update({ id: 1, remark: 'hello' })
    expect(await get(1)).toMatchObject({
      remark: 'hello',
      mount_path: '/115',
      custom_cache_policies: 'a:1',
      proxy_range: true,
      mission: { x: [1] },
    })
    expect(await get(1)).not.toHaveProperty('cookie')
  })

  test.each([
    [{ disable_proxy_sign: true }, false],
    [{ down_proxy_sign: false }, false],
    // What a page of each program sends after its own switch was turned: the other's value is the old one.
    [{ disable_proxy_sign: true, down_proxy_sign: true }, false],
    [{ disable_proxy_sign: false, down_proxy_sign: false }, false],
    [{ disable_proxy_sign: false, down_proxy_sign: true }, true],
    [{}, true],
  ])('reads the proxy signature from either spelling: %j', async (switches, signs) => {
    await create(good)
    await update({ id: 1, ...switches })
    expect(await get(1)).toMatchObject({ down_proxy_sign: signs, disable_proxy_sign: !signs })
    await update({ ...(await get(1)) })
    expect((await get(1)).down_proxy_sign).toBe(signs)
  })

  test.each([
    ['302_redirect', '115 Cloud', '302_redirect'],
    ['use_proxy_url', '115 Cloud', 'use_proxy_url'],
    ['native_proxy', '115 Cloud', 'native_proxy'],
    ['whatever', '115 Cloud', 'native_proxy'],
    ['', '115 Cloud', '302_redirect'],
    ['302_redirect', 'Local', 'native_proxy'],
    ['', 'Local', 'native_proxy'],
    ['use_proxy_url', 'Local', 'use_proxy_url'],
  ])('keeps policy %j of %s as %s', async (webdav_policy, driver, kept) => {
    await create({ ...good, driver, webdav_policy })
    expect((await get(1)).webdav_policy).toBe(kept)
  })

  test('explains why it does not start, with the row saved', async () => {
    await create(good)
    const reply = await update({ id: 1, remark: 'new', addition: '{"cookie":"bad"}' })
    expect([reply.code, reply.data.id]).toEqual([500, 1])
    expect(reply.message).toMatch(/^failed init storage: Cannot open drive/)
    expect((await get(1)).remark).toBe('new')
  })

  test('refuses another driver, an unknown id and a path that is taken', async () => {
    await create(good)
    await create({ ...good, mount_path: '/other' })
    expect(await update({ id: 1, driver: 'Local' })).toMatchObject({
      code: 500,
      message: 'driver cannot be changed',
      data: { id: 1 },
    })
    expect(await update({ id: 9 })).toMatchObject({
      code: 500,
      message: 'failed get old storage: storage not found',
      data: { id: 9 },
    })
    expect(await update({ id: 1, mount_path: '/other' })).toMatchObject({
      code: 500,
      message: 'failed update storage in database: UNIQUE constraint failed: x_storages.mount_path',
      data: { id: 1 },
    })
  })
})

describe('admin/storage', () => {
  test('lists in order, in pages', async () => {
    await create({ ...good, mount_path: '/b', order: 2 })
    await create({ ...good, mount_path: '/a', order: 1 })
    await create({ ...good, mount_path: '/c', order: -1 })
    const paths = async (query: string) => (await list(query)).content.map(({ mount_path }) => mount_path)
    expect(await paths('')).toEqual(['/c', '/a', '/b'])
    expect(await paths('?page=2&per_page=2')).toEqual(['/b'])
    expect((await list('?page=9&per_page=2')).total).toBe(3)
  })

  test('disables and enables, each only when it is not so already', async () => {
    await create(good)
    const post = (verb: string) => api.post(`/api/admin/storage/${verb}?id=1`)
    expect(await post('enable')).toMatchObject({ code: 500, message: 'this storage have enabled' })
    expect(await post('disable')).toMatchObject({ code: 200, data: null })
    expect((await get(1)).status).toBe('disabled')
    expect(await post('disable')).toMatchObject({ code: 500, message: 'this storage have disabled' })
    expect(await post('enable')).toMatchObject({ code: 200, data: null })
    expect((await get(1)).status).toBe('work')
  })

  test('says why an enabled storage does not start', async () => {
    await create({ ...good, disabled: true, addition: '{"cookie":"bad"}' })
    const reply = await api.post('/api/admin/storage/enable?id=1')
    expect(reply.code).toBe(500)
    expect(reply.message).toMatch(/^failed load storage: failed init storage: Cannot open drive/)
  })

  test('deletes, and says in matched words when there is nothing to delete', async () => {
    await create(good)
    expect(await api.post('/api/admin/storage/delete?id=1')).toMatchObject({ code: 200, data: null })
    const again = await api.post('/api/admin/storage/delete?id=1')
    expect([again.code, again.message]).toEqual([500, 'failed get storage: storage not found'])
    expect((await list()).total).toBe(0)
  })

  test.each(['get?id=x', 'get', 'get?id=1&id=2'])('refuses %s: no number', async (verb) => {
    expect((await api.get(`/api/admin/storage/${verb}`)).code).toBe(400)
  })

  test('brings all up anew on load_all', async () => {
    await create(good)
    const before = api.cloud.cookies.length
    expect(await api.post('/api/admin/storage/load_all')).toMatchObject({ code: 200, data: null })
    // The answer does not wait; the next change stands in line behind it.
    await api.post('/api/admin/storage/disable?id=1')
    expect(api.cloud.cookies.length).toBe(before + 1)
  })

  test('is for admins alone', async () => {
    const guest = await api.users.get(2)
    await api.users.update(2, { ...guest, disabled: false, permission: 0xffff })
    for (const url of [
      'storage/list',
      'storage/get?id=1',
      'driver/list',
      'setting/list',
      'user/list',
      'qr/115/apps',
    ]) {
      const reply = await api.get(`/api/admin/${url}`, { token: '' })
      expect([reply.code, reply.message]).toEqual([403, 'You are not an admin'])
    }
    expect((await api.post('/api/admin/storage/create', good, { token: '' })).code).toBe(403)
    expect((await list()).total).toBe(0)
  })

  test('never lets a stored secret out, whatever an admin reads', async () => {
    await create(good)
    await create({
      ...good,
      mount_path: '/two',
      addition: JSON.stringify({ cookie, qrcode_token: 'hunter5' }),
    })
    await update({ id: 2, addition: JSON.stringify({ limit_rate: 'hunter' }) })
    const reads = [
      'storage/list',
      'storage/get?id=1',
      'storage/get?id=2',
      'driver/list',
      'driver/info?driver=115%20Cloud',
      'driver/names',
      'setting/list',
      'user/list',
      'user/get?id=1',
      'qr/115/apps',
    ]
    const replies = await Promise.all(reads.map((url) => api.get(`/api/admin/${url}`)))
    const others = [
      await update({ ...(await get(1)) }),
      await update({ id: 1, mount_path: '/two' }),
      await api.post('/api/admin/storage/disable?id=1'),
      await api.post('/api/fs/list', { path: '/two' }),
      await api.get('/api/public/settings'),
    ]
    for (const { text, code } of [...replies, ...others]) {
      expect(code).toBeGreaterThan(0)
      expect(text).not.toMatch(/hunter[2345]|1_A1_17/)
    }
  })
})

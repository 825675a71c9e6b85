import { beforeEach, describe, expect, test } from 'vitest'
import { VPath } from '../../core/path.ts'
import { StorageError } from '../../core/errors.ts'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import type { GetData, ListData } from './contract.ts'
import { startTestApi, staticToken, type TestApi } from '../../../test/support/test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
})

const list = async (body: unknown, token?: string) => {
  const reply = await api.post('/api/fs/list', body, token === undefined ? {} : { token })
  return { ...reply, data: reply.data as ListData }
}
const names = async (body: unknown) => (await list(body)).data.content.map(({ name }) => name)

/** Opens the guest account and gives what to send for it. */
async function openGuest(permission: number, basePath = '/'): Promise<string> {
  const guest = await api.users.get(2)
  await api.users.update(2, { ...guest, disabled: false, permission, basePath: VPath.parse(basePath) })
  return ''
}

describe('fs/list', () => {
  test('gives every field that clients need, hashes in upper case, signs of the reference', async () => {
    api.cloud.tree = { 'e01.mkv': 734003200, 'Season 1': {} }
    await api.mount('/115')
    const { data, message } = await list({ path: '/115' })
    const hash = '0123456789ABCDEF0123456789ABCDEF01234567'
    const time = expect.stringMatching(/^2026-03-01T\d\d:\d\d:10[+-]\d\d:\d\d$/)
    expect(message).toBe('success')
    expect(data).toEqual({
      content: [
        {
          name: 'e01.mkv',
          size: 734003200,
          is_dir: false,
          modified: time,
          created: time,
          sign: 'WJgSWP5V8kNb0FhmFoV3ZUeSGa16p-IJDEz1ibOcK64=:0',
          thumb: '',
          type: 2,
          hashinfo: `{"sha1":"${hash}"}`,
          hash_info: { sha1: hash },
        },
        {
          name: 'Season 1',
          size: 0,
          is_dir: true,
          modified: time,
          created: time,
          sign: '',
          thumb: '',
          type: 1,
          hashinfo: 'null',
          hash_info: null,
        },
      ],
      total: 2,
      readme: '',
      header: '',
      write: false,
      write_content_bypass: false,
      provider: '115 Cloud',
      listed_at: expect.stringMatching(/^2026-01-01T|^2025-12-31T/),
      incomplete: null,
    })
  })

  test('gives [] for an empty folder', async () => {
    await api.mount('/115')
    const { data } = await list({ path: '/115' })
    expect([data.content, data.total]).toEqual([[], 0])
  })

  test('gives a folder of 3,000 whole when no page is asked for', async () => {
    const folder = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}.mkv`, i]))
    api.cloud.tree = { folder }
    await api.mount('/115')
    for (const per_page of [0, -1, undefined]) {
      const { data } = await list({ path: '/115/folder', page: 1, per_page })
      expect([data.total, data.content.length, new Set(data.content.map(({ name }) => name)).size]).toEqual([
        3000, 3000, 3000,
      ])
    }
  })

  test('pages in the order of the driver, with the whole total on each, first time and remembered', async () => {
    api.cloud.tree = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}`, i]))
    await api.mount('/115')
    for (const _time of ['first', 'remembered']) {
      for (const [page, expected] of [
        [0, ['f0', 'f1', 'f2', 'f3']],
        [1, ['f0', 'f1', 'f2', 'f3']],
        [2, ['f4', 'f5', 'f6', 'f7']],
        [3, ['f8', 'f9']],
        [4, []],
      ] as const) {
        const { data } = await list({ path: '/115', page, per_page: 4 })
        expect([data.total, data.content.map(({ name }) => name)]).toEqual([10, expected])
      }
    }
    expect(api.cloud.lists).toBe(1)
  })

  test.each([
    [{ order_by: 'name', order_direction: 'asc', extract_folder: 'front' }, ['B', '第2集', '第10集']],
    [{ order_by: 'name', order_direction: 'desc', extract_folder: 'back' }, ['第10集', '第2集', 'B']],
    [{ order_by: 'size', order_direction: 'desc' }, ['第2集', '第10集', 'B']],
    [{ extract_folder: 'front' }, ['B', '第10集', '第2集']],
  ])('orders as its storage is set: %j', async (order, expected) => {
    api.cloud.tree = { 第10集: 5, B: {}, 第2集: 9 }
    await api.mount('/115', order)
    expect(await names({ path: '/115' })).toEqual(expected)
    expect(await names({ path: '/115', page: 2, per_page: 2 })).toEqual(expected.slice(2))
  })

  test('says when the cloud announced more than it gave', async () => {
    api.cloud.tree = { a: 1 }
    api.cloud.missing = 4
    await api.mount('/115')
    for (const page of [1, 2]) {
      expect((await list({ path: '/115', page, per_page: 1 })).data.incomplete).toEqual({ missing: 4 })
    }
  })

  test('asks the cloud anew for refresh, and only then', async () => {
    api.cloud.tree = { a: 1 }
    await api.mount('/115')
    expect(await names({ path: '/115' })).toEqual(['a'])
    api.cloud.tree = { b: 1 }
    expect(await names({ path: '/115' })).toEqual(['a'])
    const byGet = await api.get('/api/fs/list?path=/115&refresh=true')
    expect((byGet.data as ListData).content.map(({ name }) => name)).toEqual(['a'])
    expect(await names({ path: '/115', refresh: true })).toEqual(['b'])
  })

  test('never asks the cloud anew for a GET or HEAD, which any page can make a browser send', async () => {
    await api.mount('/115')
    await list({ path: '/115' })
    const { lists } = api.cloud
    for (const method of ['GET', 'HEAD'] as const) {
      const headers = { authorization: staticToken }
      await api.app.inject({ method, url: '/api/fs/list?path=/115&refresh=true', headers })
    }
    expect(api.cloud.lists).toBe(lists)
  })

  test('refuses a refresh without the right to it', async () => {
    await api.mount('/115')
    const token = await openGuest(0)
    const refused = await list({ path: '/115', refresh: true }, token)
    expect([refused.code, refused.message]).toEqual([403, 'Refresh without permission'])
    const shown = await list({ path: '/115' }, token)
    expect([shown.code, shown.data.write]).toEqual([200, false])
    await openGuest(8)
    expect((await list({ path: '/115', refresh: true }, token)).code).toBe(200)
  })

  test('says where the caller may write, and never that a driver takes what it cannot', async () => {
    await api.mount('/115')
    const writable = async (path: string, token?: string) => (await list({ path }, token)).data.write
    expect(await writable('/115')).toBe(false)
    api.cloud.takesUploads = true
    expect(await writable('/115')).toBe(true)
    expect(await writable('/')).toBe(false)
    expect(await writable('/115', await openGuest(0))).toBe(false)
    expect(await writable('/115', await openGuest(8))).toBe(true)
  })

  test('shows mounts, and folders on the way to one, as folders of no storage', async () => {
    await api.mount('/a/b/115')
    await api.mount('/local', { driver: 'Local', addition: '{}' })
    const root = await list({ path: '/' })
    expect(root.data.content.map(({ name, is_dir, sign }) => [name, is_dir, sign])).toEqual([
      ['a', true, ''],
      ['local', true, ''],
    ])
    expect([root.data.provider, root.data.listed_at]).toEqual(['unknown', null])
    expect(await names({ path: '/a' })).toEqual(['b'])
    expect((await list({ path: '/local' })).data.provider).toBe('Local')
  })

  test('counts a mount inside a remembered folder once', async () => {
    api.cloud.tree = { inner: {}, x: 1, y: 2, z: 3 }
    await api.mount('/115')
    await api.mount('/115/inner')
    for (const _time of ['first', 'remembered']) {
      const { data } = await list({ path: '/115', page: 1, per_page: 2 })
      expect([data.total, data.content.map(({ name }) => name)]).toEqual([4, ['x', 'y']])
    }
  })

  test.each([
    ['/115/nothing', 'failed get objs: failed get dir: object not found'],
    ['/115/nothing/deeper', 'failed get objs: failed get dir: object not found'],
    ['/115/a.mkv', 'failed get objs: not a folder'],
    ['/115/a.mkv/b', 'failed get objs: failed get dir: object not found'],
    ['/115/a.mkv/b/c', 'failed get objs: failed get dir: object not found'],
    ['/elsewhere/x', 'failed get storage: storage not found; rawPath: /elsewhere/x'],
  ])('answers for %s in the words clients match', async (path, message) => {
    api.cloud.tree = { 'a.mkv': 1 }
    await api.mount('/115')
    const reply = await list({ path })
    expect([reply.status, reply.code, reply.message, reply.data]).toEqual([200, 500, message, null])
  })

  test('asks for a first storage when there is none', async () => {
    expect((await list({ path: '/' })).message).toBe(
      'failed get storage: storage not found; please add a storage first',
    )
  })

  test('explains a failing cloud in the language of the reader, and never as an empty folder', async () => {
    await api.mount('/115')
    api.cloud.failure = new StorageError('RateLimited', 'Cannot list "films": too many requests', {
      upstream: { status: 405 },
      advice: 'wait',
    })
    const english = await list({ path: '/115' })
    expect([english.code, english.message]).toEqual([
      500,
      'failed get objs: failed to list objs: Cannot list "films": too many requests. Too many requests, the ' +
        'cloud holds us back. Wait a while and try again; refreshing over and over makes it longer',
    ])
    const chinese = await api.post(
      '/api/fs/list',
      { path: '/115' },
      { headers: { 'accept-language': 'zh-CN' } },
    )
    expect(chinese.message).toContain('请求过于频繁，已被网盘限制。请稍后再试')
  })

  test("keeps a cloud's refusal from looking like a folder password", async () => {
    await api.mount('/115')
    api.cloud.failure = new StorageError('PermissionDenied', 'Cannot list "films": refused')
    expect((await list({ path: '/115' })).code).toBe(500)
  })

  test.each(['/115/..', '/115/../x', '..\\..\\etc', '/../115'])(
    'refuses the relative path %s',
    async (path) => {
      await api.mount('/115')
      for (const url of ['/api/fs/list', '/api/fs/get', '/api/fs/dirs', '/api/fs/other', '/api/fs/link']) {
        const reply = await api.post(url, { path })
        expect([reply.code, reply.message]).toEqual([403, 'access using relative path is not allowed'])
      }
    },
  )

  test('starts at the base path and tells nothing of what is above it', async () => {
    api.cloud.tree = { alice: { 'a.mkv': 1 }, bob: { 'b.mkv': 2 } }
    await api.mount('/115')
    const token = await openGuest(0, '/115/alice')
    const own = await list({ path: '/' }, token)
    expect(own.data.content.map(({ name }) => name)).toEqual(['a.mkv'])
    expect(own.data.content[0]?.sign).toBe((await list({ path: '/115/alice' })).data.content[0]?.sign)
    expect((await list({ path: '/bob' }, token)).message).toBe(
      'failed get objs: failed get dir: object not found',
    )
    expect(JSON.stringify(await list({ path: '/115' }, token))).not.toContain('alice')
  })

  test('is refused to a guest whose account is shut, inside the envelope', async () => {
    const reply = await list({ path: '/' }, '')
    expect([reply.status, reply.code, reply.message]).toEqual([
      200,
      401,
      'Guest user is disabled, login please',
    ])
  })

  test('signs nothing when the site does not ask for it, unless the storage does', async () => {
    await api.settings.save({ sign_all: 'false' })
    api.cloud.tree = { a: 1 }
    await api.mount('/115')
    await api.mount('/signed', { enable_sign: true })
    expect((await list({ path: '/115' })).data.content[0]?.sign).toBe('')
    expect((await list({ path: '/signed' })).data.content[0]?.sign).toMatch(/=:0$/)
  })
})

describe('fs/dirs', () => {
  test('gives folders only', async () => {
    api.cloud.tree = { films: {}, 'a.mkv': 1 }
    await api.mount('/115')
    expect((await api.post('/api/fs/dirs', { path: '/115' })).data).toEqual([
      { name: 'films', modified: expect.stringContaining('2026-03-01T') },
    ])
    expect((await api.post('/api/fs/dirs', { path: '/115/films' })).data).toEqual([])
    expect((await api.post('/api/fs/dirs', { path: '/115/none' })).message).toMatch(/object not found$/)
  })

  test('shows the whole tree to an admin who asks, and to nobody else', async () => {
    await api.mount('/115')
    const admin = await api.users.get(1)
    await api.users.update(1, { ...admin, basePath: VPath.parse('/115') })
    const seen = async (force_root: boolean) =>
      (await api.post('/api/fs/dirs', { path: '/', force_root })).data
    expect(await seen(false)).toEqual([])
    expect(await seen(true)).toMatchObject([{ name: '115' }])
    const token = await openGuest(0)
    const refused = await api.post('/api/fs/dirs', { path: '/', force_root: true }, { token })
    expect([refused.code, refused.message]).toEqual([403, 'Permission denied'])
  })
})

describe('fs/other', () => {
  test('has nothing to offer yet', async () => {
    await api.mount('/115')
    const reply = await api.post('/api/fs/other', { path: '/115/a', method: 'video_preview', data: {} })
    expect([reply.code, reply.message]).toEqual([500, 'not implement'])
    expect((await api.post('/api/fs/other', { path: '/x' })).message).toMatch(
      /^failed get storage: storage not found/,
    )
  })
})

describe('fs/get of folders', () => {
  test.each([
    ['/', 'root', 'unknown'],
    ['/a', 'a', 'unknown'],
    ['/a/115', '115', '115 Cloud'],
    ['/a/115/films', 'films', '115 Cloud'],
  ])('describes %s', async (path, name, provider) => {
    api.cloud.tree = { films: {} }
    await api.mount('/a/115')
    const { data } = await api.post('/api/fs/get', { path })
    expect(data as GetData).toMatchObject({
      name,
      is_dir: true,
      type: 0,
      raw_url: '',
      sign: '',
      related: [],
      provider,
    })
  })

  test('gives the root no time, and describes a mount whose cloud is down', async () => {
    await api.post('/api/admin/storage/create', {
      mount_path: '/115',
      driver: '115 Cloud',
      addition: '{"cookie":"bad"}',
    })
    const root = (await api.get('/api/fs/get?path=/')).data as GetData
    expect([root.modified, root.created]).toEqual(['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'])
    expect((await api.post('/api/fs/get', { path: '/115' })).data).toMatchObject({
      name: '115',
      is_dir: true,
    })
    expect((await api.post('/api/fs/list', { path: '/115' })).message).toMatch(
      /^failed get objs: failed to list objs: .*登录超时，请重新登录。.*scan the QR code/,
    )
  })
})

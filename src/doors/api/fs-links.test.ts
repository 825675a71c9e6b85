import { beforeEach, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import type { GetData } from './contract.ts'
import { startTestApi, type TestApi } from '../../../test/support/test-api.ts'

const sign = 'WJgSWP5V8kNb0FhmFoV3ZUeSGa16p-IJDEz1ibOcK64=:0'
const awkwardSign = 'tHrr5esfyx_od6klibKRF0YwIh3dWpXoziafW7ZZUhU=:0'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
  api.cloud.tree = { 'e01.mkv': 734003200, 电影: { 'A B#1.mkv': 5 } }
})

const get = async (path: string, userAgent = 'Infuse/8') => {
  const reply = await api.post('/api/fs/get', { path }, { headers: { 'user-agent': userAgent } })
  return { ...reply, data: reply.data as GetData }
}

test("fs/get links with the caller's own User-Agent and address, once for each", async () => {
  await api.mount('/115')
  expect((await get('/115/e01.mkv', 'VLC')).data.raw_url).toBe('https://cdn.test/e01.mkv?ua=VLC')
  expect((await get('/115/e01.mkv', 'Kodi')).data.raw_url).toBe('https://cdn.test/e01.mkv?ua=Kodi')
  await get('/115/e01.mkv', 'VLC')
  expect(api.cloud.linked).toEqual([
    { userAgent: 'VLC', clientIp: '192.0.2.1' },
    { userAgent: 'Kodi', clientIp: '192.0.2.1' },
  ])
})

test('fs/get gives every field of a file', async () => {
  await api.mount('/115')
  expect((await get('/115/e01.mkv')).data).toEqual({
    name: 'e01.mkv',
    size: 734003200,
    is_dir: false,
    modified: expect.stringContaining('2026-03-01T'),
    created: expect.stringContaining('2026-03-01T'),
    sign,
    thumb: '',
    type: 2,
    hashinfo: expect.stringContaining('"sha1":"0123'),
    hash_info: { sha1: expect.stringMatching(/^[0-9A-F]{40}$/) },
    raw_url: 'https://cdn.test/e01.mkv?ua=Infuse%2F8',
    readme: '',
    header: '',
    provider: '115 Cloud',
    related: [],
  })
})

test.each([
  ['web_proxy', { web_proxy: true }, `https://pan.example/p/115/e01.mkv?sign=${sign}`],
  [
    'web_proxy and a proxy URL',
    { web_proxy: true, down_proxy_url: 'https://worker.example/\nhttps://unused.example' },
    `https://worker.example/115/e01.mkv?sign=${sign}`,
  ],
  [
    'a proxy URL without signatures',
    { web_proxy: true, down_proxy_url: 'https://worker.example', disable_proxy_sign: true },
    'https://worker.example/115/e01.mkv',
  ],
  [
    'a proxy URL that is for WebDAV alone',
    { down_proxy_url: 'https://worker.example', webdav_policy: 'use_proxy_url' },
    'https://cdn.test/e01.mkv?ua=Infuse%2F8',
  ],
])('fs/get with %s', async (_name, more, url) => {
  await api.mount('/115', more)
  expect((await get('/115/e01.mkv')).data.raw_url).toBe(url)
  expect(api.cloud.linked).toHaveLength(url.startsWith('https://cdn') ? 1 : 0)
})

test('fs/get passes what nobody else can open through the gateway, encoded and signed on the full path', async () => {
  await api.mount('/115', { driver: 'Local', addition: '{}' })
  expect((await get('/115/电影/A B#1.mkv')).data.raw_url).toBe(
    `https://pan.example/p/115/%E7%94%B5%E5%BD%B1/A%20B%231.mkv?sign=${awkwardSign}`,
  )
  await api.settings.save({ sign_all: 'false' })
  expect((await get('/115/e01.mkv')).data.raw_url).toBe('https://pan.example/p/115/e01.mkv')
})

test.each([
  ['asks for a cookie', { 'user-agent': 'Infuse/8', cookie: 'k=v' }, 'Infuse/8'],
  ["asks for another's User-Agent", { 'user-agent': 'panport/1' }, 'Infuse/8'],
  ['is bound to a User-Agent that the caller does not send', {}, ''],
])('fs/get does not hand out a link that %s', async (_name, headers, userAgent) => {
  api.cloud.link = () => ({
    kind: 'url',
    url: 'https://cdn.test/x',
    headers,
    expiresAt: null,
    maxConnections: null,
    boundTo: ['userAgent'],
  })
  await api.mount('/115')
  expect((await get('/115/e01.mkv', userAgent)).data.raw_url).toBe(
    `https://pan.example/p/115/e01.mkv?sign=${sign}`,
  )
})

test('fs/get fails as a whole when the cloud gives no link, and says why', async () => {
  await api.mount('/115')
  api.cloud.linkFailure = new StorageError(
    'PermissionDenied',
    'Cannot link "e01.mkv": web logins cannot download',
    {
      advice: 'scan-with-app-client',
    },
  )
  const reply = await get('/115/e01.mkv')
  expect([reply.code, reply.data]).toEqual([500, null])
  expect(reply.message).toMatch(
    /^failed get link: Cannot link "e01.mkv": .*Log in by QR code as an app client/,
  )
})

test.each(['/115/none.mkv', '/115/none/deeper.mkv', '/115/e01.mkv/deeper'])(
  'fs/get of %s ends with the words clients match',
  async (path) => {
    await api.mount('/115')
    const reply = await get(path)
    expect([reply.status, reply.code]).toEqual([200, 500])
    expect(reply.message).toMatch(/object not found$/)
  },
)

test('fs/get names what stands beside a film, and not the film', async () => {
  api.cloud.tree = { 'e1.mkv': 1, 'e1.zh.srt': 2, 'e1.nfo': 3, 'e10.mkv': 4, 'other.srt': 5 }
  await api.mount('/115')
  const { related } = (await get('/115/e1.mkv')).data
  // As AList has it: by the beginning of the name, so a tenth part comes along with the first.
  expect(related.map(({ name }) => name)).toEqual(['e1.zh.srt', 'e1.nfo', 'e10.mkv'])
  expect(related[0]).toMatchObject({ size: 2, type: 4, is_dir: false, sign: expect.stringMatching(/=:0$/) })
})

test('fs/get stays small beside thousands of namesakes', async () => {
  api.cloud.tree = Object.fromEntries(
    Array.from({ length: 3000 }, (_, i) => [`e.${'长'.repeat(40)}${i}.srt`, i]),
  )
  api.cloud.tree = { ...api.cloud.tree, 'e.mkv': 1 }
  await api.mount('/115')
  const reply = await get('/115/e.mkv')
  expect(reply.data.related).toHaveLength(100)
  expect(Buffer.byteLength(reply.text)).toBeLessThan(65_535)
})

test('fs/link gives an admin the link and its headers as lists, by full path', async () => {
  await api.mount('/115')
  const asked = { headers: { 'user-agent': 'worker/1' } }
  const reply = await api.post('/api/fs/link', { path: '/115/e01.mkv' }, asked)
  expect(reply.data).toEqual({
    url: 'https://cdn.test/e01.mkv?ua=worker%2F1',
    header: { 'User-Agent': ['worker/1'] },
    Expiration: null,
    concurrency: 2,
    part_size: 0,
    content_length: 0,
  })
  expect((await api.post('/api/fs/link', { path: '/115/电影' })).message).toBe('not a file')
  expect((await api.post('/api/fs/link', { path: '/115/none' })).message).toMatch(/object not found$/)
})

test('fs/link points to the gateway itself for bytes that only it can open', async () => {
  await api.mount('/115', { driver: 'Local', addition: '{}' })
  expect((await api.post('/api/fs/link', { path: '/115/e01.mkv' })).data).toMatchObject({
    url: `https://pan.example/p/115/e01.mkv?d&sign=${sign}`,
    header: {},
  })
})

test('fs/link is for admins', async () => {
  const guest = await api.users.get(2)
  await api.users.update(2, { ...guest, disabled: false, permission: 0xffff })
  const reply = await api.post('/api/fs/link', { path: '/' }, { token: '' })
  expect([reply.code, reply.message]).toEqual([403, 'You are not an admin'])
})

import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import { adminPassword, startTestApi, staticToken, type TestApi } from '../../../test/support/test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
  api.cloud.tree = { 'a.mkv': 1 }
  await api.mount('/115')
})
afterAll(() => api.app.close())

const json = JSON.stringify({ username: 'admin', password: adminPassword })

test.each([
  ['no type', json, {}],
  ['text/plain', json, { 'content-type': 'text/plain' }],
  ['a type with a charset', json, { 'content-type': 'application/json; charset=utf-8' }],
  ['a wrongly declared form', json, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['what is no type', json, { 'content-type': 'json' }],
  [
    'a form',
    new URLSearchParams({ username: 'admin', password: adminPassword }).toString(),
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
])('createApi() reads a body of %s', async (_name, body, headers) => {
  expect((await api.post('/api/auth/login', body, { token: '', headers })).message).toBe('success')
})

test.each(['{', '{"username":"hunter2" oops', '"text"', '17', 'true', 'username=admin'])(
  'createApi() answers the malformed body %j with 400 in the envelope, without quoting it',
  async (body) => {
    const reply = await api.post('/api/auth/login', body, { token: '' })
    expect([reply.status, reply.code, reply.data]).toEqual([200, 400, null])
    expect(reply.message).toMatch(/^cannot read the body: /)
    expect(reply.message).not.toMatch(/hunter2|admin/)
  },
)

test('createApi() refuses a body above 1 MiB inside the envelope', async () => {
  const reply = await api.post('/api/fs/list', { path: '/115', junk: 'x'.repeat(1024 * 1024) })
  expect([reply.status, reply.code]).toEqual([200, 400])
  expect(reply.message).toContain('1048576')
})

test.each([
  [{ path: '/115', page: null, per_page: null, refresh: null, password: null }],
  [{ path: '/115', page: '1', per_page: '0', refresh: 'false', unknown: { deep: [1] } }],
])('createApi() takes null and text for other types: %j', async (body) => {
  expect((await api.post('/api/fs/list', body)).code).toBe(200)
})

test.each([
  [{ path: 7 }, 'path'],
  [{ path: ['/115'] }, 'path'],
  [{ path: '/115', page: 1.5 }, 'page'],
  [{ path: '/115', page: 'one' }, 'page'],
  [{ path: '/115', refresh: 'maybe' }, 'refresh'],
  [[1, 2], 'body'],
])('createApi() refuses %j naming the field', async (body, field) => {
  const reply = await api.post('/api/fs/list', body)
  expect([reply.status, reply.code, reply.message]).toEqual([
    200,
    400,
    `cannot read field "${field}": wrong type`,
  ])
})

test('createApi() answers an unknown route below /api with code 404, elsewhere with status 404', async () => {
  const inside = await api.post('/api/fs/nothing', {})
  expect([inside.status, inside.code, inside.data]).toEqual([200, 404, null])
  const outside = await api.get('/nothing')
  expect([outside.status, outside.code]).toEqual([404, 404])
  expect((await api.get('/apix')).status).toBe(404)
})

test('createApi() takes an address with a slash at its end', async () => {
  expect((await api.get('/api/me/')).code).toBe(200)
})

test('createApi() survives an address that is not UTF-8', async () => {
  expect((await api.get('/api/%ff%fe')).code).toBeGreaterThanOrEqual(400)
  expect((await api.get('/%ff')).status).toBeGreaterThanOrEqual(400)
})

test('createApi() answers preflights of any origin without a login', async () => {
  const reply = await api.app.inject({
    method: 'OPTIONS',
    url: '/api/fs/put',
    headers: {
      origin: 'https://elsewhere.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'x-own-header',
    },
  })
  expect(reply.statusCode).toBe(204)
  expect(reply.headers['access-control-allow-origin']).toBe('*')
  expect(reply.headers['access-control-allow-methods']).toContain('PUT')
  expect(reply.headers['access-control-allow-headers']).toMatch(/Authorization.*File-Path.*x-own-header/)
})

test.each(['/api/me', '/api/nothing', '/nothing', '/ping', '/qr?text=x', '/proxy/x'])(
  'createApi() sends the safety headers with %s',
  async (url) => {
    expect((await api.get(url)).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
    })
  },
)

test('createApi() writes compact JSON with a charset', async () => {
  const reply = await api.get('/api/me', { token: '' })
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(reply.text).toBe('{"code":401,"message":"Guest user is disabled, login please","data":null}')
})

test('createApi() tells nothing of a bug and logs all of it', async () => {
  api.cloud.link = () => {
    throw new TypeError('secret detail of the inside')
  }
  const reply = await api.post('/api/fs/get', { path: '/115/a.mkv' })
  api.cloud.link = null
  expect([reply.status, reply.code]).toEqual([200, 500])
  expect(reply.text).not.toContain('secret detail')
  expect(JSON.stringify(api.logged.map((fields) => String((fields as { error: unknown }).error)))).toContain(
    'secret detail',
  )
})

test('GET ping, robots.txt and favicon.ico answer outside the envelope', async () => {
  expect((await api.get('/ping', { token: '' })).text).toBe('pong')
  expect((await api.post('/ping')).text).toBe('pong')
  expect((await api.get('/robots.txt')).text).toBe('User-agent: *\nAllow: /')
  const icon = await api.get('/favicon.ico')
  expect([icon.status, icon.headers['location']]).toEqual([302, '/favicon.svg'])
})

test.each([
  ['https://pan.example/图标.png', 302, 'https://pan.example/%E5%9B%BE%E6%A0%87.png'],
  ['/a%20b.png', 302, '/a%20b.png'],
  ['//elsewhere.example/x', 404, undefined],
  ['javascript:alert(1)', 404, undefined],
  ['', 404, undefined],
])('GET favicon.ico with the setting %j', async (favicon, status, location) => {
  await api.settings.save({ favicon })
  const reply = await api.get('/favicon.ico')
  expect([reply.status, reply.headers['location']]).toEqual([status, location])
})

test('GET public/settings is readable by clients that look at raw text', async () => {
  await api.settings.save({ logo: 'https://img.example/v2.png', site_title: 'v2. 我的盘' })
  const reply = await api.get('/api/public/settings', { token: '' })
  expect(reply.text).toMatch(/"version":"v[0-9]+\.[0-9]+\.[0-9]+"/)
  expect(reply.text).toContain('"version":"v3.45.0"')
  expect(reply.text).not.toContain('v2.')
  expect(reply.data).toMatchObject({
    version: 'v3.45.0',
    panport_version: '0.1.0',
    logo: 'https://img.example/v2.png',
    site_title: 'v2. 我的盘',
    allow_mounted: 'true',
    search_index: 'none',
  })
  expect(reply.data).not.toHaveProperty('token')
  expect(
    Object.values(reply.data as Record<string, unknown>).every((value) => typeof value === 'string'),
  ).toBe(true)
})

test.each(['/api/public/offline_download_tools', '/api/public/archive_extensions'])(
  '%s is an empty list for everybody, by any method',
  async (url) => {
    expect((await api.get(url, { token: '' })).data).toEqual([])
    expect((await api.post(url, undefined, { token: 'rubbish' })).data).toEqual([])
  },
)

test('createApi() refuses before the body came whom it would refuse afterwards', async () => {
  const { port } = new URL(await api.app.listen({ port: 0, host: '127.0.0.1' }))
  const begin = (start: string, token: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const head = [start, 'Host: x', `Authorization: ${token}`, 'Content-Length: 5000000', '', 'x']
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(head.join('\r\n')))
      let received = ''
      socket.on('data', (chunk) => (received += String(chunk)))
      socket.on('error', reject)
      socket.on('close', () => resolve(received))
    })
  const closed = (code: number) => new RegExp(`^HTTP/1.1 200 OK[^]*connection: close[^]*{"code":${code},`)
  expect(await begin('POST /api/fs/list HTTP/1.1', '')).toMatch(closed(401))
  expect(await begin('POST /api/admin/storage/create HTTP/1.1', 'rubbish')).toMatch(closed(401))
  expect(await begin('PUT /api/fs/nothing HTTP/1.1', staticToken)).toMatch(closed(404))
})

test.each([
  ['/a/b', '/a/b/api/me?x=1', 200],
  ['/a/b', '/api/me', 200],
  ['/a/b', '/a/bc/api/me', 404],
  ['', '/a/b/api/me', 404],
])(
  'createApi() behind the prefix %j, which the proxy may pass on, answers %s with %i',
  async (prefix, url, code) => {
    expect((await api.get(url, { headers: { 'x-test-prefix': prefix } })).code).toBe(code)
  },
)

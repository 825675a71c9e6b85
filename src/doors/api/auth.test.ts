import { beforeEach, expect, test } from 'vitest'
import { createMemoryEntryStore } from '../../layers/memory-entry-store.ts'
import { memoryStorageStore } from '../../../test/support/fakes.ts'
import { adminPassword, startTestApi, type TestApi } from '../../../test/support/test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ store: memoryStorageStore(), entries: createMemoryEntryStore })
})

const login = (body: unknown, url = '/api/auth/login') => api.post(url, body, { token: '' })

test('POST auth/login gives a token that GET me takes, with or without Bearer', async () => {
  const { code, message, data } = await login({ username: 'admin', password: adminPassword, otp_code: '' })
  expect([code, message, Object.keys(data)]).toEqual([200, 'success', ['token']])
  const { token } = data as { token: string }
  for (const shown of [token, `Bearer ${token}`]) {
    expect((await api.get('/api/me', { token: shown })).data).toEqual({
      id: 1,
      username: 'admin',
      password: '',
      base_path: '/',
      role: 2,
      disabled: false,
      permission: 65535,
      sso_id: '',
      allow_ldap: true,
      otp: false,
    })
  }
})

test("POST auth/login/hash takes the reference's hash of the password", async () => {
  const hash = 'b67409d976f266692d4e75305440dffb671cf9d142906a568aac1cd39ebeecec'
  const right = await login({ username: 'admin', password: hash }, '/api/auth/login/hash')
  expect(right.code).toBe(200)
  const plain = await login({ username: 'admin', password: adminPassword }, '/api/auth/login/hash')
  expect([plain.code, plain.message]).toEqual([400, 'username or password is incorrect'])
})

test.each([
  [{ username: 'admin', password: 'wrong' }, 400, 'username or password is incorrect'],
  [{ username: 'nobody', password: 'wrong' }, 400, 'username or password is incorrect'],
  [{ username: 'admin' }, 400, 'username or password is incorrect'],
  [{ username: 'admin', password: null }, 400, 'username or password is incorrect'],
  [
    { password: 'x' },
    400,
    "Key: 'LoginReq.Username' Error:Field validation for 'Username' failed on the 'required' tag",
  ],
  [{ username: ['admin'], password: 'x' }, 400, 'cannot read field "username": wrong type'],
])('POST auth/login of %j is refused', async (body, code, message) => {
  const reply = await login(body)
  expect([reply.status, reply.code, reply.message, reply.data]).toEqual([200, code, message, null])
})

test('POST auth/login locks a network out after five failures, and no other one', async () => {
  const attempt = (ip: string, password: string) =>
    api.post('/api/auth/login', { username: 'admin', password }, { token: '', headers: { 'x-test-ip': ip } })
  for (let i = 0; i < 5; i++) expect((await attempt('203.0.113.1', 'wrong')).code).toBe(400)
  const locked = await attempt('203.0.113.1', adminPassword)
  expect([locked.code, locked.message]).toEqual([
    429,
    'Too many unsuccessful sign-in attempts have been made using an incorrect username or password, Try again later.',
  ])
  expect((await attempt('203.0.113.2', adminPassword)).code).toBe(200)
})

test('GET auth/logout ends the token it came with', async () => {
  const { data } = await login({ username: 'admin', password: adminPassword })
  const { token } = data as { token: string }
  expect((await api.get('/api/auth/logout', { token })).data).toBe(null)
  const after = await api.get('/api/me', { token })
  expect([after.status, after.code, after.message]).toEqual([200, 401, 'token is invalidated'])
})

test('GET me says why a token is refused, inside the envelope', async () => {
  const guest = await api.get('/api/me', { token: '' })
  expect([guest.status, guest.code, guest.message, guest.data]).toEqual([
    200,
    401,
    'Guest user is disabled, login please',
    null,
  ])
  expect((await api.get('/api/me', { token: 'rubbish' })).message).toBe('token is invalidated')
  const { token } = (await login({ username: 'admin', password: adminPassword })).data as { token: string }
  await api.clock.advance(49 * 3_600_000)
  expect((await api.get('/api/me', { token })).message).toBe('token is expired')
})

test('POST me/update changes the password and ends older sessions; an empty one keeps it', async () => {
  const { token } = (await login({ username: 'admin', password: adminPassword })).data as { token: string }
  await api.post('/api/me/update', { username: 'admin', password: '', sso_id: '' }, { token })
  expect((await api.get('/api/me', { token })).code).toBe(200)
  const changed = await api.post('/api/me/update', { username: 'admin', password: '密码123' }, { token })
  expect([changed.code, changed.data]).toEqual([200, null])
  const after = await api.get('/api/me', { token })
  expect([after.code, after.message]).toEqual([401, 'Password has been changed, login please'])
  const vector = '0c638a2b29a4592d622364c78103056f22f3144498c3b7a8bfd6eb5029682801'
  expect((await login({ username: 'admin', password: vector }, '/api/auth/login/hash')).code).toBe(200)
})

test('GET me serves an open guest, whose profile nobody changes', async () => {
  const guest = await api.users.get(2)
  await api.users.update(2, { ...guest, disabled: false })
  const me = await api.get('/api/me', { token: '' })
  expect(me.data).toMatchObject({ id: 2, username: 'guest', role: 1, permission: 0 })
  const refused = await api.post('/api/me/update', { username: 'x' }, { token: '' })
  expect([refused.code, refused.message]).toEqual([403, 'Guest user can not update profile'])
})

test('POST auth/login/ldap is not enabled', async () => {
  const reply = await login({ username: 'a', password: 'b' }, '/api/auth/login/ldap')
  expect([reply.code, reply.message]).toEqual([403, 'ldap is not enabled'])
})

import { expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import { createQrLogin } from './login.ts'
import { scriptedClient } from '../../../test/support/scripted-client.ts'
import type { ScriptedAnswer } from '../../../test/support/scripted-client.ts'

const ticket = { uid: 'u1', time: '1700000000', sign: 's1', text: 'https://115.com/scan/dg-u1' }
const uid = '123456789_R2_1700000000'
const granted = {
  state: 1,
  data: { cookie: { UID: uid, CID: 'c', SEID: 's', KID: 'k' }, user_id: 123456789, user_name: 'tester' },
}

function loginWith(answer: ScriptedAnswer) {
  const script = scriptedClient(() => answer)
  return { ...script, script, login: createQrLogin(script.client) }
}

test('QrLogin.start() gives the ticket and the text to draw', async () => {
  const data = { uid: 'u1', time: 1700000000, sign: 's1', qrcode: 'https://115.com/scan/dg-u1' }
  const { login } = loginWith({ json: { state: 1, data } })
  expect(await login.start('alipaymini', makeCtx())).toEqual(ticket)
  const bare = loginWith({ json: { state: 1, data: { ...data, qrcode: undefined } } })
  expect(await bare.login.start('web', makeCtx())).toEqual(ticket)
})

test('QrLogin.start() refuses a client that does not exist without asking 115', async () => {
  const { login, script } = loginWith({ json: {} })
  await expect(login.start('toaster', makeCtx())).rejects.toMatchObject({ kind: 'InvalidInput' })
  expect(script.requests).toEqual([])
})

test.each<[string, unknown]>([
  ['waiting', { state: 1, data: { status: 0 } }],
  ['waiting', { state: 1, data: [] }],
  ['waiting', { state: 1, data: {} }],
  ['scanned', { state: 1, data: { status: '1' } }],
  ['confirmed', { state: 1, data: { status: 2 } }],
  ['expired', { state: 1, data: { status: -1 } }],
  ['cancelled', { state: 1, data: { status: -2 } }],
  ['expired', { state: 0, code: 40199002, message: 'key invalid' }],
])('QrLogin.poll() says %s for %j', async (state, json) => {
  const { login, script } = loginWith({ json })
  expect(await login.poll(ticket, makeCtx())).toBe(state)
  expect(script.requests[0]?.url.searchParams.get('sign')).toBe('s1')
})

test('QrLogin.poll() refuses a state nobody knows', async () => {
  const { login } = loginWith({ json: { state: 1, data: { status: 7 } } })
  await expect(login.poll(ticket, makeCtx())).rejects.toMatchObject({ kind: 'Protocol' })
})

test('QrLogin.poll() takes a question that is held too long for no news', async () => {
  const { client, clock } = scriptedClient(() => ({ json: {} }))
  client.call = (_, ctx) =>
    new Promise((_, reject) => {
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error))
    })
  const answer = createQrLogin(client).poll(ticket, makeCtx())
  await clock.advance(60_000)
  expect(await answer).toBe('waiting')
})

test('QrLogin.poll() ends when its caller leaves', async () => {
  const { client } = scriptedClient(() => ({ json: {} }))
  client.call = (_, ctx) =>
    new Promise((_, reject) => {
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error))
    })
  const caller = new AbortController()
  const answer = createQrLogin(client).poll(ticket, makeCtx({ signal: caller.signal }))
  caller.abort(new Error('left'))
  await expect(answer).rejects.toThrow('left')
})

test('QrLogin.exchange() gives the cookie in the form other programs read', async () => {
  const { login, script } = loginWith({ json: granted })
  const credential = await login.exchange('u1', 'alipaymini', makeCtx())
  expect({ ...credential, cookie: credential.cookie.reveal() }).toEqual({
    cookie: `UID=${uid}; CID=c; SEID=s; KID=k`,
    userId: '123456789',
    userName: 'tester',
  })
  expect(script.requests[0]?.url.pathname).toBe('/app/1.0/alipaymini/1.0/login/qrcode')
  expect(script.requests[0]?.body).toBe('account=u1&app=alipaymini')
  expect(script.calls[0]?.repeatable).toBe(false)
})

test('QrLogin.exchange() tells clients that share a path apart by User-Agent', async () => {
  const { login, script } = loginWith({ json: granted })
  await login.exchange('u1', 'qios', makeCtx())
  expect(script.requests[0]?.url.pathname).toBe('/app/1.0/ios/1.0/login/qrcode')
  expect(script.requests[0]?.headers['user-agent']).toBe('OfficePhone/1.0.0')
})

test.each([
  ['not confirmed', { state: 0, code: 40101017, error: '用户验证失败！' }, 'AuthExpired', 'log-in-again'],
  ['expired', { state: 0, code: 40199002 }, 'AuthExpired', 'log-in-again'],
  ['refused with an unknown number', { state: 0, code: 40101099 }, 'AuthExpired', 'log-in-again'],
  ['a token that is none', { state: 0, code: 40100000, error: '参数错误！' }, 'AuthExpired', 'log-in-again'],
  [
    'withdrawn, though errno is 0',
    { state: 0, errno: 0, code: 0, error: '登录失败，系统已下架！…' },
    'AuthExpired',
    'choose-other-client',
  ],
  ['blocked by network', { state: 0, code: 40101004, error: 'IP登录异常' }, 'RateLimited', 'wait'],
  ['a success without a cookie', { state: 1, data: [] }, 'Protocol', 'report'],
])('QrLogin.exchange() explains: %s', async (_, json, kind, advice) => {
  const { login } = loginWith({ json })
  await expect(login.exchange('u1', 'linux', makeCtx())).rejects.toMatchObject({ kind, advice })
})

test('QrLogin.exchange() from a refused network says to wait until midnight in China', async () => {
  const { login, clock } = loginWith({ json: { state: 0, code: 40101004, error: 'IP登录异常' } })
  await clock.advance(Date.UTC(2026, 4, 3, 15, 30) - clock.now())
  await expect(login.exchange('u1', 'tv', makeCtx())).rejects.toMatchObject({ retryAfterMs: 30 * 60_000 })
  await clock.advance(31 * 60_000)
  await expect(login.exchange('u1', 'tv', makeCtx())).rejects.toMatchObject({ retryAfterMs: 1439 * 60_000 })
})

test('QrLogin.raw() passes both answers on as they came, refusals too', async () => {
  const { login, script } = loginWith({ text: '{"state":0,"code":40199002}' })
  const token = await login.raw({ ask: 'token' }, makeCtx())
  await login.raw({ ask: 'status', uid: 'u1', time: '1', sign: 's1' }, makeCtx())
  expect(token.body.toString()).toBe('{"state":0,"code":40199002}')
  expect(script.requests.map(({ url }) => url.pathname)).toEqual(['/api/1.0/web/1.0/token', '/get/status/'])
})

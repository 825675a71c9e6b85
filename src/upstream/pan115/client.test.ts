import { expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import { realAddresses, sandboxAddresses } from './addresses.ts'
import { browserUserAgent } from './client.ts'
import { scriptedClient } from '../../../test/support/scripted-client.ts'

const question = {
  name: 'files list',
  action: 'list "films"',
  host: 'webapi.115.com',
  path: '/files',
  bucket: 'list',
  repeatable: true,
} as const

test('Pan115Client.call() sends cookie, client and query', async () => {
  const { client, requests, calls } = scriptedClient(() => ({ json: { state: true, count: 3 } }))
  const ask = {
    ...question,
    query: { cid: '0', path: 'a b/ü' },
    read: (answer: { count?: unknown }) => answer.count,
  }
  expect(await client.call(ask, makeCtx())).toBe(3)
  expect(requests[0]).toMatchObject({
    method: 'GET',
    url: new URL('https://webapi.115.com/files?cid=0&path=a+b%2F%C3%BC'),
    headers: { cookie: 'UID=1_R2_2; CID=c; SEID=s; KID=k', 'user-agent': 'Mozilla/5.0 115Browser/1.2.3' },
  })
  expect(calls[0]).toMatchObject({ name: 'files list', bucket: 'list', repeatable: true })
})

test('Pan115Client.call() posts a form, as another client when asked to', async () => {
  const { client, requests } = scriptedClient(() => ({ json: { state: 1 } }))
  await client.call({ ...question, form: { data: 'a+/=' }, userAgent: 'VLC', read: () => null }, makeCtx())
  expect(requests[0]).toMatchObject({
    method: 'POST',
    body: 'data=a%2B%2F%3D',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'VLC' },
  })
})

test('Pan115Client.call() throws a refusal unless it is accepted', async () => {
  const { client } = scriptedClient(() => ({ json: { state: false, errno: 20018, error: 'gone' } }))
  const ask = { ...question, read: () => 'read' }
  await expect(client.call(ask, makeCtx())).rejects.toMatchObject({ kind: 'NotFound' })
  expect(await client.call({ ...ask, accepts: ['20018'] }, makeCtx())).toBe('read')
})

test('Pan115Client.call() never accepts a block', async () => {
  const { client } = scriptedClient(() => ({ json: { state: false, error: '您的访问被阻断' } }))
  const ask = { ...question, accepts: [''], read: () => 'read' }
  await expect(client.call(ask, makeCtx())).rejects.toMatchObject({ kind: 'RateLimited' })
})

test('Pan115Client.fetch() gives the answer as it came', async () => {
  const { client } = scriptedClient(() => ({
    text: '{"state":0}',
    status: 400,
    headers: { 'content-type': 'text/html' },
  }))
  const reply = await client.fetch(question, makeCtx())
  expect({ ...reply, body: reply.body.toString() }).toEqual({
    status: 400,
    contentType: 'text/html',
    body: '{"state":0}',
  })
})

test('addresses lead to 115 or to one port that serves every host', () => {
  expect(realAddresses('my.115.com')).toBe('https://my.115.com')
  expect(sandboxAddresses('http://127.0.0.1:5150/')('my.115.com')).toBe('http://127.0.0.1:5150/my.115.com')
})

test('browserUserAgent() names the version it passes for', () => {
  expect(browserUserAgent('40.1')).toBe('Mozilla/5.0 115Browser/40.1')
  expect(browserUserAgent()).toMatch(/^Mozilla\/5\.0 115Browser\/\d+\./)
})

import { constants, createPrivateKey, privateDecrypt, privateEncrypt } from 'node:crypto'
import { expect, test } from 'vitest'
import vectors from '../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { makeCtx } from '../../core/ctx.ts'
import { deriveKey, xor } from './crypto/m115.ts'
import { downloadLink, readPolicy } from './download.ts'
import type { DownloadQuery } from './download.ts'
import { productionKeys } from './keys.ts'
import { scriptedClient } from '../../../test/support/scripted-client.ts'

const testKey = vectors.m115.test_rsa_key
const keys = { ...productionKeys, modulusHex: testKey.n, exponent: testKey.e }
const privateKey = createPrivateKey({
  key: Buffer.from(testKey.private_pkcs8_der_b64, 'base64'),
  format: 'der',
  type: 'pkcs8',
})
const longKey = Buffer.from(vectors.constants.m115.long_key_hex, 'hex')

/** The server's half of m115: the question in `form`, and the answer for whoever asked it. */
function serve(form: string, answer: unknown): { question: unknown; data: string } {
  const cipher = Buffer.from(new URLSearchParams(form).get('data') ?? '', 'base64')
  const block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, cipher)
  const payload = block.subarray(block.indexOf(0, 1) + 1)
  const key = payload.subarray(0, 16)
  const question = xor(xor(payload.subarray(16), longKey).reverse(), deriveKey(key, 4)).toString()
  const seed = Buffer.alloc(16, 9)
  const inner = xor(Buffer.from(JSON.stringify(answer)), deriveKey(key, 4)).reverse()
  const body = Buffer.concat([seed, xor(inner, deriveKey(seed, 12))])
  const blocks: Buffer[] = []
  for (let at = 0; at < body.length; at += 117) {
    const piece = body.subarray(at, at + 117)
    const padding = Buffer.alloc(125 - piece.length, 0xff)
    const padded = Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), piece])
    blocks.push(privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, padded))
  }
  return { question: JSON.parse(question), data: Buffer.concat(blocks).toString('base64') }
}

function link(
  answer: unknown,
  given: { query?: Partial<DownloadQuery>; setCookie?: readonly string[] } = {},
) {
  const questions: unknown[] = []
  const script = scriptedClient((request) => {
    const { question, data } = serve(String(request.body), answer)
    questions.push(question)
    const headers = given.setCookie ? { 'set-cookie': given.setCookie } : {}
    return { json: { state: true, data }, headers }
  }, keys)
  const query = { pickCode: 'pc1', userAgent: 'VLC/3', action: 'link "a.mkv"', ...given.query }
  return { script, questions, found: downloadLink(script.client, query, makeCtx()) }
}

const address = 'https://cdnfhnfile.115cdn.net/abc/a.mkv?t=1700003600&c=2&f=1&k=x'
const offer = (url: unknown, more: object = {}) => ({
  '2500000000000000001': { file_name: 'a.mkv', file_size: '5', pick_code: 'pc1', url, ...more },
})

test('downloadLink() asks as the reader and reads the rules of the link', async () => {
  const { script, questions, found } = link(offer({ url: address, client: 1 }))
  expect(await found).toEqual({
    url: address,
    expiresAt: new Date(1_700_003_600_000),
    maxConnections: 2,
    demands: 'user-agent',
    cookie: '',
  })
  expect(questions).toEqual([{ pickcode: 'pc1' }])
  expect(script.requests[0]?.headers['user-agent']).toBe('VLC/3')
  expect(script.requests[0]?.url.pathname).toBe('/app/chrome/downurl')
  expect(script.calls[0]?.bucket).toBe('link')
})

test('downloadLink() can ask as another client', async () => {
  const { script, questions, found } = link({ url: address }, { query: { app: 'android' } })
  expect((await found)?.url).toBe(address)
  expect(questions).toEqual([{ pick_code: 'pc1' }])
  expect(script.requests[0]?.url.pathname).toBe('/android/2.0/ufile/download')
})

test.each([
  ['Set-Cookie', {}, ['k1=v1; path=/; Max-Age=978', 'k2=v=2']],
  ['auth_cookie as text', { auth_cookie: 'k1=v1; k2=v=2' }, []],
  ['auth_cookie as a map', { auth_cookie: { k1: 'v1', k2: 'v=2' } }, []],
  ['both', { auth_cookie: { name: 'k2', value: 'v=2' } }, ['k1=v1']],
])('downloadLink() keeps the cookies of the link from %s', async (_, more, setCookie) => {
  const { found } = link(offer({ url: address.replace('f=1', 'f=3'), ...more }), { setCookie })
  expect(await found).toMatchObject({ demands: 'user-agent-and-cookie', cookie: 'k1=v1; k2=v=2' })
})

test('downloadLink() never hands out cookies of the account', async () => {
  const setCookie = ['UID=1_R2_2; path=/', 'cid=c', 'SEID=s', 'KID=k', 'own=1']
  const { found } = link(offer({ url: address.replace('f=1', 'f=3') }), { setCookie })
  expect((await found)?.cookie).toBe('own=1')
})

test.each([
  ['url is false', offer(false, { file_size: 0 })],
  ['the link has no host', offer({ url: 'https:///a.mkv?t=1' })],
  ['the size is negative', offer({ url: address }, { file_size: -1 })],
  ['there is no offer', []],
])('downloadLink() gives null when %s', async (_, answer) => {
  expect(await link(answer).found).toBeNull()
})

test.each([
  ['data is no text', { state: true, data: [] }],
  ['data is no cipher', { state: true, data: 'AAAA' }],
  ['data is for another key', { state: true, data: Buffer.alloc(128, 1).toString('base64') }],
])('downloadLink() throws Protocol when %s', async (_, json) => {
  const { client } = scriptedClient(() => ({ json }), keys)
  const query = { pickCode: 'pc1', userAgent: '', action: 'link "a.mkv"' }
  await expect(downloadLink(client, query, makeCtx())).rejects.toMatchObject({ kind: 'Protocol' })
})

test('downloadLink() refused with 99 does not say that the login is dead', async () => {
  const { client } = scriptedClient(() => ({ json: { state: false, errno: 99 } }), keys)
  const query = { pickCode: 'pc1', userAgent: '', action: 'link "a.mkv"' }
  await expect(downloadLink(client, query, makeCtx())).rejects.toMatchObject({
    kind: 'AuthExpired',
    advice: 'scan-with-app-client',
  })
})

test.each([
  ['?t=1700003600&c=0&f=', { maxConnections: 0, demands: 'nothing' }],
  ['?t=1700003600&c=5&f=3', { maxConnections: 5, demands: 'user-agent-and-cookie' }],
  ['?f=9', { expiresAt: null, maxConnections: null, demands: 'user-agent-and-cookie' }],
  ['', { expiresAt: null, maxConnections: null, demands: 'nothing' }],
])('readPolicy() of %j', (query, expected) => {
  expect(readPolicy(`https://cdn/x${query}`)).toMatchObject(expected)
})

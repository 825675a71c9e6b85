import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import vectors from '../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { clientOf, type LinkRow, type TestClient } from '../../../test/support/sandbox-client.ts'
import { startTestSandbox, type TestSandbox, type TrueEntry } from '../../../test/support/sandbox.ts'

const DESKTOP = '/os_windows/2.0/ufile/downurl'
const CONSTANT = vectors.constants.ec115_p115_fixed
const TOKEN = vectors.ec115.k_ec.vectors.find(({ name }) => name === 'p115cipher constant, zero time')!
const KEYS = [Buffer.from(CONSTANT.aes_key_hex, 'hex'), Buffer.from(CONSTANT.aes_iv_hex, 'hex')] as const

let test: TestSandbox
let client: TestClient
let film: TrueEntry
let folder: TrueEntry
let big: TrueEntry

beforeEach(async () => {
  test = await startTestSandbox()
  const { account, cookies } = await test.control.createAccount({ devices: ['web'] })
  client = clientOf(test, { cookies })
  await test.control.seed(account, [
    { name: 'film.mkv', size: 1000 },
    { name: 'folder', children: [] },
    { name: 'big', size: 268_435_456, seed: 'large' },
  ])
  film = await test.control.tree(account, '/film.mkv')
  folder = await test.control.tree(account, '/folder')
  big = await test.control.tree(account, '/big')
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await test.close()
})

describe('{app}/2.0/ufile/downurl', () => {
  it('answers several pickcodes, form and reply sealed a second time', async () => {
    sealAll()
    const pickcode = [film, big, folder].map((entry) => entry.pickcode).join()
    const { reply, data } = await client.m115<Record<string, LinkRow>>(DESKTOP, { pickcode })
    expect(reply).toMatchObject({ state: true, errno: 0 })
    expect(data).toMatchObject({
      [film.id]: { file_name: 'film.mkv', file_size: '1000', sha1: film.sha1 },
      [big.id]: { file_size: '268435456' },
      [folder.id]: { url: false, file_size: 0 },
    })
    vi.unstubAllGlobals()
    const bytes = await fetch(data?.[film.id]?.url.url ?? '', { headers: client.headers })
    expect([bytes.status, (await bytes.arrayBuffer()).byteLength]).toEqual([200, 1000])
  })

  it('refuses in plain JSON a token it cannot open, and an unknown pickcode', async () => {
    sealAll('AAAA')
    expect((await client.m115(DESKTOP, { pickcode: film.pickcode })).reply).toMatchObject({
      state: false,
      errno: 1001,
    })
    vi.unstubAllGlobals()
    sealAll()
    expect((await client.m115(DESKTOP, { pickcode: 'nonsense' })).reply).toMatchObject({
      state: false,
      errno: 50003,
    })
  })
})

describe('/?ct=download&ac=video', () => {
  const ask = (pickcode: string) =>
    fetch(client.urlOf('115.com', '/', { ct: 'download', ac: 'video', pickcode }), {
      headers: client.headers,
      redirect: 'manual',
    })

  it('redirects to a link that wants its cookie', async () => {
    const response = await ask(film.pickcode)
    expect(response.status).toBe(302)
    const url = response.headers.get('location') ?? ''
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect((await fetch(url, { headers: client.headers })).status).toBe(403)
    const bytes = await fetch(url, { headers: { ...client.headers, cookie } })
    expect([bytes.status, (await bytes.arrayBuffer()).byteLength]).toEqual([200, 1000])
  })

  it('refuses directories with 70004 and files over 200 MB with 50028', async () => {
    const replies = await Promise.all([folder, big].map((entry) => ask(entry.pickcode)))
    expect(await Promise.all(replies.map((reply) => reply.json()))).toMatchObject([
      { state: false, errno: 70004 },
      { state: false, errno: 50028 },
    ])
  })
})

/** Seals every body that is sent, and opens every sealed reply, as p115client does. */
function sealAll(token = TOKEN.token_b64): void {
  const send = fetch
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (!(init.body instanceof URLSearchParams)) return send(url, init)
    const cipher = createCipheriv('aes-128-cbc', ...KEYS)
    const body = new Uint8Array(Buffer.concat([cipher.update(`${init.body.toString()}&`), cipher.final()]))
    const headers = { ...client.headers, 'content-type': 'application/x-www-form-urlencoded' }
    const query = `&k_ec=${encodeURIComponent(token)}`
    const response = await send(url + query, { ...init, headers, body })
    const reply = Buffer.from(await response.arrayBuffer())
    return new Response(reply[0] === '{'.charCodeAt(0) ? reply : openReply(reply))
  })
}

/** The text of one frame of LZ4 literals. */
function openReply(reply: Buffer): string {
  const decipher = createDecipheriv('aes-128-cbc', ...KEYS).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(reply.subarray(0, -12)), decipher.final()])
  const block = plain.subarray(2, 2 + plain.readUInt16LE(0))
  let start = 1
  while (block[start] === 255) start += 1
  return block.toString('utf8', start + 1)
}

import { Buffer } from 'node:buffer'
import {
  constants,
  createPublicKey,
  type KeyObject,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { deriveKey, xor } from '../../sandbox/clouds/pan115/crypto/m115.ts'

// A client for the tests of the sandbox itself: raw requests, and just enough of m115 to ask for links.

const LONG_KEY = Buffer.from('7806ad4c33865d184c013f46', 'hex')
const PIECE_BYTES = 117
const BLOCK_BYTES = 128

/** What is needed of a running sandbox. */
interface Target {
  readonly sandbox: { readonly url: string }
  readonly control: { keys(): Promise<{ readonly m115: { readonly n: string; readonly e: number } }> }
}

/** A row of a listing, as far as tests read it one by one. */
interface Row {
  readonly fid?: string
  readonly cid: string
  readonly n: string
  readonly sha?: string
  readonly pc: string
  readonly [name: string]: unknown
}

/** The reply of a listing; other replies are asserted on as a whole. */
export interface ListReply {
  readonly data: readonly Row[]
  readonly count: number
  readonly [name: string]: unknown
}

/** One file of a `downurl` reply. */
export interface LinkRow {
  readonly url: { readonly url: string; readonly auth_cookie?: { name: string; value: string } }
  readonly [name: string]: unknown
}

export interface M115Reply<T> {
  readonly reply: Readonly<Record<string, unknown>>
  /** What the reply sealed; null when it refused. */
  readonly data: T | null
  readonly cookies: readonly string[]
}

/** Talks to one sandbox with one cookie and one User-Agent. */
export class TestClient {
  readonly #test: Target
  readonly headers: Record<string, string>

  constructor(test: Target, cookie: string, userAgent = 'Mozilla/5.0 115Browser/35.6.0.3') {
    this.#test = test
    this.headers = { 'user-agent': userAgent, ...(cookie !== '' && { cookie }) }
  }

  /** The address of a path under an emulated host. */
  urlOf(host: string, path: string, params: Record<string, string | number> = {}): string {
    const query = new URLSearchParams(encodeParams(params))
    const url = `${this.#test.sandbox.url}/${host}${path}`
    return query.size > 0 ? `${url}${path.includes('?') ? '&' : '?'}${query.toString()}` : url
  }

  fetch(host: string, path: string, params: Record<string, string | number> = {}): Promise<Response> {
    return fetch(this.urlOf(host, path, params), { headers: this.headers })
  }

  async get<T = ListReply>(
    host: string,
    path: string,
    params: Record<string, string | number> = {},
  ): Promise<T> {
    return (await (await this.fetch(host, path, params)).json()) as T
  }

  async post<T = ListReply>(host: string, path: string, form: Record<string, string | number>): Promise<T> {
    const body = new URLSearchParams(encodeParams(form))
    const response = await fetch(this.urlOf(host, path), { method: 'POST', headers: this.headers, body })
    return (await response.json()) as T
  }

  files(params: Record<string, string | number>): Promise<ListReply> {
    return this.get('webapi.115.com', '/files', { aid: 1, show_dir: 1, ...params })
  }

  /** `app/chrome/downurl`: the reply with its decoded data, and the cookies it set. */
  async chromeLink(pickcode: string): Promise<M115Reply<Record<string, LinkRow>>> {
    return this.m115('/app/chrome/downurl', { pickcode })
  }

  /** A call whose form is sealed with m115. */
  async m115<T>(path: string, fields: object, host = 'proapi.115.com'): Promise<M115Reply<T>> {
    const key = await this.#publicKey()
    const clientKey = randomBytes(16)
    const body = new URLSearchParams({ data: seal(key, clientKey, JSON.stringify(fields)) })
    const url = this.urlOf(host, path, { t: 1700000000 })
    const response = await fetch(url, { method: 'POST', headers: this.headers, body })
    const reply = (await response.json()) as Record<string, unknown>
    const data =
      typeof reply['data'] === 'string' ? (JSON.parse(unseal(key, clientKey, reply['data'])) as T) : null
    return { reply, data, cookies: response.headers.getSetCookie() }
  }

  async #publicKey(): Promise<KeyObject> {
    const { m115 } = await this.#test.control.keys()
    const exponent = Buffer.from([m115.e >> 16, (m115.e >> 8) & 255, m115.e & 255])
    const n = Buffer.from(m115.n, 'hex').toString('base64url')
    return createPublicKey({ key: { kty: 'RSA', n, e: exponent.toString('base64url') }, format: 'jwk' })
  }
}

/** A client with a login of the account. Throws when the account has no such device. */
export function clientOf(
  test: Target,
  account: { readonly cookies: Readonly<Record<string, string>> },
  device = 'web',
): TestClient {
  const cookie = account.cookies[device]
  if (cookie === undefined) throw new Error(`no cookie of "${device}"`)
  return new TestClient(test, cookie)
}

function encodeParams(params: Record<string, string | number>): [string, string][] {
  return Object.entries(params).map(([name, value]) => [name, String(value)])
}

function seal(key: KeyObject, clientKey: Buffer, plain: string): string {
  const scrambled = xor(xor(Buffer.from(plain), deriveKey(clientKey, 4)).reverse(), LONG_KEY)
  const payload = Buffer.concat([clientKey, scrambled])
  const blocks: Buffer[] = []
  for (let start = 0; start < payload.length; start += PIECE_BYTES) {
    const piece = payload.subarray(start, start + PIECE_BYTES)
    blocks.push(publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, piece))
  }
  return Buffer.concat(blocks).toString('base64')
}

function unseal(key: KeyObject, clientKey: Buffer, data: string): string {
  const sealed = Buffer.from(data, 'base64')
  const pieces: Buffer[] = []
  for (let start = 0; start < sealed.length; start += BLOCK_BYTES) {
    pieces.push(publicDecrypt(key, sealed.subarray(start, start + BLOCK_BYTES)))
  }
  const payload = Buffer.concat(pieces)
  const scrambled = xor(payload.subarray(16), deriveKey(payload.subarray(0, 16), 12)).reverse()
  return xor(scrambled, deriveKey(clientKey, 4)).toString('utf8')
}

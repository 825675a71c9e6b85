import { createHmac, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { VPath } from '../core/path.ts'
import type { Settings } from '../settings/settings.ts'

/** What is wrong with a signature, in the order it is found out. Closed: doors hold the words. */
export type SignProblem = 'expire-missing' | 'expire-invalid' | 'sign-expired' | 'sign-invalid'

/** Signatures kept ready. One is about 200 bytes; a listing asks for the same ones again and again. */
const rememberedSigns = 20_000

/**
 * Signs links the way AList does, so that tools which hold the static token can sign for themselves:
 * `base64url(HMAC-SHA256(token, fullPath + ":" + expire)) + ":" + expire`, padding kept, `expire` in seconds, 0 for
 * never. The path is decoded text without a trailing slash.
 */
export class Signer {
  readonly #settings: Settings
  readonly #signs = new LRUCache<string, string>({ max: rememberedSigns })
  /** The token that `#signs` were made with. */
  #token = ''

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** A signature for `fullPath`, good for as long as the site's links live. `nowMs` since the epoch. */
  sign(fullPath: VPath, nowMs: number): string {
    const lifetimeHours = this.#settings.get('link_expiration')
    const expire = lifetimeHours === 0 ? 0 : Math.floor(nowMs / 1000) + lifetimeHours * 3600
    return this.#signature(fullPath.toString(), String(expire))
  }

  /** Null when `sign` allows reading `fullPath` now. */
  verify(fullPath: VPath, sign: string, nowMs: number): SignProblem | null {
    const expire = sign.slice(sign.lastIndexOf(':') + 1)
    if (expire === '') return 'expire-missing'
    if (!/^-?\d{1,15}$/.test(expire)) return 'expire-invalid'
    const seconds = Number(expire)
    if (seconds !== 0 && seconds < Math.floor(nowMs / 1000)) return 'sign-expired'
    const expected = Buffer.from(this.#signature(fullPath.toString(), String(seconds)))
    const given = Buffer.from(sign)
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return 'sign-invalid'
    return null
  }

  #signature(path: string, expire: string): string {
    const token = this.#settings.get('token')
    if (token !== this.#token) {
      this.#signs.clear()
      this.#token = token
    }
    const data = `${path}:${expire}`
    const known = this.#signs.get(data)
    if (known !== undefined) return known
    // Node's base64url drops the padding; 32 bytes always need exactly one.
    const mac = createHmac('sha256', token).update(data).digest('base64url')
    const sign = `${mac}=:${expire}`
    this.#signs.set(data, sign)
    return sign
  }
}

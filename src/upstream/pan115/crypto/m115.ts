import { constants, createPublicKey, publicDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/*
 * m115 wraps JSON for the download and share calls. A request is
 *
 *   key(16) ‖ xor(reverse(xor(json, derive(key, 4))), longKey)   cut in pieces of 117, RSA with block type 02
 *
 * and the answer, made by 115 with its private key (block type 01), is
 *
 *   seed(16) ‖ xor(reverse(xor(json, derive(key, 4))), derive(seed, 12))
 *
 * so only the request's key opens the answer. RSA runs without OpenSSL's padding: Node refuses to strip
 * PKCS#1 v1.5 itself, and known answers need a padding we choose.
 */

const table = Buffer.from(
  'f0e569aebfdcbf8a1a45e8be7da673b8de8fe7c445da86c49b648b146ab4f1aa' +
    '3801359e26692c86006b4fa5363462a62a966818f24afdbd6b978f4d8f8913b7' +
    '6c8e93ed0e0d483ed72f88d8fefe7e8650954fd1eb832634db667b9c7e9d7a81' +
    '32eab633de3aa95934663baaba816048b9d5819cf86c8477ff5478265fbee81e' +
    '369f34805c452c9b76d51b8fccc3b8f5',
  'hex',
)
const longKey = Buffer.from('7806ad4c33865d184c013f46', 'hex')
const keyBytes = 16
const blockBytes = 128
const pieceBytes = 117

/** The short key of `size` (4 or 12) bytes that 115 makes from the first `size` bytes of `seed`. */
export function deriveKey(seed: Uint8Array, size: 4 | 12): Buffer {
  const key = Buffer.alloc(size)
  for (let i = 0; i < size; i++) {
    const sum = (at(seed, i) + at(table, size * i)) & 0xff
    key[i] = sum ^ at(table, size * (size - 1 - i))
  }
  return key
}

/** 115's repeating XOR: the first `length mod 4` bytes use the key from its start, then the key starts anew. */
export function xor(data: Uint8Array, key: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length)
  const head = data.length % 4
  for (let i = 0; i < data.length; i++) {
    const keyIndex = i < head ? i : (i - head) % key.length
    out[i] = at(data, i) ^ at(key, keyIndex)
  }
  return out
}

/** A wrapped request and the key that opens its answer. */
export interface Sealed {
  /** Base64, for the form field `data`. */
  readonly data: string
  readonly key: Buffer
}

/** m115 for one RSA public key. */
export class M115 {
  readonly #publicKey: KeyObject

  constructor(modulusHex: string, exponent: number) {
    const n = Buffer.from(modulusHex, 'hex').toString('base64url')
    const e = bigEndian(exponent).toString('base64url')
    this.#publicKey = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })
  }

  /** Wraps `plain`. `key` (16 bytes) and `pad` (so many non-zero bytes) are random unless a test fixes them. */
  seal(plain: Uint8Array, key = randomBytes(keyBytes), pad = randomNonZeroBytes): Sealed {
    const inner = xor(plain, deriveKey(key, 4)).reverse()
    const payload = Buffer.concat([key, xor(inner, longKey)])
    const blocks: Buffer[] = []
    for (let start = 0; start < payload.length; start += pieceBytes) {
      blocks.push(this.#encrypt(payload.subarray(start, start + pieceBytes), pad))
    }
    return { data: Buffer.concat(blocks).toString('base64'), key }
  }

  /** The plain bytes of an answer to the request sealed with `key`. Throws RangeError when it is malformed. */
  open(data: string, key: Uint8Array): Buffer {
    const cipher = Buffer.from(data, 'base64')
    if (cipher.length === 0 || cipher.length % blockBytes !== 0) {
      throw new RangeError(`m115 data is ${cipher.length} bytes long, not a multiple of ${blockBytes}`)
    }
    const pieces: Buffer[] = []
    for (let start = 0; start < cipher.length; start += blockBytes) {
      pieces.push(this.#decrypt(cipher.subarray(start, start + blockBytes)))
    }
    const payload = Buffer.concat(pieces)
    if (payload.length < keyBytes) throw new RangeError('m115 data has no seed')
    const seed = payload.subarray(0, keyBytes)
    const inner = xor(payload.subarray(keyBytes), deriveKey(seed, 12)).reverse()
    return xor(inner, deriveKey(key, 4))
  }

  #encrypt(piece: Buffer, pad: (length: number) => Buffer): Buffer {
    const padding = pad(blockBytes - 3 - piece.length)
    const block = Buffer.concat([Buffer.from([0, 2]), padding, Buffer.from([0]), piece])
    return publicEncrypt({ key: this.#publicKey, padding: constants.RSA_NO_PADDING }, block)
  }

  #decrypt(block: Buffer): Buffer {
    const clear = publicDecrypt({ key: this.#publicKey, padding: constants.RSA_NO_PADDING }, block)
    const end = clear.indexOf(0, 1)
    if (end < 0) throw new RangeError('m115 block has no end of padding')
    return clear.subarray(end + 1)
  }
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function bigEndian(number: number): Buffer {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

/** A zero inside the padding would end it early. */
function randomNonZeroBytes(length: number): Buffer {
  return randomBytes(length).map((byte) => byte || 1) as Buffer
}

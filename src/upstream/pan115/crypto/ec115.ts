import { createCipheriv, createDecipheriv, createECDH } from 'node:crypto'
import type { ECDH } from 'node:crypto'
import { readLz4Block } from './lz4.ts'

/*
 * ec115 wraps the upload negotiation: ECDH on P-224 against 115's fixed point, AES-128-CBC with key and IV cut
 * out of the 28-byte secret (they overlap by four bytes), our public key sent beside it in the `k_ec` token.
 * Answers are LZ4 frames inside AES, followed by a clear tail with length and checksum.
 */

const curve = 'secp224r1'
const salt = '^j>WD3Kr?J2gLFjD4W2y@'
const tailBytes = 12
const aesBlockBytes = 16
const frameMaxBytes = 8192

/** One agreed key. Its token may go with several requests. */
export class Ec115 {
  readonly #key: Buffer
  readonly #iv: Buffer
  /** Our public key on the wire: `1d`, then the compressed point. */
  readonly publicKey: Buffer

  /** `serverPointHex` is uncompressed; `privateKey` (28 bytes) is random unless a test fixes it. */
  constructor(serverPointHex: string, privateKey?: Uint8Array) {
    const ecdh = createECDH(curve)
    if (privateKey) ecdh.setPrivateKey(privateKey)
    else ecdh.generateKeys()
    const secret = ecdh.computeSecret(Buffer.from(serverPointHex, 'hex'))
    this.#key = secret.subarray(0, 16)
    this.#iv = secret.subarray(12, 28)
    this.publicKey = wirePoint(ecdh)
  }

  /** The body of a request: AES with full PKCS#7 padding. */
  seal(plain: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-128-cbc', this.#key, this.#iv)
    return Buffer.concat([cipher.update(plain), cipher.final()])
  }

  /** The plain bytes of an answer. Throws RangeError when length, checksum or frames are wrong. */
  open(body: Buffer): Buffer {
    return openAnswer(body, this.#key, this.#iv)
  }

  /** The value of `k_ec`, base64. `masks` are two bytes that hide the halves from a plain look; any will do. */
  token(timestamp: number, masks: readonly [number, number]): string {
    return kEcToken({ publicKey: this.publicKey, timestamp, masks })
  }
}

function wirePoint(ecdh: ECDH): Buffer {
  return Buffer.concat([Buffer.from([0x1d]), ecdh.getPublicKey(null, 'compressed')])
}

export interface KEcFacts {
  /** 30 bytes, as on the wire. */
  readonly publicKey: Uint8Array
  /** Cut to 32 bits, as 115's clients do; 115 does not compare it with anything. */
  readonly timestamp: number
  readonly masks: readonly [number, number]
  /** 115 in the browser clients, the user's id in the macOS one. */
  readonly field?: number
  /** 1 in the browser clients, 0 in the macOS one. */
  readonly flag?: number
}

/** The 48 byte token that carries a public key, base64. */
export function kEcToken({ publicKey, timestamp, masks, field = 115, flag = 1 }: KEcFacts): string {
  const token = Buffer.alloc(48)
  token.set(publicKey.subarray(0, 15), 0)
  token.writeUInt32LE(field, 16)
  token.writeUInt32LE(Number(BigInt.asUintN(32, BigInt(timestamp))), 20)
  token.set(publicKey.subarray(15, 30), 24)
  token.writeUInt32LE(flag, 40)
  // The zero at 15 and at 39 shows the mask to the other side.
  for (let i = 0; i < 24; i++) token[i] = (token[i] ?? 0) ^ masks[0]
  for (let i = 24; i < 44; i++) token[i] = (token[i] ?? 0) ^ masks[1]
  token.writeUInt32LE(crc32(Buffer.concat([Buffer.from(salt), token.subarray(0, 44)])), 44)
  return token.toString('base64')
}

/** The plain bytes of an ec115 answer. Throws RangeError when length, checksum or frames are wrong. */
export function openAnswer(body: Buffer, key: Buffer, iv: Buffer): Buffer {
  const cipher = body.subarray(0, Math.max(0, body.length - tailBytes))
  if (cipher.length === 0 || cipher.length % aesBlockBytes !== 0) {
    throw new RangeError(`ec115 answer of ${body.length} bytes is cut off`)
  }
  const total = lengthInTail(body.subarray(body.length - tailBytes))
  const decipher = createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false)
  return readFrames(Buffer.concat([decipher.update(cipher), decipher.final()]), total)
}

function lengthInTail(tail: Buffer): number {
  const sum = crc32(Buffer.concat([Buffer.from(salt), tail.subarray(0, 8)]))
  if (sum !== tail.readUInt32LE(8)) throw new RangeError('ec115 answer has a wrong checksum')
  const mask = tail[7] ?? 0
  return Buffer.from(tail.subarray(0, 4).map((byte) => byte ^ mask)).readUInt32LE(0)
}

function readFrames(frames: Buffer, total: number): Buffer {
  const pieces: Buffer[] = []
  let position = 0
  let length = 0
  while (length < total) {
    if (position + 2 > frames.length) throw new RangeError('ec115 answer lacks a frame')
    const size = frames.readUInt16LE(position)
    const block = frames.subarray(position + 2, position + 2 + size)
    if (size === 0 || block.length < size) throw new RangeError('ec115 answer lacks a frame')
    const piece = readLz4Block(block, frameMaxBytes)
    pieces.push(piece)
    length += piece.length
    position += 2 + size
  }
  return Buffer.concat(pieces).subarray(0, total)
}

/** IEEE CRC-32. Bit by bit: it runs over some sixty bytes, and `zlib.crc32` came only with Node 22. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

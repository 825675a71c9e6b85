import { Buffer, isUtf8 } from 'node:buffer'
import {
  constants,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'

// The server's side of m115. Every message is `16-byte key ‖ body` cut in pieces that fit one RSA block; the
// body is XORed twice with a reversal between. A request carries the client's key, a reply the server's seed:
//
//   request  body = reverse(plain ^ derive(key, 4)) ^ LONG_KEY
//   reply    body = reverse(plain ^ derive(key, 4)) ^ derive(seed, 12)
//
// Evidence: read-from-client (115driver v1.1.1, p115cipher, elevengo), vectors of test/parity, 2026-10.

/** The emulator's own key: 115's private key is known to nobody, so clients under test must be given this modulus. */
export interface M115Key {
  /** 256 lower-case hex digits, top bit set. */
  readonly modulusHex: string
  readonly exponent: number
  readonly privateKey: KeyObject
}

/** RSA numbers as big-endian hex, the way key files and vectors write them. */
export interface M115KeyNumbers {
  readonly n: string
  readonly e: number
  readonly d: string
  readonly p: string
  readonly q: string
  readonly dp: string
  readonly dq: string
  readonly qinv: string
}

const BLOCK_BYTES = 128
const PIECE_BYTES = 117
const KEY_BYTES = 16
const EXPONENT = 65537
const TABLE = Buffer.from(
  'f0e569aebfdcbf8a1a45e8be7da673b8de8fe7c445da86c49b648b146ab4f1aa3801359e26692c86006b4fa5363462a6' +
    '2a966818f24afdbd6b978f4d8f8913b76c8e93ed0e0d483ed72f88d8fefe7e8650954fd1eb832634db667b9c7e9d7a81' +
    '32eab633de3aa95934663baaba816048b9d5819cf86c8477ff5478265fbee81e369f34805c452c9b76d51b8fccc3b8f5',
  'hex',
)
const LONG_KEY = Buffer.from('7806ad4c33865d184c013f46', 'hex')

/** A fresh 1024-bit key, made off the event loop. Other sizes would not fit the fixed 117/128-byte blocks. */
export async function generateM115Key(): Promise<M115Key> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: BLOCK_BYTES * 8,
    publicExponent: EXPONENT,
  })
  return describeKey(privateKey)
}

/** The key made of these numbers, for tests with known answers. Throws when they are not a 1024-bit RSA key. */
export function importM115Key(numbers: M115KeyNumbers): M115Key {
  const jwk = {
    kty: 'RSA',
    n: hexToBase64url(numbers.n),
    e: hexToBase64url(numbers.e.toString(16)),
    d: hexToBase64url(numbers.d),
    p: hexToBase64url(numbers.p),
    q: hexToBase64url(numbers.q),
    dp: hexToBase64url(numbers.dp),
    dq: hexToBase64url(numbers.dq),
    qi: hexToBase64url(numbers.qinv),
  }
  return describeKey(createPrivateKey({ key: jwk, format: 'jwk' }))
}

/**
 * Opens the form field `data` of a request: its text, and the client's 16-byte key that the reply must be made
 * with. Throws when it is not base64 of whole blocks, was not made with this modulus, or does not hold UTF-8.
 */
export function decodeRequest(key: M115Key, data: string): { plain: string; clientKey: Buffer } {
  const payload = Buffer.concat(splitBlocks(data).map((block) => openBlock(key, block)))
  if (payload.length < KEY_BYTES) {
    throw new Error(`Cannot decode m115 request: ${payload.length} bytes are fewer than a key`)
  }
  const clientKey = Buffer.from(payload.subarray(0, KEY_BYTES))
  const body = xor(payload.subarray(KEY_BYTES), LONG_KEY).reverse()
  const plain = xor(body, deriveKey(clientKey, 4))
  // A wrong modulus shows at the padding already; this catches a client that mixes up the XOR stages.
  if (!isUtf8(plain)) throw new Error('Cannot decode m115 request: text is not UTF-8')
  return { plain: plain.toString('utf8'), clientKey }
}

/** The `data` string of a reply, which the client whose request carried `clientKey` can open. */
export function encodeResponse(
  key: M115Key,
  clientKey: Buffer,
  plain: string,
  seed: Buffer = randomBytes(KEY_BYTES),
): string {
  const body = xor(Buffer.from(plain, 'utf8'), deriveKey(clientKey, 4)).reverse()
  const payload = Buffer.concat([seed, xor(body, deriveKey(seed, 12))])
  const blocks: Buffer[] = []
  for (let start = 0; start < payload.length; start += PIECE_BYTES) {
    const piece = payload.subarray(start, start + PIECE_BYTES)
    // A private-key operation pads with block type 01, as 115's own replies do.
    blocks.push(privateEncrypt({ key: key.privateKey, padding: constants.RSA_PKCS1_PADDING }, piece))
  }
  return Buffer.concat(blocks).toString('base64')
}

/** The XOR key of `size` (4 or 12) bytes that belongs to a 16-byte seed. */
export function deriveKey(seed: Buffer, size: 4 | 12): Buffer {
  const key = Buffer.alloc(size)
  for (let i = 0; i < size; i++) {
    key[i] = ((byteAt(seed, i) + byteAt(TABLE, size * i)) & 0xff) ^ byteAt(TABLE, size * (size - 1 - i))
  }
  return key
}

/** `data` XOR `key`; the key starts anew after the first `data.length % 4` bytes. Returns a new buffer. */
export function xor(data: Buffer, key: Buffer): Buffer {
  const head = data.length % 4
  const out = Buffer.alloc(data.length)
  for (let i = 0; i < data.length; i++) {
    const keyIndex = i < head ? i : (i - head) % key.length
    out[i] = byteAt(data, i) ^ byteAt(key, keyIndex)
  }
  return out
}

function describeKey(privateKey: KeyObject): M115Key {
  const modulus = Buffer.from(privateKey.export({ format: 'jwk' }).n ?? '', 'base64url')
  if (modulus.length !== BLOCK_BYTES) {
    throw new Error(`Cannot use RSA key for m115: modulus has ${modulus.length} bytes, needs ${BLOCK_BYTES}`)
  }
  return { modulusHex: modulus.toString('hex'), exponent: EXPONENT, privateKey }
}

function splitBlocks(data: string): Buffer[] {
  // Buffer skips what is not base64; a `+` that came through unescaped as a space must not pass unseen.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) throw new Error('Cannot decode m115 request: not base64')
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length === 0 || bytes.length % BLOCK_BYTES !== 0) {
    throw new Error(
      `Cannot decode m115 request: ${bytes.length} bytes are not whole ${BLOCK_BYTES}-byte blocks`,
    )
  }
  return Array.from({ length: bytes.length / BLOCK_BYTES }, (_, i) =>
    bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES),
  )
}

function openBlock(key: M115Key, block: Buffer): Buffer {
  if (block.compare(Buffer.from(key.modulusHex, 'hex')) >= 0) {
    throw new Error('Cannot decode m115 request: block is not below the modulus, wrong modulus?')
  }
  // Node refuses PKCS#1 v1.5 decryption (CVE-2023-46809), so the padding is taken off here.
  const padded = privateDecrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, block)
  const end = padded.indexOf(0, 2)
  // RFC 8017, 7.2.2: the padding string is at least eight non-zero octets.
  if (padded[0] !== 0 || padded[1] !== 2 || end < 10) {
    throw new Error('Cannot decode m115 request: block padding is not type 02, wrong modulus?')
  }
  return padded.subarray(end + 1)
}

function hexToBase64url(hex: string): string {
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}

function byteAt(bytes: Buffer, index: number): number {
  return bytes.readUInt8(index)
}

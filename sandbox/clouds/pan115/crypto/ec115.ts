import { Buffer, isUtf8 } from 'node:buffer'
import { createCipheriv, createDecipheriv, createECDH, type ECDH, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

// The server's side of ec115: P-224 key agreement, AES-128-CBC bodies, LZ4 frames in replies.
//
//   k_ec   public[0..15) 0 u32 time  ^ r1 | public[15..30) 0 u32  ^ r2 | u32 CRC-32(salt ‖ first 44 bytes)
//   reply  AES( [u16 length][LZ4 block]… ‖ zero bytes ) ‖ 12 clear bytes: length ^ mask, flags, mask, CRC-32
//
// All integers are little-endian. Evidence: read-from-client (115driver v1.1.1, elevengo, p115cipher, a macOS
// look-alike), vectors of test/parity, 2026-10.

/** The emulator's own key; clients under test must be given its public point. */
export interface Ec115Key {
  /** 56 lower-case hex digits each. */
  readonly publicX: string
  readonly publicY: string
  readonly ecdh: ECDH
}

/** What one `k_ec` token agrees on: the key pair of its request body and of the reply. */
export interface Ec115Session {
  readonly aesKey: Buffer
  readonly aesIv: Buffer
  /** The client's clock as 32 bits: seconds, milliseconds cut off, or 0. Clients differ; no ground to refuse. */
  readonly timestamp: number
  /** 115 from most clients, the user id from the macOS one. */
  readonly marker: number
  /** 1 from most clients, 0 from the macOS one. */
  readonly flag: number
  /** The client's compressed point with its length byte, 60 hex digits. */
  readonly clientPublicHex: string
  /** True when the token holds p115cipher's constant public key, which no private key here belongs to. */
  readonly isP115Constant: boolean
}

const CURVE = 'secp224r1'
const COORDINATE_BYTES = 28
const TOKEN_BYTES = 48
const BLOCK_BYTES = 16
const FRAME_PLAIN_BYTES = 8192
const CRC_SALT = Buffer.from('^j>WD3Kr?J2gLFjD4W2y@', 'ascii')

// p115cipher never does the agreement: it sends one public key, made for 115's production key, with the AES key
// that follows from it. The private scalar is not published, so the pair can only be recognised.
const P115_PUBLIC_HEX = '1d030e80a178dceececda377de128d8ed9ddcf55ae61ed46ea121a1cfc81'
const P115_AES_KEY_HEX = 'fb1a19d652f5aaf7bc651d0f69bf422f'
const P115_AES_IV_HEX = '69bf422f49960550a0ad44ec3446cb4c'

/** A fresh P-224 key. */
export function generateEc115Key(): Ec115Key {
  const ecdh = createECDH(CURVE)
  ecdh.generateKeys()
  return describeKey(ecdh)
}

/** The key with this private scalar, for tests with known answers. Throws when it is not on the curve. */
export function importEc115Key(dHex: string): Ec115Key {
  const ecdh = createECDH(CURVE)
  ecdh.setPrivateKey(Buffer.from(dHex.padStart(COORDINATE_BYTES * 2, '0'), 'hex'))
  return describeKey(ecdh)
}

/** Opens the (URL-decoded) query parameter `k_ec`. Throws on a wrong length, checksum or public point. */
export function openToken(key: Ec115Key, kEc: string): Ec115Session {
  const token = Buffer.from(kEc, 'base64')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(kEc) || token.length !== TOKEN_BYTES) {
    throw new Error(`Cannot open k_ec token "${kEc}": not base64 of ${TOKEN_BYTES} bytes`)
  }
  const checksum = crc32(Buffer.concat([CRC_SALT, token.subarray(0, 44)]))
  if (token.readUInt32LE(44) !== checksum) throw new Error(`Cannot open k_ec token "${kEc}": wrong checksum`)
  // Bytes 15 and 39 are zero before masking, so they carry the masks themselves.
  const head = unmask(token.subarray(0, 24), token.readUInt8(15))
  const rest = unmask(token.subarray(24, 44), token.readUInt8(39))
  const clientPublic = Buffer.concat([head.subarray(0, 15), rest.subarray(0, 15)])
  return {
    ...agree(key, clientPublic),
    marker: head.readUInt32LE(16),
    timestamp: head.readUInt32LE(20),
    flag: rest.readUInt32LE(16),
    clientPublicHex: clientPublic.toString('hex'),
  }
}

/** The text of a request body, whichever of the clients' three paddings it has. Throws when it does not decode. */
export function decryptBody(session: Ec115Session, body: Buffer): string {
  if (body.length === 0 || body.length % BLOCK_BYTES !== 0) {
    throw new Error(
      `Cannot decrypt ec115 body: ${body.length} bytes are not whole ${BLOCK_BYTES}-byte blocks`,
    )
  }
  const decipher = createDecipheriv('aes-128-cbc', session.aesKey, session.aesIv).setAutoPadding(false)
  const plain = stripPadding(Buffer.concat([decipher.update(body), decipher.final()]))
  if (!isUtf8(plain)) throw new Error('Cannot decrypt ec115 body: text is not UTF-8, wrong key?')
  return plain.toString('utf8')
}

/**
 * A reply body that every known client reads: literal-only LZ4 frames, at least two zero bytes after them, the
 * checked tail. 115driver reads only the first frame, so texts over 8192 bytes are not for it.
 */
export function encryptBody(session: Ec115Session, plain: string, mask: number = randomInt(256)): Buffer {
  const text = Buffer.from(plain, 'utf8')
  const frames = frameText(text)
  // Frame loops end at a zero length, and p115client strips bytes that look like PKCS#7 from the end.
  const paddedLength = Math.ceil((frames.length + 2) / BLOCK_BYTES) * BLOCK_BYTES
  const padded = Buffer.concat([frames, Buffer.alloc(paddedLength - frames.length)])
  const cipher = createCipheriv('aes-128-cbc', session.aesKey, session.aesIv).setAutoPadding(false)
  return Buffer.concat([cipher.update(padded), cipher.final(), writeTail(text.length, mask)])
}

function describeKey(ecdh: ECDH): Ec115Key {
  const point = ecdh.getPublicKey('hex', 'uncompressed').slice(2)
  return { publicX: point.slice(0, COORDINATE_BYTES * 2), publicY: point.slice(COORDINATE_BYTES * 2), ecdh }
}

function agree(
  key: Ec115Key,
  clientPublic: Buffer,
): Pick<Ec115Session, 'aesKey' | 'aesIv' | 'isP115Constant'> {
  if (clientPublic.toString('hex') === P115_PUBLIC_HEX) {
    const aesKey = Buffer.from(P115_AES_KEY_HEX, 'hex')
    return { aesKey, aesIv: Buffer.from(P115_AES_IV_HEX, 'hex'), isP115Constant: true }
  }
  const secret = computeSecret(key, clientPublic)
  // Key and vector overlap by four bytes: 28 bytes of secret serve for 32.
  return { aesKey: secret.subarray(0, 16), aesIv: secret.subarray(12, 28), isP115Constant: false }
}

function computeSecret(key: Ec115Key, clientPublic: Buffer): Buffer {
  const hex = clientPublic.toString('hex')
  if (clientPublic[0] !== COORDINATE_BYTES + 1) {
    throw new Error(`Cannot open k_ec token: public key "${hex}" does not begin with its length`)
  }
  try {
    return key.ecdh.computeSecret(clientPublic.subarray(1))
  } catch (cause) {
    throw new Error(`Cannot open k_ec token: public key "${hex}" is not a point of ${CURVE}`, { cause })
  }
}

function unmask(bytes: Buffer, mask: number): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ mask))
}

/** A form never ends in a byte below 0x20, so PKCS#7 and zero padding cannot be mistaken for text. */
function stripPadding(padded: Buffer): Buffer {
  const count = padded.readUInt8(padded.length - 1)
  const isPkcs7 =
    count >= 1 && count <= BLOCK_BYTES && padded.subarray(-count).every((byte) => byte === count)
  if (isPkcs7) return padded.subarray(0, -count)
  let end = padded.length
  while (end > 0 && padded[end - 1] === 0) end -= 1
  return padded.subarray(0, end)
}

function frameText(text: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let start = 0; start < text.length; start += FRAME_PLAIN_BYTES) {
    const block = encodeLiteralBlock(text.subarray(start, start + FRAME_PLAIN_BYTES))
    const length = Buffer.alloc(2)
    length.writeUInt16LE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** A valid LZ4 block without compression: one sequence of literals. Source: LZ4 block format, "Data area". */
function encodeLiteralBlock(data: Buffer): Buffer {
  if (data.length < 15) return Buffer.concat([Buffer.from([data.length << 4]), data])
  const rest = data.length - 15
  const lengthBytes = Buffer.alloc(Math.floor(rest / 255) + 1, 255)
  lengthBytes[lengthBytes.length - 1] = rest % 255
  return Buffer.concat([Buffer.from([0xf0]), lengthBytes, data])
}

function writeTail(plainLength: number, mask: number): Buffer {
  const tail = Buffer.alloc(12)
  tail.writeUInt32LE(plainLength)
  for (let i = 0; i < 4; i++) tail[i] = tail.readUInt8(i) ^ mask
  tail[4] = 1 // LZ4
  tail[5] = 1 // AES
  tail[7] = mask
  tail.writeUInt32LE(crc32(Buffer.concat([CRC_SALT, tail.subarray(0, 8)])), 8)
  return tail
}

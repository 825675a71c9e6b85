import { Buffer } from 'node:buffer'
import { createDecipheriv } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import {
  decryptBody,
  type Ec115Session,
  encryptBody,
  generateEc115Key,
  importEc115Key,
  openToken,
} from './ec115.ts'

const { ec115, upload } = vectors
const testKey = importEc115Key(ec115.test_server_key.d)

describe('importEc115Key()', () => {
  it('shows the public point that belongs to the scalar', () => {
    expect(testKey).toMatchObject({ publicX: ec115.test_server_key.x, publicY: ec115.test_server_key.y })
  })
})

describe('generateEc115Key()', () => {
  it('makes another key each time', () => {
    const key = generateEc115Key()
    expect(key.publicX + key.publicY).toMatch(/^[0-9a-f]{112}$/)
    expect(key.publicX).not.toBe(generateEc115Key().publicX)
  })
})

describe('openToken()', () => {
  it.each(ec115.k_ec.vectors)('unmasks "$name"', (vector) => {
    expect(openToken(testKey, vector.token_b64)).toMatchObject({
      clientPublicHex: vector.public_30,
      timestamp: vector.timestamp_stored_u32,
      marker: vector.u32_field,
      flag: vector.flag_u32,
    })
  })

  it.each(ec115.ecdh.vectors)('agrees on the key of $name ($why)', (vector) => {
    const session = openToken(testKey, makeToken(vector.wire_public_30))
    expect(session.aesKey.toString('hex')).toBe(vector.aes_key)
    expect(session.aesIv.toString('hex')).toBe(vector.aes_iv)
    expect(session.isP115Constant).toBe(false)
  })

  it("recognises p115cipher's constant public key", () => {
    const constant = vectors.constants.ec115_p115_fixed
    const session = openToken(testKey, makeToken(constant.client_public_wire_hex))
    expect(session.isP115Constant).toBe(true)
    expect(session.aesKey.toString('hex')).toBe(constant.aes_key_hex)
    expect(session.aesIv.toString('hex')).toBe(constant.aes_iv_hex)
  })

  it('refuses a wrong length, checksum, length byte and point', () => {
    const good = Buffer.from(ec115.k_ec.vectors.at(2)!.token_b64, 'base64')
    const flipped = Buffer.from(good)
    flipped[20] = flipped.readUInt8(20) ^ 1
    expect(() => openToken(testKey, good.subarray(0, 45).toString('base64'))).toThrow(/48 bytes/)
    expect(() => openToken(testKey, flipped.toString('base64'))).toThrow(/wrong checksum/)
    expect(() => openToken(testKey, makeToken(`1c02${'11'.repeat(28)}`))).toThrow(/begin with its length/)
    expect(() => openToken(testKey, makeToken(`1d02${'ff'.repeat(28)}`))).toThrow(/not a point/)
  })
})

describe('decryptBody()', () => {
  const session = sessionOf(ec115.request_encrypt)

  it.each(ec115.request_encrypt.vectors)('strips every padding of "$name"', (vector) => {
    for (const hex of [
      vector.pkcs7_115driver,
      vector.zero_elevengo_macos,
      vector.pkcs7_only_if_unaligned_p115,
    ]) {
      expect(decryptBody(session, Buffer.from(hex, 'hex'))).toBe(vector.plaintext_utf8)
    }
  })

  it.each(ec115.request_encrypt_third_party.vectors)(
    'reads a third party\'s "$plaintext_ascii"',
    (vector) => {
      const body = Buffer.from(vector.ciphertext, 'hex')
      expect(decryptBody(sessionOf(ec115.request_encrypt_third_party), body)).toBe(vector.plaintext_ascii)
    },
  )

  it('opens a whole upload request, with both paddings', () => {
    const { full_request } = upload
    const opened = openToken(testKey, full_request.query_k_ec)
    for (const body of [full_request.body_pkcs7_b64, full_request.body_zero_pad_b64]) {
      expect(decryptBody(opened, Buffer.from(body, 'base64'))).toBe(full_request.form_urlencoded_ascii)
    }
  })

  it('opens a whole upload request of an unmodified p115client', () => {
    const request = upload.full_request_p115_constant_key
    const opened = openToken(testKey, request.query_k_ec)
    expect(decryptBody(opened, Buffer.from(request.body_b64, 'base64'))).toBe(request.form_urlencoded_ascii)
  })

  it('refuses bodies that are not whole blocks, or made with another key', () => {
    expect(() => decryptBody(session, Buffer.alloc(0))).toThrow(/0 bytes/)
    expect(() => decryptBody(session, Buffer.alloc(17))).toThrow(/17 bytes/)
    const foreign = Buffer.from(upload.full_request_p115_constant_key.body_b64, 'base64')
    expect(() => decryptBody(session, foreign)).toThrow(/wrong key/)
  })
})

describe('encryptBody()', () => {
  const session = sessionOf(ec115.request_encrypt)

  it('makes the known literal-only reply byte by byte', () => {
    const vector = ec115.response_decrypt.vectors.find((each) => each.name === 'status7, literal-only LZ4')!
    expect(encryptBody(session, vector.plaintext_utf8!, vector.tail_mask).toString('base64')).toBe(
      vector.body_b64,
    )
  })

  // Every length modulo the block shows whether two zero bytes always follow the frames.
  const lengths = [...Array.from({ length: 40 }, (_, i) => i), 269, 270, 271, 8191, 8192, 8193, 16384, 20000]
  it.each(lengths)('makes frames, zero bytes and tail for %i bytes', (length) => {
    const plain = 'x'.repeat(length)
    const body = encryptBody(session, plain, 0x5a)
    expect(readReply(session, body)).toBe(plain)
    expect(body.length % 16).toBe(12)
  })

  it('counts bytes of UTF-8, not characters', () => {
    const plain = JSON.stringify({ statusmsg: '请升级到最新版本'.repeat(600) })
    expect(readReply(session, encryptBody(session, plain))).toBe(plain)
  })
})

function sessionOf(keys: { aes_key: string; aes_iv: string }): Ec115Session {
  return {
    aesKey: Buffer.from(keys.aes_key, 'hex'),
    aesIv: Buffer.from(keys.aes_iv, 'hex'),
    timestamp: 0,
    marker: 115,
    flag: 1,
    clientPublicHex: '',
    isP115Constant: false,
  }
}

function makeToken(public30: string, r1 = 0x11, r2 = 0xe7): string {
  const point = Buffer.from(public30, 'hex')
  const token = Buffer.alloc(48)
  point.copy(token, 0, 0, 15)
  token.writeUInt32LE(115, 16)
  point.copy(token, 24, 15, 30)
  token.writeUInt32LE(1, 40)
  for (let i = 0; i < 44; i++) token[i] = token.readUInt8(i) ^ (i < 24 ? r1 : r2)
  const salt = Buffer.from(vectors.constants.ec115.crc_salt_ascii)
  token.writeUInt32LE(crc32(Buffer.concat([salt, token.subarray(0, 44)])), 44)
  return token.toString('base64')
}

/** Reads a reply the way the strictest client does: tail and checksum first, then frames up to a zero length. */
function readReply(session: Ec115Session, body: Buffer): string {
  const tail = body.subarray(-12)
  const salt = Buffer.from(vectors.constants.ec115.crc_salt_ascii)
  expect(tail.readUInt32LE(8)).toBe(crc32(Buffer.concat([salt, tail.subarray(0, 8)])))
  expect([tail[4], tail[5]]).toEqual([1, 1])
  const total = (tail.readUInt32LE(0) ^ (tail.readUInt8(7) * 0x01010101)) >>> 0
  const decipher = createDecipheriv('aes-128-cbc', session.aesKey, session.aesIv).setAutoPadding(false)
  const frames = Buffer.concat([decipher.update(body.subarray(0, -12)), decipher.final()])
  const parts: Buffer[] = []
  let offset = 0
  for (;;) {
    const length = frames.readUInt16LE(offset)
    if (length === 0) break
    parts.push(readLiterals(frames.subarray(offset + 2, offset + 2 + length)))
    offset += 2 + length
  }
  const plain = Buffer.concat(parts)
  expect(plain).toHaveLength(total)
  return plain.toString('utf8')
}

function readLiterals(block: Buffer): Buffer {
  let length = block.readUInt8(0) >> 4
  let offset = 1
  for (let more = length === 15; more; offset += 1) {
    const byte = block.readUInt8(offset)
    length += byte
    more = byte === 255
  }
  expect(block.length - offset).toBe(length)
  expect(length).toBeLessThanOrEqual(8192)
  return block.subarray(offset)
}

import { createCipheriv, createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { productionKeys } from '../keys.ts'
import { Ec115, crc32, kEcToken, openAnswer } from './ec115.ts'

const { ec115 } = vectors
const hex = (text: string) => Buffer.from(text, 'hex')
const bodyOf = (vector: { body_b64: string }) => Buffer.from(vector.body_b64, 'base64')

function first<T>(list: readonly T[]): T {
  const [one] = list
  if (one === undefined) throw new Error('No vectors')
  return one
}

/** The pair that the vectors of bodies were made with. */
function knownPair(): Ec115 {
  return new Ec115(ec115.test_server_key.uncompressed, hex(first(ec115.ecdh.vectors).d))
}

function aes(keyHex: string, ivHex: string, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-cbc', hex(keyHex), hex(ivHex))
  return Buffer.concat([cipher.update(plain), cipher.final()])
}

test.each(ec115.ecdh.vectors)('Ec115 agrees on the known key: $name', (vector) => {
  const withSandbox = new Ec115(ec115.test_server_key.uncompressed, hex(vector.d))
  const withProduction = new Ec115(productionKeys.ecPointHex, hex(vector.d))
  const plain = Buffer.from('a=1')
  expect(withSandbox.publicKey.toString('hex')).toBe(vector.wire_public_30)
  expect(withSandbox.seal(plain)).toEqual(aes(vector.aes_key, vector.aes_iv, plain))
  expect(withProduction.seal(plain)).toEqual(aes(vector.aes_key_production, vector.aes_iv_production, plain))
})

test.each(ec115.request_encrypt.vectors)('Ec115.seal() pads in full: $name', (vector) => {
  const agreed = knownPair()
  expect(agreed.seal(Buffer.from(vector.plaintext_utf8)).toString('hex')).toBe(vector.pkcs7_115driver)
})

test('Ec115 makes the known upload request, token and body', () => {
  const { full_request } = vectors.upload
  const agreed = knownPair()
  const body = agreed.seal(Buffer.from(full_request.form_urlencoded_ascii))
  expect(body.toString('base64')).toBe(full_request.body_pkcs7_b64)
  expect(agreed.publicKey.subarray(0, 15)).toEqual(publicHalf(full_request.query_k_ec))
})

function publicHalf(token: string): Buffer {
  const bytes = Buffer.from(token, 'base64')
  const mask = bytes[15] ?? 0
  return Buffer.from(bytes.subarray(0, 15).map((byte) => byte ^ mask))
}

test('two Ec115 never share a key pair', () => {
  const [one, other] = [new Ec115(productionKeys.ecPointHex), new Ec115(productionKeys.ecPointHex)]
  expect(one.publicKey).not.toEqual(other.publicKey)
})

test('Ec115.open() reads the answer to its own key', () => {
  const vector = first(ec115.response_decrypt.vectors)
  const agreed = knownPair()
  expect(agreed.open(bodyOf(vector)).toString()).toBe(vector.plaintext_utf8)
  expect(agreed.token(0, [1, 2])).toBe(kEcToken({ publicKey: agreed.publicKey, timestamp: 0, masks: [1, 2] }))
})

test.each(ec115.k_ec.vectors)('kEcToken() gives the known token: $name', (vector) => {
  const token = kEcToken({
    publicKey: hex(vector.public_30),
    timestamp: vector.timestamp_given,
    masks: [vector.r1, vector.r2],
    field: vector.u32_field,
    flag: vector.flag_u32,
  })
  expect(token).toBe(vector.token_b64)
  expect(encodeURIComponent(token)).toBe(vector.query_value_urlencoded)
})

test('crc32() is the IEEE one', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
})

test.each(ec115.response_decrypt.vectors)('openAnswer() reads the known answer: $name', (vector) => {
  const plain = openAnswer(bodyOf(vector), hex(vector.aes_key), hex(vector.aes_iv))
  expect(plain.length).toBe(vector.plaintext_len)
  expect(createHash('sha256').update(plain).digest('hex')).toBe(vector.plaintext_sha256)
})

test('openAnswer() refuses a wrong checksum and an answer that is cut off', () => {
  const good = first(ec115.response_decrypt.vectors)
  const [key, iv] = [hex(good.aes_key), hex(good.aes_iv)]
  expect(() => openAnswer(bodyOf(ec115.response_bad_crc), key, iv)).toThrow(/checksum/)
  expect(() => openAnswer(bodyOf(good).subarray(5), key, iv)).toThrow(/cut off/)
  expect(() => openAnswer(Buffer.alloc(3), key, iv)).toThrow(/cut off/)
})

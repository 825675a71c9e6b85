import { Buffer } from 'node:buffer'
import { constants, createPublicKey, publicDecrypt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { decodeRequest, deriveKey, encodeResponse, generateM115Key, importM115Key, xor } from './m115.ts'

const { m115 } = vectors
const testKey = importM115Key(m115.test_rsa_key)

describe('importM115Key()', () => {
  it('shows the modulus and exponent that a client must be given', () => {
    expect(testKey.modulusHex).toBe(m115.test_rsa_key.n)
    expect(testKey.exponent).toBe(m115.test_rsa_key.e)
  })
})

describe('deriveKey()', () => {
  it.each(m115.derive_key.vectors)('of $seed with $size bytes', ({ seed, size, key }) => {
    expect(deriveKey(Buffer.from(seed, 'hex'), size === 4 ? 4 : 12).toString('hex')).toBe(key)
  })
})

describe('xor()', () => {
  it.each(m115.xor.vectors)('of "$data" with $key', ({ data, key, out }) => {
    expect(xor(Buffer.from(data, 'hex'), Buffer.from(key, 'hex')).toString('hex')).toBe(out)
  })
})

describe('decodeRequest()', () => {
  it.each(m115.request_encode.vectors)('opens $name, padded with 0x02 and at random', (vector) => {
    const expected = { plain: vector.plaintext_utf8, clientKey: Buffer.from(vector.key, 'hex') }
    expect(decodeRequest(testKey, vector.data_b64_test_key_pad02)).toEqual(expected)
    expect(decodeRequest(testKey, vector.data_b64_test_key_random_padding)).toEqual(expected)
  })

  it.each(m115.request_encode.vectors)('refuses $name made with the production modulus', (vector) => {
    // One foreign block in 2^16 would open with a valid-looking head; none of these does.
    expect(() => decodeRequest(testKey, vector.data_b64_production_key_pad02)).toThrow(/wrong modulus/)
  })

  it.each([
    ['an empty field', '', /not base64/],
    ['plain JSON', '{"pickcode":"x"}', /not base64/],
    ['a plus sign that became a space', 'AA A', /not base64/],
    ['a cut block', Buffer.alloc(127, 1).toString('base64'), /127 bytes/],
  ])('refuses %s', (_, data, message) => {
    expect(() => decodeRequest(testKey, data)).toThrow(message)
  })
})

describe('encodeResponse()', () => {
  it.each(m115.response.vectors)('makes the known reply of $name', (vector) => {
    const clientKey = Buffer.from(vector.client_key, 'hex')
    const seed = Buffer.from(vector.server_seed, 'hex')
    expect(encodeResponse(testKey, clientKey, vector.plaintext_utf8, seed)).toBe(
      vector.data_b64_test_private_key,
    )
  })

  it('takes a new seed for each reply', () => {
    const clientKey = Buffer.alloc(16)
    expect(encodeResponse(testKey, clientKey, 'same')).not.toBe(encodeResponse(testKey, clientKey, 'same'))
  })
})

describe('generateM115Key()', () => {
  it('makes a key whose replies open with the modulus it shows', async () => {
    const key = await generateM115Key()
    expect(key.modulusHex).toMatch(/^[89a-f][0-9a-f]{255}$/)
    const seed = Buffer.alloc(16, 7)
    const clientKey = Buffer.alloc(16, 9)
    const block = Buffer.from(encodeResponse(key, clientKey, 'hello', seed), 'base64')

    const n = Buffer.from(key.modulusHex, 'hex').toString('base64url')
    const publicKey = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
    const payload = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, block)

    expect(payload.subarray(0, 16)).toEqual(seed)
    const body = xor(payload.subarray(16), deriveKey(seed, 12)).reverse()
    expect(xor(body, deriveKey(clientKey, 4)).toString()).toBe('hello')
  })
})

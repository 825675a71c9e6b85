import { expect, test } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { productionKeys } from '../keys.ts'
import { M115, deriveKey, xor } from './m115.ts'

const testKey = vectors.m115.test_rsa_key
const production = new M115(productionKeys.modulusHex, productionKeys.exponent)
const sandbox = new M115(testKey.n, testKey.e)
const padWithTwos = (length: number) => Buffer.alloc(length, 2)

test('productionKeys are the constants the vectors were made with', () => {
  const { m115, ec115 } = vectors.constants
  expect(productionKeys).toEqual({
    modulusHex: m115.modulus_hex,
    exponent: m115.public_exponent,
    ecPointHex: `04${ec115.server_public_x_hex}${ec115.server_public_y_hex}`,
  })
})

test.each(vectors.m115.derive_key.vectors)('deriveKey() of $seed to $size bytes', ({ seed, size, key }) => {
  expect(deriveKey(Buffer.from(seed, 'hex'), size as 4 | 12).toString('hex')).toBe(key)
})

test.each(vectors.m115.xor.vectors)(
  'xor() restarts the key after the odd head: $data',
  ({ data, key, out }) => {
    expect(xor(Buffer.from(data, 'hex'), Buffer.from(key, 'hex')).toString('hex')).toBe(out)
  },
)

test.each(vectors.m115.request_encode.vectors)('M115.seal() gives the known request: $name', (vector) => {
  const plain = Buffer.from(vector.plaintext_utf8)
  const key = Buffer.from(vector.key, 'hex')
  expect(production.seal(plain, key, padWithTwos).data).toBe(vector.data_b64_production_key_pad02)
  expect(sandbox.seal(plain, key, padWithTwos).data).toBe(vector.data_b64_test_key_pad02)
})

test('M115.seal() never repeats itself and never pads with zero', () => {
  const pads: Buffer[] = []
  const plain = Buffer.from('{"pickcode":"a"}')
  const sealed = Array.from({ length: 50 }, () => production.seal(plain))
  expect(new Set(sealed.map((each) => each.data)).size).toBe(50)
  production.seal(plain, undefined, (length) => {
    pads.push(Buffer.alloc(length, 7))
    return Buffer.alloc(length, 7)
  })
  expect(pads.map((pad) => pad.length)).toEqual([128 - 3 - 16 - plain.length])
})

test.each(vectors.m115.response.vectors)('M115.open() reads the known answer: $name', (vector) => {
  const key = Buffer.from(vector.client_key, 'hex')
  expect(sandbox.open(vector.data_b64_test_private_key, key).toString()).toBe(vector.plaintext_utf8)
})

test.each(vectors.m115.response_production_key.vectors)(
  'M115.open() reads an answer made for the production key: $plaintext_utf8',
  (vector) => {
    const key = Buffer.from(vectors.m115.response_production_key.client_key, 'hex')
    expect(production.open(vector.data_b64, key).toString()).toBe(vector.plaintext_utf8)
  },
)

test('M115.open() refuses data that is not made of whole blocks', () => {
  const key = Buffer.alloc(16)
  expect(() => sandbox.open('', key)).toThrow(RangeError)
  expect(() => sandbox.open(Buffer.alloc(127).toString('base64'), key)).toThrow(/127 bytes/)
})

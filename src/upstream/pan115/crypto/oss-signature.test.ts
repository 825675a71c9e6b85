import { expect, test } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { ossAuthorization, ossStringToSign } from './oss-signature.ts'
import type { OssRequest } from './oss-signature.ts'

const { v1_signature: v1 } = vectors.oss

function requestOf(vector: (typeof v1.vectors)[number]): OssRequest {
  const url = new URL(vector.canonical_resource, 'http://oss')
  const [, bucket = '', ...object] = url.pathname.split('/')
  return {
    method: vector.method,
    bucket,
    object: object.join('/'),
    // A parameter that OSS does not sign must not change the signature.
    query: { ...Object.fromEntries(url.searchParams), 'max-parts': '10' },
    headers: {
      'x-oss-security-token': v1.security_token,
      ...(vector.x_oss_headers as Record<string, string>),
      'content-md5': vector.content_md5,
      'content-type': vector.content_type,
      date: vector.date,
      'user-agent': 'aliyun-sdk-android/2.9.1',
    },
  }
}

test.each(v1.vectors)('ossAuthorization() signs: $name', (vector) => {
  const request = requestOf(vector)
  expect(ossStringToSign(request)).toBe(vector.string_to_sign)
  expect(ossAuthorization(request, v1.access_key_id, v1.access_key_secret)).toBe(vector.authorization)
})

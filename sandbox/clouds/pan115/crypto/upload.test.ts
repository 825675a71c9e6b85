import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import {
  computeSig,
  computeSignVal,
  computeToken,
  type OssRequest,
  signOssRequest,
  stringToSign,
} from './upload.ts'

const { oss, upload } = vectors

describe('computeSig()', () => {
  it.each(upload.sig.vectors)('of $name', (vector) => {
    const sig = computeSig({
      userId: vector.userid,
      userKey: vector.userkey,
      fileId: vector.fileid,
      target: vector.target,
      appId: vector.appid,
    })
    expect(sig).toBe(vector.sig)
  })

  it('takes a missing appid for 0', () => {
    const vector = upload.sig.vectors.at(0)!
    const { userid: userId, userkey: userKey, fileid: fileId, target } = vector
    expect(computeSig({ userId, userKey, fileId, target })).toBe(vector.sig)
  })
})

describe('computeToken()', () => {
  it.each(upload.token.vectors)('of $name', (vector) => {
    const token = computeToken({
      fileId: vector.fileid,
      fileSize: vector.filesize,
      signKey: vector.sign_key,
      signVal: vector.sign_val,
      userId: vector.userid,
      t: vector.t,
      appVersion: vector.appversion,
    })
    expect(token).toBe(vector.token)
  })
})

describe('computeSignVal()', () => {
  it('hashes the inclusive range of the known file', () => {
    const range = Buffer.from(Array.from({ length: 128 }, (_, i) => ((i + 1000) * 31 + 7) % 256))
    expect(computeSignVal(range)).toBe(upload.file.sign_val)
  })
})

describe('signOssRequest()', () => {
  const { vectors: known, access_key_id, access_key_secret } = oss.v1_signature

  it.each(known)('signs $name', (vector) => {
    const request = requestOf(vector)
    expect(stringToSign(request)).toBe(vector.string_to_sign)
    expect(signOssRequest(request, access_key_id, access_key_secret)).toBe(vector.authorization)
  })

  it('signs sub-resources only, whatever order and case they come in', () => {
    const request = requestOf(known.at(3)!)
    const shuffled: OssRequest = {
      ...request,
      ossHeaders: upperCaseNames(request.ossHeaders),
      query: { foo: 'bar', uploadId: request.query['uploadId'] ?? '', partNumber: '1' },
    }
    expect(stringToSign(shuffled)).toBe(known.at(3)!.string_to_sign)
  })
})

function requestOf(vector: (typeof oss.v1_signature.vectors)[number]): OssRequest {
  const url = new URL(vector.canonical_resource, 'http://oss')
  const [, bucket = '', ...object] = url.pathname.split('/')
  return {
    method: vector.method,
    contentMd5: vector.content_md5,
    contentType: vector.content_type,
    date: vector.date,
    ossHeaders: Object.fromEntries(
      Object.entries(vector.x_oss_headers).filter((each): each is [string, string] => each[1] !== undefined),
    ),
    bucket,
    object: object.join('/'),
    query: Object.fromEntries(url.searchParams),
  }
}

function upperCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
}

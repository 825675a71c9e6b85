import { expect, test } from 'vitest'
import vectors from '../../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { uploadSig, uploadToken } from './upload-signature.ts'

const { sig, token } = vectors.upload
// The macOS vector belongs to another app id, which panport does not speak for.
const ours = sig.vectors.filter((vector) => vector.appid === '0')

test.each(ours)('uploadSig() gives the known signature: $name', (vector) => {
  const facts = { userId: vector.userid, fileId: vector.fileid, sizeBytes: '1048593' }
  expect(uploadSig(facts, vector.userkey, vector.target)).toBe(vector.sig)
})

test.each(token.vectors)('uploadToken() gives the known token: $name', (vector) => {
  const facts = {
    userId: vector.userid,
    fileId: vector.fileid,
    sizeBytes: vector.filesize,
    signKey: vector.sign_key,
    signValue: vector.sign_val,
    time: vector.t,
    appVersion: vector.appversion,
  }
  expect(uploadToken(facts)).toBe(vector.token)
})

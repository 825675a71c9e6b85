import { createHash } from 'node:crypto'

const tokenSalt = 'Qclm8MGWUv59TnrR0XPg'
const appId = '0'
const sigSuffix = '000000'

/** What an upload is announced with; all texts, numbers in decimal. */
export interface UploadFacts {
  readonly userId: string
  /** SHA-1 of the file, upper-case hex. */
  readonly fileId: string
  readonly sizeBytes: string
}

/** Proves that we know the user's upload key. `target` is `U_1_{folder id}`. Upper-case hex. */
export function uploadSig(facts: UploadFacts, userKey: string, target: string): string {
  const inner = hash('sha1', facts.userId + facts.fileId + target + appId)
  return hash('sha1', userKey + inner + sigSuffix).toUpperCase()
}

export interface TokenFacts extends UploadFacts {
  /** Empty on the first call; afterwards the range challenge and its answer. */
  readonly signKey: string
  readonly signValue: string
  /** The form's `t`, character for character. */
  readonly time: string
  readonly appVersion: string
}

/** Ties one upload announcement to its time, challenge and app version. Lower-case hex. */
export function uploadToken(facts: TokenFacts): string {
  const { userId, fileId, sizeBytes, signKey, signValue, time, appVersion } = facts
  const parts = [
    tokenSalt,
    fileId,
    sizeBytes,
    signKey,
    signValue,
    userId,
    time,
    hash('md5', userId),
    appVersion,
  ]
  return hash('md5', parts.join(''))
}

function hash(kind: 'sha1' | 'md5', text: string): string {
  return createHash(kind).update(text).digest('hex')
}

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Secrets at rest: AES-256-GCM under a key of their purpose. Envelope: one byte version (1), 12 bytes nonce, the
 * ciphertext, 16 bytes tag. Version and place are authenticated, so a sealed value opens only where it was sealed:
 * moved to another row or table it is refused.
 */
const version = 1
const nonceLength = 12
const tagLength = 16

/** The sealed bytes were changed, moved, cut, or sealed under another key: which of these cannot be told. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** 32 bytes for one purpose. Keys of different purposes say nothing about each other or about `master`. */
export function deriveKey(master: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `panport ${purpose}`, 32))
}

/** Seals under one key, made by `deriveKey`. */
export class Sealer {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** `place` names where the value will stand, e.g. `storage/7`; `open` needs the same. Never the same twice. */
  seal(text: string, place: string): Buffer {
    const nonce = randomBytes(nonceLength)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(associated(place))
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.of(version), nonce, body, cipher.getAuthTag()])
  }

  /** Throws SealError. */
  open(sealed: Uint8Array, place: string): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    if (bytes.length < 1 + nonceLength + tagLength || bytes[0] !== version) {
      throw new SealError(`Cannot open the sealed value of "${place}": not an envelope of version ${version}`)
    }
    const nonce = bytes.subarray(1, 1 + nonceLength)
    const tag = bytes.subarray(-tagLength)
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength })
      decipher.setAAD(associated(place)).setAuthTag(tag)
      const body = decipher.update(bytes.subarray(1 + nonceLength, -tagLength))
      return Buffer.concat([body, decipher.final()]).toString('utf8')
    } catch (error) {
      throw new SealError(`Cannot open the sealed value of "${place}"`, { cause: error })
    }
  }
}

function associated(place: string): Buffer {
  return Buffer.from(`${version}:${place}`)
}

import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { StorageError } from '../core/errors.ts'

const staticSalt = 'https://github.com/alist-org/alist'

/**
 * What AList's clients send in place of a password: lower-case hex, the same for every account and server.
 * It is what we store (hashed again, slowly), so that a plain password and a client's hash open the same door.
 */
export function staticHashOf(password: string): string {
  return createHash('sha256').update(`${password}-${staticSalt}`).digest('hex')
}

interface Scheme {
  readonly prefix: string
  hash(text: string): Promise<string>
  verify(text: string, stored: string): Promise<boolean>
}

/** Hashes and checks passwords. Make one with `loadPasswords`. */
export class Passwords {
  readonly #preferred: Scheme
  readonly #schemes: readonly Scheme[]
  #nobody: Promise<string> | null = null

  constructor(schemes: readonly [Scheme, ...Scheme[]]) {
    this.#preferred = schemes[0]
    this.#schemes = schemes
  }

  /** The text to store. It names its scheme, so that another machine knows how to check it. */
  hash(staticHash: string): Promise<string> {
    return this.#preferred.hash(staticHash)
  }

  /**
   * Whether `staticHash` is the one that `stored` was made of. `stored` null (no such account) takes as long as
   * a wrong password and is false. Throws Internal when `stored` is of a scheme that cannot run here.
   */
  async verify(staticHash: string, stored: string | null): Promise<boolean> {
    if (stored === null) {
      this.#nobody ??= this.#preferred.hash(randomBytes(32).toString('hex'))
      await this.#preferred.verify(staticHash, await this.#nobody)
      return false
    }
    const scheme = this.#schemes.find(({ prefix }) => stored.startsWith(prefix))
    if (scheme) return scheme.verify(staticHash, stored)
    const name = stored.split('$', 2)[1] ?? ''
    throw new StorageError('Internal', `Cannot check a password: scheme "${name}" is not available here`)
  }
}

/** Argon2id where its native package loads, else scrypt; texts of either are checked where it can run. */
export async function loadPasswords(): Promise<Passwords> {
  const argon2 = await loadArgon2()
  return new Passwords(argon2 ? [argon2, scryptScheme] : [scryptScheme])
}

/** Null on a platform the package has no binary for. */
async function loadArgon2(): Promise<Scheme | null> {
  try {
    const { hash, verify } = await import('@node-rs/argon2')
    return {
      prefix: '$argon2',
      // The package's defaults are argon2id with OWASP's m=19 MiB, t=2, p=1.
      hash: (text) => hash(text),
      verify: (text, stored) => verify(stored, text),
    }
  } catch {
    // Nothing is lost: the caller falls back to a scheme that Node itself has.
    return null
  }
}

const scryptCost = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 2 ** 20 }

function runScrypt(text: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, salt, 32, scryptCost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** Node's own slow hash: `$scrypt$ln=16,r=8,p=1$salt$key`, the last two in base64. */
export const scryptScheme: Scheme = {
  prefix: '$scrypt$ln=16,r=8,p=1$',
  async hash(text) {
    const salt = randomBytes(16)
    const key = await runScrypt(text, salt)
    return `${this.prefix}${salt.toString('base64')}$${key.toString('base64')}`
  },
  async verify(text, stored) {
    const [salt = '', key = ''] = stored.slice(this.prefix.length).split('$')
    const expected = Buffer.from(key, 'base64')
    const actual = await runScrypt(text, Buffer.from(salt, 'base64'))
    return expected.length === actual.length && timingSafeEqual(expected, actual)
  },
}

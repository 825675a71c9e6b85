import { randomBytes, scrypt } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StorageError } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'

const keyLength = 32
const minTextLength = 16

/** The master key that everything sealed in the data folder depends on: 32 bytes. */
export interface MasterKeySource {
  readonly folder: string
  /** As the owner gave it; null: the folder's key file is used, and made when `mayCreate`. */
  readonly secretKey: Secret | null
  /** False where sealed data exists already: a new key could not open it. */
  readonly mayCreate: boolean
}

/** Throws InvalidInput when the given key is too short, NotFound when the key file is missing and needed. */
export async function readMasterKey(source: MasterKeySource): Promise<Buffer> {
  if (source.secretKey && !source.secretKey.isEmpty) return keyOfText(source.secretKey.reveal().trim())
  const path = join(source.folder, 'secret.key')
  const text = await readIfThere(path)
  if (text !== null) return keyOfFile(path, text)
  if (!source.mayCreate) {
    throw new StorageError(
      'NotFound',
      `Cannot open data folder "${source.folder}": its key file "${path}" is missing; ` +
        'put it back, or give the key it held as PANPORT_SECRET_KEY',
    )
  }
  const key = randomBytes(keyLength)
  await writeWhole(path, `${key.toString('base64')}\n`)
  return key
}

async function keyOfText(text: string): Promise<Buffer> {
  const exact = exactKey(text)
  if (exact) return exact
  if (text.length < minTextLength) {
    const wanted = `at least ${minTextLength} characters, or 32 bytes in hex or base64`
    throw new StorageError('InvalidInput', `PANPORT_SECRET_KEY is too short, it must have ${wanted}`)
  }
  // People choose words: a slow derivation keeps a stolen database from being opened by trying them.
  return new Promise((resolve, reject) => {
    scrypt(text, 'panport master key', keyLength, { N: 2 ** 15, maxmem: 64 * 2 ** 20 }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

function keyOfFile(path: string, text: string): Buffer {
  const key = exactKey(text.trim())
  if (key) return key
  throw new StorageError('InvalidInput', `Cannot use key file "${path}": it must hold 32 bytes in base64`)
}

/** The 32 bytes that `text` spells in hex or base64; null when it is something else. */
function exactKey(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null
  return Buffer.from(text, 'base64')
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StorageError('Internal', `Cannot read key file "${path}": ${String(error)}`, { cause: error })
  }
}

/** The file is there whole or not at all, also after a power cut, and only its owner may read it. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(draft, { force: true })
    throw new StorageError('Internal', `Cannot write key file "${path}": ${String(error)}`, { cause: error })
  }
}

/** A rename is only safe once its folder is on disk. Windows cannot open folders and does it by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

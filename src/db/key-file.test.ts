import { readdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../core/secret.ts'
import { readMasterKey } from './key-file.ts'

describe('readMasterKey()', () => {
  let folder: string

  const read = (text: string | null, mayCreate = true) =>
    readMasterKey({ folder, secretKey: text === null ? null : new Secret(text), mayCreate })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-key-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('makes a random key file for its owner alone and reads the same key again', async () => {
    const key = await read(null)
    expect(key).toHaveLength(32)
    expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['secret.key'])
    expect((await read(null)).equals(key)).toBe(true)
    await rm(join(folder, 'secret.key'))
    expect((await read(null)).equals(key)).toBe(false)
  })

  test('does not make a key for data that was sealed under another one', async () => {
    await expect(read(null, false)).rejects.toMatchObject({
      kind: 'NotFound',
      message: expect.stringMatching(/key file ".*secret\.key" is missing/),
    })
    expect(await readdir(folder)).toEqual([])
  })

  test('32 bytes in hex, base64 and base64url are one key', async () => {
    const bytes = Buffer.alloc(32, 0xfb)
    const texts = [
      bytes.toString('hex'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      ` ${bytes.toString('hex')}\n`,
    ]
    for (const text of texts) expect((await read(text)).equals(bytes), text).toBe(true)
    expect(await readdir(folder)).toEqual([])
  })

  test('a passphrase gives a key of its own, the same each time', async () => {
    const key = await read('a long enough passphrase')
    expect(key).toHaveLength(32)
    expect((await read('a long enough passphrase')).equals(key)).toBe(true)
    expect((await read('another long passphrase')).equals(key)).toBe(false)
  })

  test('a short passphrase is refused without repeating it', async () => {
    await expect(read('hunter2')).rejects.toMatchObject({
      kind: 'InvalidInput',
      message: expect.not.stringContaining('hunter2'),
    })
  })

  test('an empty passphrase counts as none', async () => {
    const key = await read('')
    expect((await readFile(join(folder, 'secret.key'), 'utf8')).trim()).toBe(key.toString('base64'))
  })

  test('a damaged key file is refused and left as it is', async () => {
    await writeFile(join(folder, 'secret.key'), 'half a k')
    await expect(read(null)).rejects.toMatchObject({ kind: 'InvalidInput' })
    expect(await readFile(join(folder, 'secret.key'), 'utf8')).toBe('half a k')
  })
})

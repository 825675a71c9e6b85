import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundleChildSource, type ChildSource } from '../../test/support/child-source.ts'
import { createDataFolder, lockDataFolder } from './data-folder.ts'

const holder = `
  import { lockDataFolder } from './src/db/data-folder.ts'
  await lockDataFolder(process.argv[2])
  console.log('locked')
  setInterval(() => {}, 1000)
`

let child: ChildSource

beforeAll(async () => {
  child = await bundleChildSource(holder)
})
afterAll(() => child.remove())

describe('lockDataFolder()', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-folder-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('refuses a folder that another process holds, names it, and takes over when that is killed', async () => {
    const other = spawn(process.execPath, [child.path, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(other, 'exit')
    await once(other.stdout, 'data')
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      kind: 'Conflict',
      message: `Cannot use data folder "${folder}": another gateway, process ${other.pid}, is using it`,
    })
    other.kill('SIGKILL')
    await exited
    const lock = await lockDataFolder(folder)
    await expect(lockDataFolder(folder)).rejects.toThrow(`process ${process.pid},`)
    await lock.release()
  })

  test('a refused attempt does not loosen the lock of its holder', async () => {
    const lock = await lockDataFolder(folder)
    for (let i = 0; i < 3; i++)
      await expect(lockDataFolder(folder)).rejects.toMatchObject({ kind: 'Conflict' })
    await lock.release()
    await (await lockDataFolder(folder)).release()
  })
})

test('createDataFolder() makes missing folders for their owner alone and keeps what is there', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'panport-folder-'))
  const folder = join(parent, 'a', 'b')
  await createDataFolder(folder)
  await createDataFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await rm(parent, { recursive: true })
})

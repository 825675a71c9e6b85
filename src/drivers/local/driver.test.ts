import { execFileSync } from 'node:child_process'
import { Buffer } from 'node:buffer'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import type { Entry } from '../../core/entry.ts'
import type { StreamLink } from '../../core/link.ts'
import { LocalDriver } from './driver.ts'

const ctx = makeCtx()
const reader = { userAgent: 'test/1', clientIp: null }
const isPosix = process.platform !== 'win32'

let outer: string
let folder: string
let driver: LocalDriver

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'panport-local-'))
  folder = join(outer, 'shown')
  await mkdir(folder)
  driver = new LocalDriver({ folder, showsHidden: true })
})

afterEach(() => rm(outer, { recursive: true, force: true }))

async function listRoot(): Promise<{ names: string[]; missing: number; entries: Entry[] }> {
  const entries: Entry[] = []
  let missing = 0
  for await (const page of driver.list(await driver.root(ctx), ctx)) {
    entries.push(...page.entries)
    missing += page.missing
  }
  return { entries, missing, names: entries.map(({ name }) => name).sort() }
}

async function child(name: string): Promise<Entry> {
  const found = (await listRoot()).entries.find((entry) => entry.name === name)
  if (!found) throw new Error(`"${name}" is not listed`)
  return found
}

function linkTo(entry: Entry): Promise<StreamLink> {
  return driver.link(entry, reader, ctx)
}

describe.runIf(isPosix)('symbolic links', () => {
  test('list() follows those that stay inside and hides all others, without failing', async () => {
    await writeFile(join(outer, 'secret.txt'), 'not yours')
    await writeFile(join(folder, 'film.mkv'), 'film')
    await symlink('film.mkv', join(folder, 'inside'))
    await symlink('../secret.txt', join(folder, 'outside'))
    await symlink('/etc', join(folder, 'elsewhere'))
    await symlink('nothing', join(folder, 'broken'))
    await symlink('loop', join(folder, 'loop'))
    await symlink('film.mkv/below', join(folder, 'through a file'))
    await symlink('x'.repeat(300), join(folder, 'too long'))
    expect((await listRoot()).names).toEqual(['film.mkv', 'inside'])
    const link = await linkTo(await child('inside'))
    expect(String(await buffer(await link.open(null, ctx)))).toBe('film')
  })

  test('find() and link() do not leave the folder', async () => {
    await writeFile(join(outer, 'secret.txt'), 'not yours')
    await symlink('../secret.txt', join(folder, 'outside'))
    const root = await driver.root(ctx)
    expect(await driver.find(root, 'outside', ctx)).toBeNull()
    const made = { ...root, id: 'outside' as Entry['id'], kind: 'file' as const, name: 'outside' }
    await expect(linkTo(made)).rejects.toMatchObject({ kind: 'NotFound' })
  })

  test('a link whose file was swapped for a way out after it was made is NotFound', async () => {
    await writeFile(join(outer, 'secret.txt'), 'not yours')
    await writeFile(join(folder, 'film.mkv'), 'film')
    const link = await linkTo(await child('film.mkv'))
    await rm(join(folder, 'film.mkv'))
    await symlink('../secret.txt', join(folder, 'film.mkv'))
    await expect(link.open(null, ctx)).rejects.toMatchObject({ kind: 'NotFound' })
  })
})

describe.runIf(isPosix)('what is neither file nor folder', () => {
  test('list() shows no pipes and sockets, and nothing opens them', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const server = createServer().listen(join(folder, 'socket'))
    try {
      expect((await listRoot()).names).toEqual([])
      const root = await driver.root(ctx)
      expect(await driver.find(root, 'pipe', ctx)).toBeNull()
      const made = { ...root, id: 'pipe' as Entry['id'], kind: 'file' as const, name: 'pipe' }
      await expect(linkTo(made)).rejects.toMatchObject({ kind: 'NotFound' })
    } finally {
      server.close()
    }
  })

  test('a link whose file was swapped for a pipe after it was made does not hang', async () => {
    await writeFile(join(folder, 'film.mkv'), 'film')
    const link = await linkTo(await child('film.mkv'))
    await rm(join(folder, 'film.mkv'))
    execFileSync('mkfifo', [join(folder, 'film.mkv')])
    await expect(link.open(null, ctx)).rejects.toMatchObject({ kind: 'NotFound' })
  })
})

describe('files that change', () => {
  test('open() of a file that vanished after its link was made is NotFound', async () => {
    await writeFile(join(folder, 'film.mkv'), 'film')
    const link = await linkTo(await child('film.mkv'))
    await rm(join(folder, 'film.mkv'))
    await expect(link.open(null, ctx)).rejects.toMatchObject({ kind: 'NotFound' })
  })

  test('open() looks at the size of now, not of when the link was made', async () => {
    await writeFile(join(folder, 'log.txt'), 'short')
    const link = await linkTo(await child('log.txt'))
    await writeFile(join(folder, 'log.txt'), 'much longer')
    expect(String(await buffer(await link.open({ start: 5, end: 10 }, ctx)))).toBe('longer')
    await writeFile(join(folder, 'log.txt'), 'x')
    await expect(link.open({ start: 5, end: 10 }, ctx)).rejects.toMatchObject({ kind: 'RangeNotSatisfiable' })
  })

  test('list() leaves out what vanishes while it reads', async () => {
    for (let i = 0; i < 700; i++) await writeFile(join(folder, `f${i}`), '')
    const names: string[] = []
    for await (const page of driver.list(await driver.root(ctx), ctx)) {
      if (names.length === 0) for (let i = 0; i < 700; i++) await rm(join(folder, `f${i}`))
      names.push(...page.entries.map(({ name }) => name))
      expect(page.missing).toBe(0)
    }
    expect(names).toHaveLength(500)
  })

  test('root() and list() of a folder that is gone are NotFound, one that became a file NotADirectory', async () => {
    const root = await driver.root(ctx)
    await rename(folder, join(outer, 'away'))
    await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'NotFound' })
    await expect(driver.list(root, ctx).next()).rejects.toMatchObject({ kind: 'NotFound' })
    await writeFile(folder, 'a file')
    await expect(driver.root(ctx)).rejects.toMatchObject({ kind: 'NotADirectory' })
    await expect(driver.list(root, ctx).next()).rejects.toMatchObject({ kind: 'NotADirectory' })
  })
})

describe('names', () => {
  test('find() of a name that no file system holds is null', async () => {
    const root = await driver.root(ctx)
    expect(await driver.find(root, '长'.repeat(100), ctx)).toBeNull()
  })

  test.runIf(process.platform === 'linux')('list() says how many names are no text', async () => {
    await writeFile(join(folder, 'good'), '')
    await writeFile(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), '')
    expect(await listRoot()).toMatchObject({ names: ['good'], missing: 1 })
  })

  test('list() hides names that begin with a dot only when asked to', async () => {
    await writeFile(join(folder, '.hidden'), '')
    expect((await listRoot()).names).toEqual(['.hidden'])
    driver = new LocalDriver({ folder, showsHidden: false })
    expect((await listRoot()).names).toEqual([])
    expect(await driver.find(await driver.root(ctx), '.hidden', ctx)).toBeNull()
  })
})

// Root may read everything, so there is nothing to refuse.
describe.runIf(isPosix && process.getuid?.() === 0)('folders that may not be read', () => {
  afterEach(() => process.seteuid?.(0))

  test('list() refuses them, and shows the folder they stand in', async () => {
    await mkdir(join(folder, 'closed'), { mode: 0o700 })
    await mkdir(join(outer, 'private', 'inner'), { recursive: true, mode: 0o700 })
    await writeFile(join(folder, 'closed', 'x'), '')
    await writeFile(join(folder, 'unreadable'), 'x', { mode: 0o600 })
    await symlink('../private/inner', join(folder, 'way into private'))
    execFileSync('chmod', ['755', outer, folder])
    process.seteuid?.(65_534)
    expect((await listRoot()).names).toEqual(['closed', 'unreadable'])
    const closed = await child('closed')
    await expect(driver.list(closed, ctx).next()).rejects.toMatchObject({ kind: 'PermissionDenied' })
    const link = await linkTo(await child('unreadable'))
    await expect(link.open(null, ctx)).rejects.toMatchObject({ kind: 'PermissionDenied' })
  })
})

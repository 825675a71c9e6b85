import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { manyEntries, namesIn, recordListing } from '../../test/contract/entry-store.ts'
import { silentLogger } from '../core/ctx.ts'
import { entryId } from '../core/entry.ts'
import { VPath } from '../core/path.ts'
import { Secret } from '../core/secret.ts'
import { ManualClock } from '../lib/clock.ts'
import type { StorageInput } from '../vfs/storage-record.ts'
import { type DatabaseOptions, type Databases, openDatabases } from './databases.ts'
import { openSqlite } from './sqlite.ts'

const input: StorageInput = {
  mountPath: '/115',
  order: 3,
  driver: '115 Cloud',
  options: { cookie: 'UID=1_A1_2;CID=topsecret', page_size: 1000, limit_rate: 2.5, active: true },
  remark: '备注',
  disabled: false,
  listingTtlMinutes: 30,
  webMode: 'redirect',
  davMode: 'proxy',
  proxyUrl: 'https://w.example/',
  signProxyUrl: true,
  requiresSign: false,
  orderBy: 'name',
  orderDirection: 'desc',
  directoriesPlace: 'front',
  extra: { custom_cache_policies: 'a:1', nested: { token: 'alsosecret' } },
}

const account = {
  name: 'alice',
  role: 'general',
  basePath: VPath.parse('/115/爱丽丝'),
  permission: 0x30ff,
  disabled: true,
  passwordChangedAt: new Date(1_700_000_000_000),
  allowsLdap: true,
  ssoId: 'sso',
} as const

describe('openDatabases()', () => {
  let folder: string
  let databases: Databases
  const clock = new ManualClock()
  const opened: Databases[] = []

  async function open(given: Partial<DatabaseOptions> = {}): Promise<Databases> {
    const one = await openDatabases({ folder, secretKey: null, exclusive: true, clock, ...given })
    opened.push(one)
    return one
  }

  async function reopen(given: Partial<DatabaseOptions> = {}): Promise<void> {
    await databases.close()
    databases = await open(given)
  }

  /** Everything the folder holds, as one text. */
  async function everyByte(): Promise<string> {
    const names = await readdir(folder)
    return (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join('\n')
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-data-'))
    databases = await open()
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
    await rm(folder, { recursive: true })
  })

  test('a storage comes back as it was saved, after a restart too', async () => {
    const saved = await databases.storages.create(input)
    expect(saved).toEqual({ ...input, id: 1, modifiedAt: new Date(clock.now()) })
    await reopen()
    expect(await databases.storages.get(1)).toEqual(saved)
    expect(await databases.storages.list()).toEqual([saved])
    expect(await databases.storages.get(2)).toBeNull()
  })

  test('storages are listed by order, then id', async () => {
    for (const [mountPath, order] of [
      ['/a', 2],
      ['/b', -1],
      ['/c', 2],
    ] as const) {
      await databases.storages.create({ ...input, mountPath, order })
    }
    expect((await databases.storages.list()).map(({ mountPath }) => mountPath)).toEqual(['/b', '/a', '/c'])
  })

  test('a mount path is taken once; ids of deleted storages are not given again', async () => {
    await databases.storages.create(input)
    await expect(databases.storages.create(input)).rejects.toMatchObject({ kind: 'AlreadyExists' })
    const other = await databases.storages.create({ ...input, mountPath: '/b' })
    await expect(databases.storages.update(other.id, input)).rejects.toMatchObject({ kind: 'AlreadyExists' })
    await databases.storages.delete(other.id)
    expect((await databases.storages.create({ ...input, mountPath: '/b' })).id).toBe(other.id + 1)
  })

  test('update() replaces everything but the id and says when', async () => {
    await databases.storages.create(input)
    await clock.advance(5000)
    const changed = {
      ...input,
      mountPath: '/x',
      remark: '',
      options: { cookie: '' },
      extra: {},
      disabled: true,
    }
    expect(await databases.storages.update(1, changed)).toEqual({
      ...changed,
      id: 1,
      modifiedAt: new Date(clock.now()),
    })
  })

  test('patchOptions() changes the options given and nothing else', async () => {
    const saved = await databases.storages.create(input)
    await databases.storages.patchOptions(1, { cookie: 'new', extra_token: 'x' })
    expect(await databases.storages.get(1)).toEqual({
      ...saved,
      options: { ...input.options, cookie: 'new', extra_token: 'x' },
    })
  })

  test('changes to a storage that is not there are NotFound', async () => {
    const { storages } = databases
    const changes = [
      storages.update(9, input),
      storages.patchOptions(9, {}),
      storages.setDisabled(9, true),
      storages.delete(9),
    ]
    for (const change of changes) await expect(change).rejects.toMatchObject({ kind: 'NotFound' })
  })

  test('setDisabled() changes that alone', async () => {
    const saved = await databases.storages.create(input)
    await databases.storages.setDisabled(1, true)
    expect(await databases.storages.get(1)).toEqual({ ...saved, disabled: true })
  })

  test('delete() forgets the tree of that storage', async () => {
    await databases.storages.create(input)
    await databases.storages.create({ ...input, mountPath: '/b' })
    for (const id of [1, 2])
      await recordListing(databases.entries.forStorage(id), entryId('0'), manyEntries(5))
    await databases.storages.delete(1)
    expect(await databases.entries.storageIds()).toEqual([2])
  })

  test('delete() beside the gateway takes nothing of what the gateway is recording', async () => {
    await databases.storages.create(input)
    const recording = databases.entries.forStorage(2).record(entryId('0'))
    await recording.add(manyEntries(600))
    const beside = await open({ exclusive: false })
    await beside.storages.delete(1)
    await recording.commit({ listedAtMs: 1, missing: 0 })
    expect(await namesIn(databases.entries.forStorage(2), entryId('0'))).toHaveLength(600)
  })

  test('delete() does not wait until a long tree is removed', async () => {
    await databases.storages.create(input)
    await recordListing(databases.entries.forStorage(1), entryId('0'), manyEntries(5000))
    await databases.storages.delete(1)
    await databases.close()
    const raw = await openSqlite({ path: join(folder, 'tree.db'), synchronous: 'normal', busyTimeoutMs: 0 })
    expect(raw.get<{ n: number }>('SELECT count(*) AS n FROM entry')?.n).toBeGreaterThan(0)
    raw.close()
    databases = await open()
    expect(await databases.entries.storageIds()).toEqual([])
  })

  test('a tree whose storage is gone is forgotten at the next start', async () => {
    await databases.storages.create(input)
    for (const id of [1, 77])
      await recordListing(databases.entries.forStorage(id), entryId('0'), manyEntries(5))
    await reopen()
    await vi.waitFor(async () => expect(await databases.entries.storageIds()).toEqual([1]))
  })

  test('closing does not wait for a long sweep, and a later start goes on with it', async () => {
    await recordListing(databases.entries.forStorage(77), entryId('0'), manyEntries(3000))
    const warnings: string[] = []
    const log = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) }
    await reopen({ log })
    await databases.close()
    const raw = await openSqlite({ path: join(folder, 'tree.db'), synchronous: 'normal', busyTimeoutMs: 0 })
    expect(raw.get<{ n: number }>('SELECT count(*) AS n FROM entry')?.n).toBeGreaterThan(0)
    raw.close()
    databases = await open({ log })
    await vi.waitFor(async () => expect(await databases.entries.storageIds()).toEqual([]))
    expect(warnings).toEqual([])
  })

  test('users come back as they were saved', async () => {
    const created = await databases.users.create({ user: { ...account, id: null }, passwordHash: 'hash 1' })
    expect(created).toEqual({ ...account, id: 1 })
    await reopen()
    expect(await databases.users.find('alice')).toEqual({ user: created, passwordHash: 'hash 1' })
    expect(await databases.users.find('Alice')).toBeNull()
    const changed = { user: { ...created, name: 'bob', disabled: false }, passwordHash: 'hash 2' }
    expect(await databases.users.update(changed)).toEqual(changed.user)
    expect(await databases.users.get(1)).toEqual(changed)
    expect(await databases.users.list()).toEqual([changed.user])
  })

  test('user names and ids are taken once, and ids are not given again', async () => {
    const { users } = databases
    const create = (name: string, id: number | null = null) =>
      users.create({ user: { ...account, name, id }, passwordHash: '' })
    await create('admin', 1)
    await create('guest', 2)
    await expect(create('admin')).rejects.toMatchObject({ kind: 'AlreadyExists' })
    await expect(create('other', 2)).rejects.toMatchObject({ kind: 'AlreadyExists' })
    const alice = await create('alice')
    await expect(users.update({ user: { ...alice, name: 'guest' }, passwordHash: '' })).rejects.toMatchObject(
      { kind: 'AlreadyExists' },
    )
    await users.delete(alice.id)
    expect((await create('bob')).id).toBe(alice.id + 1)
    await expect(users.delete(alice.id)).rejects.toMatchObject({ kind: 'NotFound' })
    await expect(users.update({ user: alice, passwordHash: '' })).rejects.toMatchObject({ kind: 'NotFound' })
  })

  test('settings come back, later ones replace earlier ones, all changes or none', async () => {
    await databases.settings.save([
      { key: 'site_title', value: 'one', secret: false },
      { key: 'token', value: 'alist-1', secret: true },
    ])
    const broken = [
      { key: 'site_title', value: 'two', secret: false },
      { key: 'token', value: undefined as never, secret: false },
      { key: null as never, value: '', secret: false },
    ]
    await expect(databases.settings.save(broken)).rejects.toThrow()
    await reopen()
    expect(await databases.settings.load()).toEqual(
      new Map([
        ['site_title', 'one'],
        ['token', 'alist-1'],
      ]),
    )
  })

  test('revoked sessions stay revoked until they would have ended', async () => {
    await databases.tokens.revoke('a', new Date(1000))
    await databases.tokens.revoke('a', new Date(1000))
    await databases.tokens.revoke('b', new Date(3000))
    await reopen()
    expect(await databases.tokens.isRevoked('a')).toBe(true)
    await databases.tokens.sweep(new Date(2000))
    expect(await databases.tokens.isRevoked('a')).toBe(false)
    expect(await databases.tokens.isRevoked('b')).toBe(true)
  })

  test('no secret stands in any file of the folder', async () => {
    await databases.storages.create(input)
    await databases.storages.patchOptions(1, { cookie: 'UID=patched' })
    await databases.settings.save([{ key: 'token', value: 'alist-statictoken', secret: true }])
    await databases.close()
    const text = await everyByte()
    expect(text).toContain('/115')
    for (const secret of ['topsecret', 'alsosecret', 'UID=patched', 'statictoken']) {
      expect(text).not.toContain(secret)
    }
  })

  test("one storage's sealed options cannot be put on another", async () => {
    await databases.storages.create(input)
    await databases.storages.create({ ...input, mountPath: '/b', options: { cookie: 'mine' } })
    await databases.close()
    const path = join(folder, 'settings.db')
    const raw = await openSqlite({ path, synchronous: 'full', busyTimeoutMs: 0 })
    raw.exec('UPDATE storage SET sealed = (SELECT sealed FROM storage WHERE id = 1) WHERE id = 2')
    raw.close()
    databases = await open()
    await expect(databases.storages.get(2)).rejects.toThrow('storage/2')
    expect((await databases.storages.get(1))?.options).toEqual(input.options)
  })

  test('a wrong key is refused before anything is sealed with it', async () => {
    await databases.storages.create(input)
    await databases.close()
    const wrong = { secretKey: new Secret('another key of sixteen') }
    await expect(open(wrong)).rejects.toMatchObject({ kind: 'InvalidInput' })
    databases = await open()
    expect((await databases.storages.get(1))?.options).toEqual(input.options)
  })

  test('a key file that is gone is said so, and none is made in its place', async () => {
    await databases.close()
    await rm(join(folder, 'secret.key'))
    await expect(open()).rejects.toMatchObject({ kind: 'NotFound' })
    expect(await readdir(folder)).not.toContain('secret.key')
  })

  test('only one gateway at a time, but administration alongside', async () => {
    await expect(open()).rejects.toMatchObject({ kind: 'Conflict' })
    const beside = await open({ exclusive: false })
    await beside.users.create({ user: { ...account, id: null }, passwordHash: '' })
    expect(await databases.users.find('alice')).not.toBeNull()
    await beside.close()
    await expect(open()).rejects.toMatchObject({ kind: 'Conflict' })
  })

  test('a long recording does not keep settings waiting', async () => {
    const recording = recordListing(databases.entries.forStorage(1), entryId('0'), manyEntries(5000))
    let saves = 0
    const done = recording.then(() => saves)
    for (; saves < 5; saves++) {
      await databases.settings.save([{ key: 'site_title', value: String(saves), secret: false }])
    }
    expect(await done).toBe(5)
  })

  test('a damaged tree is set aside and begun anew; accounts are not touched', async () => {
    await databases.users.create({ user: { ...account, id: null }, passwordHash: '' })
    await databases.close()
    await writeFile(join(folder, 'tree.db'), 'this is no database, whatever its name says '.repeat(200))
    databases = await open()
    expect(await databases.entries.forStorage(1).remembered(entryId('0'))).toBeNull()
    expect(await databases.users.find('alice')).not.toBeNull()
    expect(await readdir(folder)).toContain('tree.db.damaged')
  })

  test('a tree that looks damaged is never set aside beside a gateway that uses it', async () => {
    await databases.close()
    await writeFile(join(folder, 'tree.db'), 'this is no database, whatever its name says '.repeat(200))
    await expect(open({ exclusive: false })).rejects.toMatchObject({ kind: 'Internal' })
    expect(await readdir(folder)).not.toContain('tree.db.damaged')
  })

  test('deriveKey() is the same after a restart and differs by purpose', async () => {
    const key = Buffer.from(databases.deriveKey('sessions'))
    expect(key.equals(databases.deriveKey('signs'))).toBe(false)
    await reopen()
    expect(key.equals(databases.deriveKey('sessions'))).toBe(true)
  })

  test('only the owner may read the settings file', async () => {
    expect((await stat(join(folder, 'settings.db'))).mode & 0o777).toBe(0o600)
  })
})

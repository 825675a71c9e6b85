import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStorageStore, subject } from '../../test/support/fakes.ts'
import { faults } from '../../test/support/faulty.ts'
import { makeCtx, silentLogger } from '../core/ctx.ts'
import type { Driver } from '../core/driver.ts'
import { wrap } from '../core/driver.ts'
import type { DriverEnv } from '../core/driver-definition.ts'
import { isStorageError, StorageError, type ErrorKind } from '../core/errors.ts'
import type { LinkRequest, UrlLink } from '../core/link.ts'
import type { OpenUrl } from '../core/open-url.ts'
import { VPath } from '../core/path.ts'
import { MemoryDriver } from '../drivers/memory/driver.ts'
import { createMemoryEntryStore } from '../layers/memory-entry-store.ts'
import { systemClock } from '../lib/clock.ts'
import { createReader } from './reader.ts'
import { newStorage } from './storage-record.ts'
import { type AvailableDriver, Storages } from './storages.ts'
import type { Subject } from './subject.ts'
import { View } from './view.ts'

const ctx = makeCtx()
const is = (kind: ErrorKind) => (error: unknown) => isStorageError(error, kind)
const noUrls: OpenUrl = async () => {
  throw new Error('nobody opens a URL here')
}

/** A memory driver as it comes from the registry; `trees` lets a test reach the one behind each mount. */
function memoryDefinition(
  trees: Map<string, MemoryDriver>,
  around: (driver: Driver) => Driver = (driver) => driver,
) {
  return {
    definition: {
      name: 'Memory',
      options: [
        { name: 'label', type: 'string', default: '', required: true, help: { zh: '名称', en: 'label' } },
        { name: 'password', type: 'string', default: '', secret: true, help: { zh: '密码', en: 'password' } },
      ],
      rootOption: null,
      mustProxy: true,
      create: () => new MemoryDriver(),
    },
    create: (options) => {
      const driver = trees.get(String(options['label'])) ?? new MemoryDriver()
      trees.set(String(options['label']), driver)
      return around(wrap(driver, { dispose: () => async () => {} }))
    },
  } satisfies AvailableDriver
}

describe('Storages and View', () => {
  let trees: Map<string, MemoryDriver>
  let script: ReturnType<typeof faults>
  let store: ReturnType<typeof memoryStorageStore>
  let storages: Storages

  const makeStorages = () =>
    new Storages({
      store,
      drivers: [memoryDefinition(trees, (driver) => script.layer(driver))],
      entries: () => createMemoryEntryStore(),
      clock: systemClock,
      log: silentLogger,
    })

  const view = (given: Subject = subject()) =>
    new View({
      subject: given,
      mounts: () => storages.mounts(),
      reader: createReader({ openUrl: noUrls, userAgent: 'panport' }),
    })

  const names = async (path: string, given: View = view(), asking = ctx) => {
    const found: string[] = []
    const listing = await given.list(VPath.parse(path), asking)
    for await (const page of listing.pages) found.push(...page.entries.map(({ entry }) => entry.name))
    return found
  }

  const mount = (mountPath: string, label = mountPath) =>
    storages.create(newStorage({ mountPath, driver: 'Memory', options: { label } }))

  const fill = async (label: string, files: Readonly<Record<string, string>>) => {
    const tree = trees.get(label)
    if (!tree) throw new Error(`no tree ${label}`)
    const root = await tree.root(ctx)
    const folder = tree.makeDirectory(root, 'films')
    for (const [name, text] of Object.entries(files)) tree.put(folder, name, Buffer.from(text))
  }

  beforeEach(() => {
    trees = new Map()
    script = faults()
    store = memoryStorageStore()
    storages = makeStorages()
  })

  test('locate() and list() walk from the root through mounts into a storage', async () => {
    await mount('/cloud/one')
    await mount('/two')
    await fill('/cloud/one', { 'a.mkv': 'film' })
    expect(await names('/')).toEqual(['cloud', 'two'])
    expect(await names('/cloud')).toEqual(['one'])
    expect(await names('/cloud/one')).toEqual(['films'])
    const file = await view().locate(VPath.parse('/cloud/one/films/a.mkv'), ctx)
    expect(file).toMatchObject({ entry: { name: 'a.mkv', size: 4 } })
    const opened = await view().open(file, { start: 1, end: 2 }, ctx)
    expect((await buffer(opened.body)).toString()).toBe('il')
  })

  test('the deepest mount covers a path, and a mount hides an entry of its name', async () => {
    await mount('/')
    await mount('/films')
    await fill('/', { 'below.txt': 'hidden by the mount' })
    await fill('/films', {})
    expect(await names('/')).toEqual(['films'])
    expect(await names('/films')).toEqual(['films'])
    await expect(view().locate(VPath.parse('/films/below.txt'), ctx)).rejects.toSatisfy(is('NotFound'))
  })

  test('a base path confines, on segment borders', async () => {
    await mount('/team/a')
    await mount('/team/ab')
    await fill('/team/a', { 'x.txt': 'x' })
    const confined = view(subject({ basePath: '/team/a' }))
    expect(await names('/', confined)).toEqual(['films'])
    const file = await confined.locate(VPath.parse('/films/x.txt'), ctx)
    expect([String(file.path), String(file.fullPath)]).toEqual(['/films/x.txt', '/team/a/films/x.txt'])
    await expect(confined.locate(VPath.parse('/b'), ctx)).rejects.toSatisfy(is('NotFound'))
  })

  test('nothing is located, listed, linked or opened without the right', async () => {
    await mount('/one')
    await fill('/one', { 'x.txt': 'x' })
    const path = VPath.parse('/one/films/x.txt')
    const file = await view().locate(path, ctx)
    const stranger = view(subject({ can: () => false }))
    await expect(stranger.locate(path, ctx)).rejects.toSatisfy(is('PermissionDenied'))
    await expect(stranger.list(VPath.root, ctx)).rejects.toSatisfy(is('PermissionDenied'))
    await expect(stranger.link(file, { userAgent: 'A', clientIp: null }, ctx)).rejects.toSatisfy(
      is('PermissionDenied'),
    )
    await expect(stranger.open(file, null, ctx)).rejects.toSatisfy(is('PermissionDenied'))
  })

  test('the truth of now needs the right to refresh', async () => {
    await mount('/one')
    const reader = view(subject({ can: (right) => right === 'read' }))
    await expect(reader.list(VPath.parse('/one'), { ...ctx, fresh: true })).rejects.toSatisfy(
      is('PermissionDenied'),
    )
  })

  test('a storage that does not come up stays mounted and is tried again', async () => {
    script.fail('root', 'Unavailable', { times: 2 })
    const saved = await mount('/one')
    expect(saved.initError).toSatisfy(is('Unavailable'))
    expect(storages.status(saved.record)).toMatchObject({ state: 'failed' })
    expect(await names('/')).toEqual(['one'])
    await expect(names('/one')).rejects.toSatisfy(is('Unavailable'))
    expect(await names('/one')).toEqual([])
    expect(storages.status(saved.record)).toMatchObject({ state: 'work' })
  })

  test('a login that dies, and an account that is blocked, are the state of the storage until it works again', async () => {
    const { record } = await mount('/one')
    await fill('/one', { 'x.txt': 'x' })
    const state = () => storages.status(record).state
    const refresh = () => names('/one', view(), { ...ctx, fresh: true }).catch(() => null)
    expect(state()).toBe('work')
    for (const kind of ['NotFound', 'Unavailable', 'Protocol', 'RateLimited'] as const) {
      script.fail('list', kind)
      await refresh()
      expect([kind, state()]).toEqual([kind, 'work'])
    }
    script.fail('list', 'AuthExpired')
    await refresh()
    expect(storages.status(record)).toMatchObject({ state: 'failed', error: { kind: 'AuthExpired' } })
    await refresh()
    expect(state()).toBe('work')
  })

  test('a broken storage does not hide what is mounted below it', async () => {
    await mount('/')
    await mount('/deep/er')
    script.fail('list', 'Unavailable')
    expect(await names('/')).toEqual(['deep'])
  })

  test('a listing that breaks off is never ended with the mounts as if it were whole', async () => {
    await mount('/')
    await mount('/deep/er')
    await fill('/', { 'a.mkv': 'film' })
    script.fail('list', 'Unavailable', { afterPages: 1 })
    await expect(names('/')).rejects.toSatisfy(is('Unavailable'))
  })

  test('a folder on the way to a mount stands in for a file of its name, as listings show it', async () => {
    await mount('/')
    await mount('/films/deep/er')
    await fill('/', { deep: 'a file' })
    expect(await names('/films')).toEqual(['deep'])
    const found = await view().locate(VPath.parse('/films/deep'), ctx)
    expect(found.entry.kind).toBe('directory')
  })

  test('a folder on the way to a mount is there while the storage above it fails, and that is logged', async () => {
    await mount('/')
    await mount('/films/er')
    await fill('/', {})
    const warnings: object[] = []
    const log = { ...silentLogger, warn: (fields: object) => warnings.push(fields) }
    script.fail('list', 'Unavailable')
    const path = VPath.parse('/films')
    expect((await view().locate(path, makeCtx({ log }))).entry.kind).toBe('directory')
    expect(warnings).toMatchObject([{ error: { kind: 'Unavailable' } }])
    await expect(view().locate(path, makeCtx({ signal: AbortSignal.abort() }))).rejects.toSatisfy(
      is('Cancelled'),
    )
  })

  test('create() refuses bad input before anything is saved', async () => {
    const bad = (given: Parameters<typeof newStorage>[0]) => storages.create(newStorage(given))
    await expect(bad({ mountPath: '/x', driver: 'Floppy' })).rejects.toSatisfy(is('InvalidInput'))
    await expect(bad({ mountPath: '/x', driver: 'Memory' })).rejects.toSatisfy(is('InvalidInput'))
    await expect(bad({ mountPath: '/../x', driver: 'Memory', options: { label: 'a' } })).rejects.toSatisfy(
      is('InvalidName'),
    )
    expect(await storages.list()).toEqual([])
    await mount('/x')
    await expect(mount('/x')).rejects.toSatisfy(is('AlreadyExists'))
    expect(await storages.list()).toHaveLength(1)
  })

  test('update() keeps the driver and moves the mount', async () => {
    const { record } = await mount('/x')
    const input = newStorage({ mountPath: 'y/z/', driver: 'Memory', options: { label: '/x' } })
    await expect(storages.update(record.id, { ...input, driver: 'Floppy' })).rejects.toSatisfy(is('Conflict'))
    await storages.update(record.id, input)
    expect(await names('/')).toEqual(['y'])
    await expect(storages.update(99, input)).rejects.toSatisfy(is('NotFound'))
  })

  test('disable, enable and delete change what is mounted', async () => {
    const { record } = await mount('/x')
    await storages.setDisabled(record.id, true)
    expect(storages.mounts().isEmpty).toBe(true)
    await expect(storages.setDisabled(record.id, true)).rejects.toSatisfy(is('Conflict'))
    await storages.setDisabled(record.id, false)
    expect(await names('/')).toEqual(['x'])
    await storages.delete(record.id)
    expect(storages.mounts().isEmpty).toBe(true)
    await expect(storages.delete(record.id)).rejects.toSatisfy(is('NotFound'))
  })

  test('start() mounts what is saved, and one bad row stops nobody', async () => {
    await mount('/good')
    await store.create(newStorage({ mountPath: '/bad', driver: 'gone in this version' }))
    storages = makeStorages()
    await storages.start()
    expect(await names('/')).toEqual(['good'])
  })

  test('a row of an unknown driver says so in its status', async () => {
    const row = await store.create(newStorage({ mountPath: '/bad', driver: 'gone in this version' }))
    await storages.start()
    expect(storages.status(row)).toMatchObject({
      state: 'failed',
      error: { kind: 'InvalidInput', message: 'no driver named: gone in this version' },
    })
    const enabled = await storages.setDisabled(row.id, true).then(() => storages.setDisabled(row.id, false))
    expect(enabled.initError).toSatisfy(is('InvalidInput'))
  })

  test('a cloud that does not answer delays no other change, and disposing does not wait for it', async () => {
    script.hold()
    const slow = mount('/slow')
    const row = await store.create(newStorage({ mountPath: '/off', driver: 'Memory', disabled: true }))
    await storages.delete(row.id)
    const told = expect(slow).resolves.toMatchObject({ initError: { kind: 'Unavailable' } })
    await storages.dispose()
    await told
  })

  test('a storage that is deleted ends the listings that run on it', async () => {
    const { record } = await mount('/one')
    await fill('/one', { 'a.mkv': 'film' })
    script.hold()
    const running = expect(names('/one')).rejects.toSatisfy(is('Unavailable'))
    await new Promise((resolve) => setImmediate(resolve))
    await storages.delete(record.id)
    await running
    script.release()
  })

  test('what a driver saves late does not replace what a person saved meanwhile', async () => {
    const envs: DriverEnv[] = []
    const plain = memoryDefinition(trees)
    storages = new Storages({
      store,
      drivers: [
        {
          ...plain,
          create: (options, env) => {
            envs.push(env)
            return plain.create(options)
          },
        },
      ],
      entries: () => createMemoryEntryStore(),
      clock: systemClock,
      log: silentLogger,
    })
    const { record } = await mount('/x')
    const first = envs.at(-1)
    await first?.saveOptions({ password: 'refreshed' })
    await first?.saveOptions({ password: 'refreshed again' })
    expect((await storages.get(record.id)).options).toMatchObject({ password: 'refreshed again' })
    const input = newStorage({
      mountPath: '/x',
      driver: 'Memory',
      options: { label: '/x', password: 'typed' },
    })
    await storages.update(record.id, input)
    await expect(first?.saveOptions({ password: 'late' })).rejects.toSatisfy(is('Conflict'))
    expect((await storages.get(record.id)).options).toMatchObject({ password: 'typed' })
  })
})

describe('createReader()', () => {
  /** A cloud that hands out links with rules and keeps count. */
  function linkingStorage(maxConnections: number | null) {
    let issued = 0
    const storage = {
      link: async (): Promise<UrlLink> => {
        issued += 1
        return {
          kind: 'url',
          url: 'https://cdn.example/same',
          headers: { 'user-agent': 'panport' },
          expiresAt: null,
          maxConnections,
          boundTo: ['userAgent'],
        }
      },
    }
    return { storage: storage as never, issued: () => issued }
  }
  const file = { name: 'f', kind: 'file', size: 100 } as never

  test('never has more connections open than the link allows, and serves all in turn', async () => {
    let now = 0
    let most = 0
    const openUrl: OpenUrl = async () => {
      now += 1
      most = Math.max(most, now)
      const body = Readable.from([Buffer.from('abc')], { objectMode: false })
      body.once('close', () => {
        now -= 1
      })
      return { status: 206, length: 3, totalSize: 100, body }
    }
    const reader = createReader({ openUrl, userAgent: 'panport' })
    const { storage } = linkingStorage(2)
    const texts = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { body } = await reader.open(storage, file, { start: 0, end: 2 }, ctx)
        return (await buffer(body)).toString()
      }),
    )
    expect(texts).toEqual(Array.from({ length: 10 }, () => 'abc'))
    expect(most).toBe(2)
  })

  test('who waits for a connection may leave', async () => {
    const bodies: Readable[] = []
    const openUrl: OpenUrl = async () => {
      const body = new Readable({ read() {} })
      bodies.push(body)
      return { status: 206, length: 3, totalSize: 100, body }
    }
    const reader = createReader({ openUrl, userAgent: 'panport' })
    const { storage } = linkingStorage(1)
    await reader.open(storage, file, null, ctx)
    const leaver = new AbortController()
    const waiting = reader.open(storage, file, null, makeCtx({ signal: leaver.signal }))
    const told = expect(waiting).rejects.toSatisfy(is('Cancelled'))
    leaver.abort()
    await told
    bodies[0]?.destroy()
    await reader.open(storage, file, null, ctx)
    expect(bodies).toHaveLength(2)
  })

  test('asks for another link once when one is refused, and no more', async () => {
    let opened = 0
    const openUrl: OpenUrl = async () => {
      opened += 1
      throw new StorageError('PermissionDenied', 'the address answers 403')
    }
    const reader = createReader({ openUrl, userAgent: 'panport' })
    const { storage, issued } = linkingStorage(null)
    await expect(reader.open(storage, file, null, ctx)).rejects.toSatisfy(is('PermissionDenied'))
    expect([issued(), opened]).toEqual([2, 2])
  })

  test('100 readers refused one after another share one new link', async () => {
    const links: string[] = ['https://cdn.example/old']
    const storage = {
      link: async (_file: unknown, { refused }: LinkRequest): Promise<UrlLink> => {
        if (refused === links.at(-1)) links.push(`https://cdn.example/new${links.length}`)
        const url = links.at(-1) ?? ''
        return { kind: 'url', url, headers: {}, expiresAt: null, maxConnections: null, boundTo: [] }
      },
    } as never
    const refusals: (() => void)[] = []
    const openUrl: OpenUrl = async ({ url }) => {
      if (url.endsWith('old')) {
        await new Promise<void>((resolve) => refusals.push(resolve))
        throw new StorageError('PermissionDenied', 'the address answers 403')
      }
      return { status: 206, length: 3, totalSize: 100, body: Readable.from([Buffer.from('abc')]) }
    }
    const reader = createReader({ openUrl, userAgent: 'panport' })
    const readers = Array.from({ length: 100 }, () => reader.open(storage, file, null, ctx))
    await new Promise((resolve) => setImmediate(resolve))
    for (const refuse of refusals) {
      refuse()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await Promise.all(readers)).toHaveLength(100)
    expect(links).toHaveLength(2)
  })

  test('a range behind the end is refused without asking anybody', async () => {
    const reader = createReader({ openUrl: noUrls, userAgent: 'panport' })
    const { storage, issued } = linkingStorage(null)
    await expect(reader.open(storage, file, { start: 100, end: 120 }, ctx)).rejects.toSatisfy(
      is('RangeNotSatisfiable'),
    )
    expect(issued()).toBe(0)
  })
})

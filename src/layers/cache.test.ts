import { beforeEach, describe, expect, test } from 'vitest'
import { faults } from '../../test/support/faulty.ts'
import { makeCtx } from '../core/ctx.ts'
import { type Driver, stack, wrap } from '../core/driver.ts'
import type { Entry } from '../core/entry.ts'
import { isStorageError } from '../core/errors.ts'
import type { UrlLink } from '../core/link.ts'
import { MemoryDriver } from '../drivers/memory/driver.ts'
import { ManualClock } from '../lib/clock.ts'
import { cache, distrustRoot } from './cache.ts'
import { createMemoryEntryStore } from './memory-entry-store.ts'
import { singleflight } from './singleflight.ts'

const minute = 60_000
const ctx = makeCtx()

describe('cache()', () => {
  let clock: ManualClock
  let memory: MemoryDriver
  let root: Entry
  let script: ReturnType<typeof faults>
  let store: ReturnType<typeof createMemoryEntryStore>
  let driver: Driver

  const build = (inner: Driver = memory) =>
    stack(inner, [script.layer, singleflight(), cache({ store, clock, listingTtlMs: 30 * minute })])

  const names = async (directory: Entry, given = ctx) => {
    const found: string[] = []
    for await (const page of driver.list(directory, given))
      found.push(...page.entries.map(({ name }) => name))
    return found
  }

  beforeEach(async () => {
    clock = new ManualClock()
    memory = new MemoryDriver(() => clock.now())
    root = await memory.root(ctx)
    for (let i = 0; i < 250; i += 1) memory.put(root, `f${i}`, Buffer.from(String(i)))
    memory.makeDirectory(root, 'empty')
    script = faults()
    store = createMemoryEntryStore()
    driver = build()
  })

  test('list asks once while fresh, then again', async () => {
    expect(await names(root)).toHaveLength(251)
    expect(await names(root)).toHaveLength(251)
    expect(script.calls.list).toBe(1)
    await clock.advance(31 * minute)
    expect(await names(root)).toHaveLength(251)
    expect(script.calls.list).toBe(2)
  })

  test('list remembers an empty directory too', async () => {
    const empty = await driver.find?.(root, 'empty', ctx)
    if (!empty) throw new Error('not found')
    for (let i = 0; i < 10; i += 1) expect(await names(empty)).toEqual([])
    expect(script.calls.list).toBe(2)
  })

  test('list survives a restart in its store', async () => {
    await names(root)
    driver = build()
    expect(await names(root)).toHaveLength(251)
    expect(script.calls.list).toBe(1)
  })

  test('list shows changes at once when the truth of now is asked for', async () => {
    await names(root)
    memory.put(root, 'new', Buffer.from('x'))
    expect(await names(root)).not.toContain('new')
    expect(await names(root, { ...ctx, fresh: true })).toContain('new')
    expect(await names(root)).toContain('new')
  })

  test('list that fails midway leaves nothing half remembered', async () => {
    script.fail('list', 'Unavailable', { afterPages: 1 })
    await expect(names(root)).rejects.toSatisfy((error) => isStorageError(error, 'Unavailable'))
    expect(await store.remembered(root.id)).toBeNull()
    expect(await names(root)).toHaveLength(251)
  })

  test('list that fails when stale answers what is remembered, not less', async () => {
    await names(root)
    await clock.advance(31 * minute)
    for (const kind of ['RateLimited', 'Unavailable', 'AuthExpired', 'Protocol'] as const) {
      script.fail('list', kind, { afterPages: 1 })
      expect(await names(root)).toHaveLength(251)
    }
  })

  test('list that fails is told to who asked for the truth of now', async () => {
    await names(root)
    script.fail('list', 'RateLimited')
    await expect(names(root, { ...ctx, fresh: true })).rejects.toSatisfy((error) =>
      isStorageError(error, 'RateLimited'),
    )
    expect(await names(root)).toHaveLength(251)
  })

  test('list of a directory that is gone forgets it', async () => {
    const empty = await driver.find?.(root, 'empty', ctx)
    if (!empty) throw new Error('not found')
    await names(empty)
    memory.drop(empty)
    await expect(names(empty, { ...ctx, fresh: true })).rejects.toSatisfy((error) =>
      isStorageError(error, 'NotFound'),
    )
    await expect(names(empty)).rejects.toSatisfy((error) => isStorageError(error, 'NotFound'))
  })

  test('20 lists of one unseen directory at once are one', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => names(root)))
    expect(all.map((each) => each.length)).toEqual(Array.from({ length: 20 }, () => 251))
    expect(script.calls.list).toBe(1)
  })

  test('who comes late to a long listing gets all of it, from the same requests', async () => {
    for (let i = 0; i < 3000; i += 1) memory.put(root, `more ${i}`, Buffer.from('x'))
    const early = driver.list(root, ctx)[Symbol.asyncIterator]()
    for (let i = 0; i < 12; i += 1) await early.next()
    const late = names(root)
    await early.return?.()
    expect(new Set(await late).size).toBe(3251)
    expect(script.calls.list).toBe(1)
  })

  test('the first of ten listers leaving harms none of the others', async () => {
    script.hold()
    const leaver = new AbortController()
    const first = names(root, makeCtx({ signal: leaver.signal }))
    const others = Array.from({ length: 9 }, () => names(root))
    const told = expect(first).rejects.toSatisfy((error) => isStorageError(error, 'Cancelled'))
    await new Promise((resolve) => setImmediate(resolve))
    leaver.abort()
    await told
    script.release()
    expect((await Promise.all(others)).map((each) => each.length)).toEqual(
      Array.from({ length: 9 }, () => 251),
    )
    expect(script.calls.list).toBe(1)
  })

  test('find answers from the remembered listing, also that nothing is there', async () => {
    expect((await driver.find?.(root, 'f7', ctx))?.name).toBe('f7')
    expect(await driver.find?.(root, 'nothing', ctx)).toBeNull()
    expect(script.calls.list).toBe(1)
  })

  test('paths are walked in memory also after another directory was found to be gone', async () => {
    memory.put(memory.makeDirectory(memory.makeDirectory(root, 'a'), 'b'), 'x', Buffer.from('x'))
    let asked = 0
    driver = build({
      ...wrap(memory, {}),
      findDirectory: async () => {
        asked += 1
        return null
      },
    })
    const open = async (directory: Entry, name: string) => {
      const found = await driver.find?.(directory, name, ctx)
      if (!found) throw new Error(`no ${name}`)
      return found
    }
    await open(await open(await driver.root(ctx), 'a'), 'b')
    const empty = await open(root, 'empty')
    memory.drop(empty)
    await expect(names(empty, { ...ctx, fresh: true })).rejects.toSatisfy((error) =>
      isStorageError(error, 'NotFound'),
    )
    expect((await driver.findDirectory?.(['a', 'b'], ctx))?.name).toBe('b')
    expect(asked).toBe(0)
  })

  test('root asks once in a life and is remembered for when the cloud is down', async () => {
    await driver.root(ctx)
    await driver.root(ctx)
    expect(script.calls.root).toBe(1)
    driver = build()
    script.fail('root', 'Unavailable')
    expect((await driver.root(ctx)).id).toBe(root.id)
  })

  test('while the cloud cannot be reached what is remembered is served without asking each time', async () => {
    await driver.root(ctx)
    await names(root)
    const empty = await driver.find?.(root, 'empty', ctx)
    await names(empty as Entry)
    driver = build()
    await clock.advance(31 * minute)
    script.fail('root', 'Unavailable')
    const before = { ...script.calls }
    for (let i = 0; i < 10; i += 1) {
      expect((await driver.root(ctx)).id).toBe(root.id)
      expect(await names(root)).toHaveLength(251)
      expect(await names(empty as Entry)).toEqual([])
    }
    expect(script.calls).toEqual({ ...before, root: 2 })
    await clock.advance(minute)
    await names(root)
    expect(script.calls.list).toBe((before.list ?? 0) + 1)
  })

  test('root asked twice at once, once for the truth of now, is one request', async () => {
    await Promise.all([driver.root({ ...ctx, fresh: true }), driver.root(ctx)])
    expect(script.calls.root).toBe(1)
  })

  test('after distrustRoot() nothing remembered is shown before the cloud has named the root', async () => {
    const withFolders = wrap(memory, {})
    withFolders.findDirectory = async () => null
    memory.makeDirectory(root, 'a')
    await driver.root(ctx)
    await names(root)
    await distrustRoot(store)
    driver = build(withFolders)
    script.fail('root', 'Unavailable', { times: 2 })
    await expect(driver.root(ctx)).rejects.toSatisfy((error) => isStorageError(error, 'Unavailable'))
    await expect(driver.findDirectory?.(['a'], ctx)).rejects.toSatisfy((error) =>
      isStorageError(error, 'Unavailable'),
    )
    expect((await driver.findDirectory?.(['a'], ctx))?.name).toBe('a')
  })

  test('root of another account forgets the tree of the first', async () => {
    const withAccount = (account: string) =>
      wrap(memory, { root: (next) => async (given) => ({ ...(await next(given)), native: { account } }) })
    driver = build(withAccount('1'))
    await driver.root(ctx)
    await names(root)
    driver = build(withAccount('1'))
    await driver.root(ctx)
    expect(await store.remembered(root.id)).not.toBeNull()
    driver = build(withAccount('2'))
    await driver.root(ctx)
    expect(await store.remembered(root.id)).toBeNull()
  })

  describe('links', () => {
    let lifeMs: number
    let bound: boolean

    const linking = () =>
      wrap(new MemoryDriver(), {
        link: () => async (file, want) =>
          ({
            kind: 'url',
            url: `https://cdn.example/${file.name}?k=${clock.now()}-${want.userAgent}`,
            headers: bound ? { 'user-agent': want.userAgent } : {},
            expiresAt: new Date(clock.now() + lifeMs),
            maxConnections: 2,
            boundTo: bound ? ['userAgent'] : [],
          }) satisfies UrlLink,
      })

    const ask = async (userAgent: string, given = ctx, more: { refused?: string } = {}) => {
      const file = { ...root, id: root.id, kind: 'file' as const }
      const link = await driver.link(file, { userAgent, clientIp: null, ...more }, given)
      return link.kind === 'url' ? link.url : ''
    }

    beforeEach(() => {
      lifeMs = 3600_000
      bound = true
      const inner = linking()
      driver = build({ ...inner, traits: { ...inner.traits, linksBoundTo: ['userAgent'] } })
    })

    test('one link serves one user agent for its life, then exactly one new one', async () => {
      for (let i = 0; i < 10; i += 1) await ask('A')
      expect(script.calls.link).toBe(1)
      await clock.advance(3600_000 - 61_000)
      await ask('A')
      expect(script.calls.link).toBe(1)
      await clock.advance(2_000)
      await Promise.all(Array.from({ length: 10 }, () => ask('A')))
      expect(script.calls.link).toBe(2)
    })

    test('each user agent gets a link of its own, an unbound link serves all', async () => {
      for (let i = 0; i < 10; i += 1) await ask(`player ${i}`)
      expect(script.calls.link).toBe(10)
      bound = false
      await ask('anybody', { ...ctx, fresh: true })
      for (let i = 0; i < 10; i += 1) await ask(`other player ${i}`)
      expect(script.calls.link).toBe(11)
    })

    test('200 at once from 4 user agents are 4 links', async () => {
      await Promise.all(Array.from({ length: 200 }, (_, i) => ask(`player ${i % 4}`)))
      expect(script.calls.link).toBe(4)
    })

    test('a refused link is replaced once, whenever its readers come back', async () => {
      const refused = await ask('A')
      await clock.advance(1000)
      const asked = await Promise.all(Array.from({ length: 100 }, () => ask('A', ctx, { refused })))
      expect(new Set([...asked, await ask('A', ctx, { refused }), await ask('A')]).size).toBe(1)
      expect(asked[0]).not.toBe(refused)
      expect(script.calls.link).toBe(2)
    })

    test('a refused link is not handed out again when no other can be had', async () => {
      const refused = await ask('A')
      await clock.advance(1000)
      script.fail('link', 'RateLimited')
      await expect(ask('A', ctx, { refused })).rejects.toSatisfy((error) =>
        isStorageError(error, 'RateLimited'),
      )
      expect(await ask('A')).not.toBe(refused)
    })

    test('a failure is not kept', async () => {
      script.fail('link', 'RateLimited')
      await expect(ask('A')).rejects.toSatisfy((error) => isStorageError(error, 'RateLimited'))
      expect(await ask('A')).toContain('https://cdn.example/')
    })

    test('a short life keeps most of itself', async () => {
      lifeMs = 30_000
      await ask('A')
      await clock.advance(26_000)
      await ask('A')
      expect(script.calls.link).toBe(1)
      await clock.advance(2_000)
      await ask('A')
      expect(script.calls.link).toBe(2)
    })
  })
})

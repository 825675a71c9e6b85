// What operations cost 115, counted on the sandbox's own log: hard numbers, no times.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { basic, mount115, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type SeedEntry, startTestSandbox, type TestSandbox } from '../support/sandbox.ts'

interface ListData {
  readonly content: readonly { readonly name: string; readonly sign: string; readonly is_dir: boolean }[]
  readonly total: number
}

/** Classes of requests that spend an account's budget; the CDN's do not. */
const apiClasses = [
  'login',
  'list',
  'info',
  'link',
  'write',
  'upload',
  'life',
  'share',
  'offline',
  'other',
] as const

const deepPath = ['一', 'two', '三', 'four', '五']

describe('what operations cost 115', () => {
  let cloud: TestSandbox
  let gateway: TestGateway
  let account: string

  const list = (path: string, more: object = {}) => gateway.api<ListData>('/api/fs/list', { path, ...more })

  /** Requests since the last reset, by class, zeroes left out. */
  async function counted(): Promise<Record<string, number>> {
    const counts = await cloud.control.counts()
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  }

  async function apiCalls(): Promise<number> {
    const counts = await counted()
    return apiClasses.reduce((total, each) => total + (counts[each] ?? 0), 0)
  }

  /** Address of a file with its signature; lists its folder. */
  async function address(door: 'd' | 'p', folder: string, name: string): Promise<string> {
    const { data } = await list(folder)
    const entry = data.content.find((each) => each.name === name)
    if (!entry) throw new Error(`no "${name}" in ${folder}`)
    const path = `${folder}/${name}`.split('/').map(encodeURIComponent).join('/')
    return `${gateway.url}/${door}${path}?sign=${encodeURIComponent(entry.sign)}`
  }

  async function redirect(url: string, userAgent: string): Promise<string> {
    const response = await fetch(url, { redirect: 'manual', headers: { 'user-agent': userAgent } })
    expect(response.status).toBe(302)
    return response.headers.get('location') ?? ''
  }

  beforeAll(async () => {
    cloud = await startTestSandbox()
    const made = await cloud.control.createAccount({ name: 'counted', devices: ['alipaymini'] })
    account = made.account
    const deep = deepPath.reduceRight<SeedEntry>((child, name) => ({ name, children: [child] }), {
      name: 'film.mkv',
      size: 5_000_000,
      seed: 'film',
    })
    await cloud.control.seed(account, [
      { name: 'empty', children: [] },
      {
        name: 'films',
        children: [
          { name: 'a.mkv', size: 3_000_000, seed: 'a' },
          { name: 'b.mkv', size: 1000, seed: 'b' },
        ],
      },
      deep,
    ])
    for (const generator of ['flat-100', 'flat-1k', 'flat-10k', 'flat-100k']) {
      const [folder] = (await cloud.control.seed(account, [{ name: generator, children: [] }])).ids
      await cloud.control.seed(account, { generator }, folder)
    }
    gateway = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
    const mounted = await mount115(gateway, made.cookies['alipaymini'] ?? '')
    expect(mounted.message).toBe('success')
  }, 120_000)

  afterAll(async () => {
    await gateway?.close()
    await cloud?.close()
  })

  beforeEach(async () => {
    await cloud.control.clearFaults()
    await list('/115')
    await cloud.control.resetLog()
  })

  test('C1 a cold start is ready with at most one request', async () => {
    await gateway.stop()
    await cloud.control.resetLog()
    await gateway.start()
    await expect
      .poll(
        async () =>
          (await gateway.api<{ content: { status: string }[] }>('/api/admin/storage/list')).data.content[0]
            ?.status,
      )
      .toBe('work')
    expect(await apiCalls()).toBeLessThanOrEqual(1)
  })

  test.each([
    ['flat-100', 100, 1],
    ['flat-1k', 1000, 1],
    ['flat-10k', 10_000, 9],
    ['flat-100k', 100_000, 87],
  ])(
    'C2, C3 listing %s costs its pages once, then nothing, also after a restart',
    async (name, entries, pages) => {
      expect((await list(`/115/${name}`, { per_page: 10 })).data.total).toBe(entries)
      expect(await counted()).toEqual({ list: pages })
      await cloud.control.resetLog()
      expect((await list(`/115/${name}`, { per_page: 10 })).data.total).toBe(entries)
      expect(await counted()).toEqual({})
      await gateway.stop()
      await gateway.start()
      expect((await list(`/115/${name}`, { per_page: 10 })).data.total).toBe(entries)
      expect((await counted())['list']).toBeLessThanOrEqual(1)
    },
    120_000,
  )

  test('C3 an empty folder is remembered like any other', async () => {
    await list('/115/empty')
    await cloud.control.resetLog()
    for (let i = 0; i < 10; i += 1) expect((await list('/115/empty')).data.total).toBe(0)
    expect(await counted()).toEqual({})
  })

  test('C5 opening a file five folders deep costs three requests cold and one when known', async () => {
    const fresh = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
    try {
      await mount115(fresh, await cloud.control.logIn(account, 'tv'))
      await cloud.control.resetLog()
      const path = ['', 'dav', '115', ...deepPath, 'film.mkv'].map(encodeURIComponent).join('/')
      const open = () =>
        fetch(`${fresh.url}${path}`, {
          redirect: 'manual',
          headers: { authorization: basic(fresh), 'user-agent': `player-${Math.random()}` },
        })
      expect((await open()).status).toBe(302)
      expect(await apiCalls()).toBeLessThanOrEqual(3)
      await cloud.control.resetLog()
      expect((await open()).status).toBe(302)
      expect(await counted()).toEqual({ link: 1 })
      await fresh.stop()
      await fresh.start()
      await cloud.control.resetLog()
      expect((await open()).status).toBe(302)
      const after = await counted()
      expect([after['link'], after['info'] ?? 0]).toEqual([1, 0])
      expect(after['list'] ?? 0).toBeLessThanOrEqual(1)
    } finally {
      await fresh.close()
    }
  })

  test('C6 ten redirects for one user agent are one link', async () => {
    const url = await address('d', '/115/films', 'a.mkv')
    await cloud.control.resetLog()
    const targets = new Set<string>()
    for (let i = 0; i < 10; i += 1) targets.add(await redirect(url, 'Infuse/7'))
    expect(targets.size).toBe(1)
    expect(await counted()).toEqual({ link: 1 })
  })

  test('C7 ten user agents are ten links, one when the link is for everybody', async () => {
    const bound = await address('d', '/115/films', 'a.mkv')
    await cloud.control.resetLog()
    for (let i = 0; i < 10; i += 1) await redirect(bound, `c7-player/${i}`)
    expect(await counted()).toEqual({ link: 10 })
    await cloud.control.fault({ fault: 'link.policy', f: '' })
    const free = await address('d', '/115/films', 'b.mkv')
    await cloud.control.resetLog()
    for (let i = 0; i < 10; i += 1) await redirect(free, `c7-other/${i}`)
    expect(await counted()).toEqual({ link: 1 })
  })

  test('C8 200 redirects at once for four user agents are four links', async () => {
    const url = await address('d', '/115/films', 'a.mkv')
    await cloud.control.resetLog()
    await Promise.all(Array.from({ length: 200 }, (_, i) => redirect(url, `c8-player/${i % 4}`)))
    expect(await counted()).toEqual({ link: 4 })
  })

  test('C9 a player that reads 100 ranges through us needs one link and two connections', async () => {
    const { data } = await gateway.api<{ content: { id: number }[] }>('/api/admin/storage/list')
    const id = data.content[0]?.id
    const { data: storage } = await gateway.api<Record<string, unknown>>(`/api/admin/storage/get?id=${id}`)
    await gateway.api('/api/admin/storage/update', { ...storage, web_proxy: true })
    try {
      const url = await address('d', '/115/films', 'a.mkv')
      await cloud.control.resetLog()
      const ranges = Array.from({ length: 100 }, (_, i) => [
        (i * 29_000) % 2_900_000,
        ((i * 29_000) % 2_900_000) + 9_999,
      ])
      for (let i = 0; i < ranges.length; i += 5) {
        await Promise.all(
          ranges.slice(i, i + 5).map(async ([start, end]) => {
            const response = await fetch(url, {
              headers: { range: `bytes=${start}-${end}`, 'user-agent': `player ${i}` },
            })
            expect(response.status).toBe(206)
            expect((await response.arrayBuffer()).byteLength).toBe(10_000)
          }),
        )
      }
      const counts = await counted()
      expect(counts['link']).toBe(1)
      expect(counts['cdn']).toBeLessThanOrEqual(100)
      const log = await cloud.control.log()
      const most = Math.max(...log.map((line) => line.cdn?.connections ?? 0))
      expect(most).toBeLessThanOrEqual(2)
    } finally {
      await gateway.api('/api/admin/storage/update', { ...storage, web_proxy: false })
    }
  })

  test('C10 HEAD, PROPFIND 0 and OPTIONS of what is known cost nothing, also after a restart', async () => {
    const url = await address('d', '/115/films', 'a.mkv')
    const dav = () => `${gateway.davUrl}/115/films/a.mkv`
    const ask = (target: string, method: string, headers: Record<string, string> = {}) =>
      fetch(target, { method, redirect: 'manual', headers: { authorization: basic(gateway), ...headers } })
    const round = async () => {
      for (let i = 0; i < 100; i += 1) {
        expect((await ask(url.replace(/^http:\/\/[^/]+/, gateway.url), 'HEAD')).status).toBe(200)
        expect((await ask(dav(), 'HEAD')).status).toBe(200)
        expect((await ask(dav(), 'OPTIONS')).status).toBe(200)
      }
      for (let i = 0; i < 1000; i += 50) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => ask(dav(), 'PROPFIND', { depth: '0' })),
        )
        for (const answer of answers) {
          expect(answer.status).toBe(207)
          await answer.arrayBuffer()
        }
      }
    }
    await cloud.control.resetLog()
    await round()
    expect(await counted()).toEqual({})
    await gateway.stop()
    await gateway.start()
    await expect.poll(async () => (await list('/115')).code).toBe(200)
    await cloud.control.resetLog()
    await round()
    expect(await counted()).toEqual({})
  }, 120_000)

  test('20 players that open one unknown folder at once cost one listing', async () => {
    await cloud.control.seed(account, [{ name: 'party', children: [{ name: 'x', size: 1 }] }])
    await list('/115', { refresh: true })
    await cloud.control.resetLog()
    const totals = await Promise.all(
      Array.from({ length: 20 }, async () => (await list('/115/party')).data.total),
    )
    expect(totals).toEqual(Array.from({ length: 20 }, () => 1))
    expect(await counted()).toEqual({ list: 1 })
  })
})

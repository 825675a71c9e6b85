// The rows of the mission that read a drive, with their error cases, as clients of AList's API see them.
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { basic, mount115, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts'

interface Obj {
  readonly name: string
  readonly size: number
  readonly is_dir: boolean
  readonly sign: string
  readonly hash_info: { readonly sha1?: string } | null
}
interface ListData {
  readonly content: readonly Obj[]
  readonly total: number
  readonly incomplete: { readonly missing: number } | null
}
interface StorageData {
  readonly id: number
  readonly mount_path: string
  readonly status: string
  readonly addition: string
  readonly checks: readonly { readonly of: string; readonly ok: boolean | null; readonly text: string }[]
  readonly notices: readonly { readonly code: string; readonly text: string }[]
}

describe('the missions that read', () => {
  let cloud: TestSandbox
  let gateway: TestGateway
  let account: string
  let cookie: string
  let mounted: number[] = []

  /** Mounts and remembers it, so that the test's end takes it away. */
  async function mount(use: string, given: Parameters<typeof mount115>[2] = {}) {
    const answer = await mount115(gateway, use, given)
    if (answer.data?.id) mounted.push(answer.data.id)
    return answer
  }
  const list = (path: string, more: object = {}) => gateway.api<ListData>('/api/fs/list', { path, ...more })
  const names = async (path: string) =>
    (await list(path, { refresh: true })).data.content.map(({ name }) => name).sort()
  const storage = async (id: number) =>
    (await gateway.api<StorageData>(`/api/admin/storage/get?id=${id}`)).data
  const folderId = async (path: string) => (await cloud.control.tree(account, path)).id

  beforeAll(async () => {
    cloud = await startTestSandbox()
    const made = await cloud.control.createAccount({ name: '小明', devices: ['tv', 'web'] })
    account = made.account
    cookie = made.cookies['tv'] ?? ''
    await cloud.control.seed(account, [
      {
        name: '电影',
        children: [
          { name: '星河.mkv', size: 2_000_000, seed: 'film' },
          { name: '第二层', children: [{ name: 'x.txt', size: 3 }] },
        ],
      },
      { name: '私人', children: [{ name: 'secret.txt', size: 10 }] },
    ])
    gateway = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
  }, 60_000)

  afterAll(async () => {
    await gateway?.close()
    await cloud?.close()
  })

  afterEach(async () => {
    await cloud.control.clearFaults()
    for (const id of mounted) await gateway.api(`/api/admin/storage/delete?id=${id}`, {})
    mounted = []
  })

  describe('M1 root folder', () => {
    test('any folder can be the mount', async () => {
      await mount(cookie, { addition: { root_folder_id: await folderId('/电影') } })
      expect(await names('/115')).toEqual(['星河.mkv', '第二层'].sort())
      const deep = await gateway.api<{ size: number }>('/api/fs/get', { path: '/115/第二层/x.txt' })
      expect(deep.data.size).toBe(3)
    })

    test('a cid that is not there is an error on the mount, never the whole drive', async () => {
      const answer = await mount(cookie, { addition: { root_folder_id: '2599999999999999999' } })
      expect(answer.code).toBe(500)
      expect(answer.message).toMatch(
        /^failed init storage but storage is already created: failed init storage: /,
      )
      expect(answer.data.id).toBeGreaterThan(0)
      expect((await storage(answer.data.id)).status).toContain('2599999999999999999')
      const listed = await list('/115')
      expect(listed.code).toBe(500)
      expect(JSON.stringify(listed)).not.toContain('私人')
      const dav = await fetch(`${gateway.davUrl}/115/`, {
        method: 'PROPFIND',
        headers: { authorization: basic(gateway), depth: '1' },
      })
      expect(dav.status).toBe(404)
    })

    test('the id of a file, and text that is no id, are refused', async () => {
      const file = (await cloud.control.tree(account, '/电影/星河.mkv')).id
      expect((await mount(cookie, { addition: { root_folder_id: file } })).code).toBe(500)
      const nonsense = await mount115(gateway, cookie, { addition: { root_folder_id: 'films' } })
      expect([nonsense.code === 200, nonsense.data?.id ?? 0]).toEqual([false, 0])
    })

    test('a mounted folder that is deleted is an error, not an empty folder and not the drive', async () => {
      const [id = ''] = (
        await cloud.control.seed(account, [{ name: 'doomed', children: [{ name: 'a', size: 1 }] }])
      ).ids
      await mount(cookie, { addition: { root_folder_id: id } })
      expect(await names('/115')).toEqual(['a'])
      await cloud.control.change(account, { remove: id })
      const listed = await list('/115', { refresh: true })
      expect(listed.code).toBe(500)
      expect(listed.data).toBeNull()
    })
  })

  describe('M2 cookie', () => {
    const parts = () =>
      Object.fromEntries(cookie.split('; ').map((pair) => pair.split('=') as [string, string]))
    const forms: readonly (readonly [string, () => string])[] = [
      ['as it is', () => cookie],
      ['with a trailing semicolon', () => `${cookie};`],
      ['as a header line', () => `Cookie: ${cookie}`],
      ['without spaces', () => cookie.replaceAll('; ', ';')],
      ['over several lines with quotes', () => `"${cookie.replaceAll('; ', ';\n  ')}"\n`],
      [
        'as exported by a browser',
        () =>
          JSON.stringify(
            Object.entries(parts()).map(([name, value]) => ({ name, value, domain: '.115.com', path: '/' })),
          ),
      ],
      ['among other cookies', () => `acw_tc=x; ${cookie}; PHPSESSID=y`],
    ]
    test.each(forms)('is taken %s, and checked at once', async (_form, text) => {
      const answer = await mount(text())
      expect(answer.message).toBe('success')
      const { checks, status } = await storage(answer.data.id)
      expect(status).toBe('work')
      expect(Object.fromEntries(checks.map(({ of, ok }) => [of, ok]))).toEqual({
        list: true,
        link: true,
        upload: true,
      })
    })

    test('without KID it works and says what is missing', async () => {
      const answer = await mount(cookie.replace(/; KID=[^;]*/, ''))
      expect(answer.message).toBe('success')
      expect((await storage(answer.data.id)).notices.map(({ code }) => code)).toContain('missing-kid')
    })

    test('without SEID it is refused by name before anything is saved', async () => {
      const before = (await gateway.api<{ total: number }>('/api/admin/storage/list')).data.total
      const answer = await mount115(gateway, cookie.replace(/; SEID=[^;]*/, ''))
      expect(answer.code).not.toBe(200)
      expect(answer.message).toContain('SEID')
      expect((await gateway.api<{ total: number }>('/api/admin/storage/list')).data.total).toBe(before)
    })

    test('that lists but cannot link (a web one) says so, and says what to do', async () => {
      const own = await cloud.control.createAccount({ devices: ['tv'] })
      await cloud.control.seed(own.account, [
        { name: '电影', children: [{ name: '星河.mkv', size: 100 }] },
        { name: 'a.txt', size: 1 },
      ])
      await cloud.control.fault({ fault: 'session.caps', account: own.account, device: 'tv', caps: ['list'] })
      const answer = await mount(own.cookies['tv'] ?? '')
      const { checks } = await storage(answer.data.id)
      expect(checks.find(({ of }) => of === 'list')?.ok).toBe(true)
      expect(checks.find(({ of }) => of === 'link')?.ok).toBe(false)
      expect(await names('/115')).toContain('电影')
      const got = await gateway.api(
        '/api/fs/get',
        { path: '/115/电影/星河.mkv' },
        { 'accept-language': 'zh-CN' },
      )
      expect(got.code).toBe(500)
      expect(got.message).toMatch(/扫码|客户端|设备/)
    })

    test.each([
      [99, '请重新登录'],
      [990001, '登陆超时，请重新登陆。'],
    ])('that is dead (%i) is named in the status and costs nothing more', async (errno, error) => {
      await cloud.control.fault({ fault: 'soft', errno, error, match: { class: 'list' } })
      const answer = await mount(cookie)
      expect(answer.code).toBe(500)
      const { status } = await storage(answer.data.id)
      expect(status).toContain(error)
      await cloud.control.resetLog()
      for (let i = 0; i < 5; i += 1) expect((await list('/115')).code).toBe(500)
      const counts = await cloud.control.counts()
      expect((counts['list'] ?? 0) + (counts['info'] ?? 0)).toBeLessThanOrEqual(1)
    })

    test('of an older login of the same device is replaced; the mount says so', async () => {
      const own = await cloud.control.createAccount({ devices: ['qandroid'] })
      await mount(own.cookies['qandroid'] ?? '')
      await cloud.control.fault({ fault: 'session.kick', account: own.account, device: 'qandroid' })
      const listed = await list('/115', { refresh: true })
      expect(listed.code).toBe(500)
      expect(listed.message).toMatch(/登陆超时|重新登录/)
    })

    test('never comes back to anybody: not in replies, not in the log, not on disk in clear', async () => {
      const answer = await mount(cookie)
      const seid = /SEID=([^;]+)/.exec(cookie)?.[1] ?? 'none'
      const replies = [
        await gateway.api(`/api/admin/storage/get?id=${answer.data.id}`),
        await gateway.api('/api/admin/storage/list'),
        await gateway.api('/api/admin/setting/list'),
      ]
      expect(JSON.stringify(replies)).not.toContain(seid)
      expect(gateway.output()).not.toContain(seid)
      const { readdir, readFile } = await import('node:fs/promises')
      for (const name of await readdir(gateway.folder)) {
        const content = await readFile(`${gateway.folder}/${name}`).catch(() => Buffer.alloc(0))
        expect(content.includes(seid), name).toBe(false)
      }
    })

    test('survives an update that sends the masked value back', async () => {
      const answer = await mount(cookie)
      const saved = await storage(answer.data.id)
      const update = await gateway.api('/api/admin/storage/update', { ...saved, cache_expiration: 5 })
      expect(update.message).toBe('success')
      expect(await names('/115')).toContain('电影')
    })
  })

  describe('M3 QR in the page', () => {
    interface Start {
      readonly id: string
      readonly text: string
      readonly svg: string
      readonly replaces: string
    }
    interface State {
      readonly state: string
      readonly message: string
      readonly cookie?: string
    }
    const start = async (app: string) => (await gateway.api<Start>('/api/admin/qr/115/start', { app })).data
    const state = async (id: string) => (await gateway.api<State>(`/api/admin/qr/115/state?id=${id}`)).data
    const uidOf = (text: string) => /dg-([0-9a-zA-Z]+)$/.exec(text)?.[1] ?? ''

    async function until(id: string, wanted: string): Promise<State> {
      for (let i = 0; i < 20; i += 1) {
        const seen = await state(id)
        if (seen.state === wanted) return seen
      }
      throw new Error(`never ${wanted}`)
    }

    test('scan, confirm, and the storage form gets a handle that works once saved', async () => {
      const code = await start('alipaymini')
      expect(code.svg).toMatch(/<svg|data:image/)
      const uid = uidOf(code.text)
      await cloud.control.qr(uid, 'scan', account)
      await until(code.id, 'scanned')
      await cloud.control.qr(uid, 'confirm', account)
      const done = await until(code.id, 'confirmed')
      expect(done.cookie).toMatch(/^qr-login:/)
      const answer = await mount(done.cookie ?? '')
      expect(answer.message).toBe('success')
      expect(await names('/115')).toContain('电影')
      const log = await cloud.control.log()
      expect(log.filter(({ path }) => path.includes('/login/qrcode')).length).toBe(1)
    })

    test('two windows on one code both see it confirmed, and it is exchanged once', async () => {
      await cloud.control.resetLog()
      const code = await start('wechatmini')
      await cloud.control.qr(uidOf(code.text), 'scan', account)
      await cloud.control.qr(uidOf(code.text), 'confirm', account)
      const seen = await Promise.all([until(code.id, 'confirmed'), until(code.id, 'confirmed')])
      expect(seen[0]?.cookie).toBe(seen[1]?.cookie)
      expect((await cloud.control.log()).filter(({ path }) => path.includes('/login/qrcode')).length).toBe(1)
    })

    test.each([
      ['cancel', 'cancelled'],
      ['expire', 'expired'],
    ] as const)('%s is told as %s', async (action, told) => {
      const code = await start('tv')
      await cloud.control.qr(uidOf(code.text), 'scan', account)
      await cloud.control.qr(uidOf(code.text), action, account)
      const seen = await until(code.id, told)
      expect(seen.cookie).toBeUndefined()
      expect(seen.message).not.toBe('')
    })

    test('a withdrawn client is refused with what to do', async () => {
      const answer = await gateway.api<Start>('/api/admin/qr/115/start', { app: 'linux' })
      if (answer.code === 200) {
        await cloud.control.qr(uidOf(answer.data.text), 'scan', account)
        await cloud.control.qr(uidOf(answer.data.text), 'confirm', account)
        expect((await until(answer.data.id, 'failed')).message).toContain('下架')
      } else expect(answer.message).toMatch(/下架|withdrawn/)
    })

    test('the older two-step way works, and nothing else is reachable through /proxy/', async () => {
      const token = (await (
        await fetch(`${gateway.url}/proxy/qrcodeapi.115.com/api/1.0/web/1.0/token`)
      ).json()) as {
        data: { uid: string; time: number; sign: string; qrcode: string }
      }
      const { uid, time, sign, qrcode } = token.data
      await cloud.control.qr(uid, 'scan', account)
      const status = await fetch(
        `${gateway.url}/proxy/qrcodeapi.115.com/get/status/?uid=${uid}&time=${time}&sign=${sign}&_=1`,
      )
      expect(((await status.json()) as { data: { status: number } }).data.status).toBe(1)
      const image = await fetch(`${gateway.url}/qr/?size=240&text=${encodeURIComponent(qrcode)}`)
      expect(image.headers.get('content-type')).toBe('image/png')
      await cloud.control.resetLog()
      for (const path of [
        '/proxy/webapi.115.com/files?cid=0',
        '/proxy/qrcodeapi.115.com/app/1.0/web/1.0/login/qrcode',
        '/proxy/example.com/',
        '/proxy/qrcodeapi.115.com/get/status/../../api/1.0/web/1.0/token/../qrcode?uid=x',
      ]) {
        expect((await fetch(`${gateway.url}${path}`)).status).toBe(404)
      }
      const counts = await cloud.control.counts()
      expect(Object.values(counts).reduce((total, count) => total + count, 0)).toBe(0)
    })
  })

  describe('M4 token on the storage', () => {
    async function confirmedToken(): Promise<string> {
      const token = (await (
        await fetch(`${gateway.url}/proxy/qrcodeapi.115.com/api/1.0/web/1.0/token`)
      ).json()) as { data: { uid: string } }
      await cloud.control.qr(token.data.uid, 'scan', account)
      await cloud.control.qr(token.data.uid, 'confirm', account)
      return token.data.uid
    }

    test('is exchanged once for the cookie, then gone; the replaced session is named', async () => {
      await cloud.control.logIn(account, 'harmony')
      const token = await confirmedToken()
      await cloud.control.resetLog()
      const answer = await mount('', { addition: { qrcode_token: token, qrcode_source: 'harmony' } })
      expect(answer.message).toBe('success')
      const saved = await storage(answer.data.id)
      expect(JSON.parse(saved.addition)).toMatchObject({ qrcode_token: '' })
      expect(saved.notices.map(({ code }) => code)).toContain('replaces-session')
      await gateway.stop()
      await gateway.start()
      expect(await names('/115')).toContain('电影')
      expect((await cloud.control.log()).filter(({ path }) => path.includes('/login/qrcode')).length).toBe(1)
    })

    test('web, android and ios are marked as not recommended', async () => {
      const answer = await mount('', {
        addition: { qrcode_token: await confirmedToken(), qrcode_source: 'web' },
      })
      expect((await storage(answer.data.id)).notices.map(({ code }) => code)).toContain(
        'client-not-recommended',
      )
    })

    test.each([
      [
        'expired',
        async () => {
          const token = await confirmedToken()
          await cloud.control.qr(token, 'expire', account)
          return token
        },
      ],
      ['made up', async () => '0123456789abcdef0123456789abcdef01234567'],
    ])('that is %s is told, and the row is kept', async (_what, make) => {
      const answer = await mount('', { addition: { qrcode_token: await make(), qrcode_source: 'harmony' } })
      expect(answer.code).toBe(500)
      expect(answer.data.id).toBeGreaterThan(0)
    })

    test('for a withdrawn client gives the words of 115', async () => {
      const answer = await mount('', {
        addition: { qrcode_token: await confirmedToken(), qrcode_source: 'linux' },
      })
      expect(answer.code).toBe(500)
      expect(answer.message).toContain('系统已下架')
    })

    test('neither cookie nor token is told by name', async () => {
      const answer = await mount('')
      expect(answer.code).not.toBe(200)
      expect(answer.message).toMatch(/cookie/i)
    })
  })

  describe('listings are whole or say so', () => {
    const namesOf = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name).sort()

    test.each([0, 1, 1149, 1150, 1151, 25_000])('%i entries are exactly that many', async (count) => {
      const [id = ''] = (await cloud.control.seed(account, [{ name: `n${count}`, children: [] }])).ids
      if (count > 0) await cloud.control.seed(account, { flat: count }, id)
      await mount(cookie, { addition: { root_folder_id: id } })
      const { data } = await list('/115', { per_page: 0 })
      expect(data.total).toBe(count)
      const truth = (await cloud.control.tree(account, `/n${count}`)).children ?? []
      expect(namesOf(data.content)).toEqual(namesOf(truth))
      expect(data.incomplete).toBeNull()
    })

    /** A mounted folder in an account of its own: some of these tests get their account blocked. */
    async function folderOf(count: number): Promise<{ owner: string; id: string }> {
      const { account: owner, cookies } = await cloud.control.createAccount({ devices: ['tv'] })
      const [id = ''] = (await cloud.control.seed(owner, [{ name: 'mounted', children: [] }])).ids
      await cloud.control.seed(owner, { flat: count }, id)
      await mount(cookies['tv'] ?? '', { addition: { root_folder_id: id } })
      await cloud.control.resetLog()
      return { owner, id }
    }

    test('a count that is larger than the rows ends soon and is marked', async () => {
      await folderOf(2000)
      await cloud.control.fault({ fault: 'list.phantom', n: 3 })
      const { data } = await list('/115', { per_page: 0 })
      expect([data.total, data.incomplete?.missing]).toEqual([2000, 3])
      expect((await cloud.control.counts())['list']).toBeLessThanOrEqual(4)
    })

    test('a page that repeats ends soon and is marked', async () => {
      await folderOf(2000)
      await cloud.control.fault({ fault: 'list.repeat' })
      const { data } = await list('/115', { per_page: 0 })
      expect(data.total + (data.incomplete?.missing ?? 0)).toBe(2000)
      expect((await cloud.control.counts())['list']).toBeLessThanOrEqual(4)
    })

    test('an entry deleted while paging does not lose another one', async () => {
      const { owner, id } = await folderOf(3000)
      const before = (await cloud.control.tree(owner, '/mounted')).children ?? []
      await cloud.control.fault({ fault: 'list.removeDuring', cid: id, afterPage: 1, times: 1 })
      const { data } = await list('/115', { per_page: 0 })
      const after = (await cloud.control.tree(owner, '/mounted')).children ?? []
      expect(after.length).toBe(before.length - 1)
      const got = new Set(data.content.map(({ name }) => name))
      expect(after.filter(({ name }) => !got.has(name))).toEqual([])
      expect(data.incomplete).toBeNull()
    })

    test('types that drift and one bad row lose at most that row', async () => {
      await folderOf(50)
      await cloud.control.fault({ fault: 'types.drift', seed: 7, bareIds: true })
      expect((await list('/115', { per_page: 0 })).data.total).toBe(50)
      await cloud.control.clearFaults()
      await cloud.control.fault({ fault: 'list.badrow', at: 5 })
      const { data } = await list('/115', { refresh: true, per_page: 0 })
      expect(data.total).toBeGreaterThanOrEqual(49)
    })

    test.each([
      ['the firewall page', { fault: 'waf.page' }, 503],
      ['HTML instead of JSON', { fault: 'html' }, 502],
      ['JSON cut in the middle', { fault: 'truncate', honest: true }, 502],
      ['a server error', { fault: 'http', status: 500 }, 503],
      ['nothing at all', { fault: 'empty' }, 502],
    ] as const)(
      '%s is an error at both doors, never an empty folder, never its HTML',
      async (_what, fault, davStatus) => {
        await folderOf(5)
        await cloud.control.fault({ ...fault, match: { class: 'list' } })
        const listed = await list('/115')
        expect([listed.code, listed.data]).toEqual([500, null])
        expect(listed.message).not.toMatch(/<[a-z!]/i)
        const dav = await fetch(`${gateway.davUrl}/115/`, {
          method: 'PROPFIND',
          headers: { authorization: basic(gateway), depth: '1' },
        })
        expect([502, 503]).toContain(dav.status)
        if (davStatus === 503) expect(dav.status).toBe(503)
        expect(await dav.text()).not.toContain('data-spm')
      },
    )

    test('a firewall page stops the asking, and what is remembered still answers', async () => {
      const { account: owner, cookies } = await cloud.control.createAccount({ devices: ['tv'] })
      await cloud.control.seed(owner, [{ name: 'films', children: [{ name: 'a', size: 1 }] }])
      await mount(cookies['tv'] ?? '')
      expect(await names('/115')).toEqual(['films'])
      await cloud.control.fault({ fault: 'waf.page', match: { class: 'list', account: owner } })
      const refused = await list('/115/films')
      expect(refused.code).toBe(500)
      await cloud.control.resetLog()
      for (let i = 0; i < 20; i += 1) expect((await list('/115/films')).code).toBe(500)
      const dav = await fetch(`${gateway.davUrl}/115/films/`, {
        method: 'PROPFIND',
        headers: { authorization: basic(gateway), depth: '1' },
      })
      expect(dav.status).toBe(503)
      expect(Number(dav.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await cloud.control.counts())['list'] ?? 0).toBe(0)
      expect((await list('/115')).data.content.map(({ name }) => name)).toEqual(['films'])
    })
  })

  describe('M9 download modes', () => {
    const film = '/115/电影/星河.mkv'
    const encoded = film.split('/').map(encodeURIComponent).join('/')
    const sha1 = async (response: Response) =>
      createHash('sha1')
        .update(Buffer.from(await response.arrayBuffer()))
        .digest('hex')
        .toUpperCase()

    async function sign(): Promise<string> {
      const { data } = await list('/115/电影')
      return encodeURIComponent(data.content.find(({ name }) => name === '星河.mkv')?.sign ?? '')
    }
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${gateway.url}${path}`, {
        redirect: 'manual',
        headers: { 'user-agent': 'player/1', ...headers },
      })

    test('302 by default, for web and WebDAV, to a link that works for that player alone', async () => {
      await mount(cookie)
      const truth = (await cloud.control.tree(account, '/电影/星河.mkv')).sha1
      for (const path of [`/d${encoded}?sign=${await sign()}`, `/dav${encoded}`]) {
        const answer = await get(path, { authorization: basic(gateway) })
        expect([path, answer.status]).toEqual([path, 302])
        const target = answer.headers.get('location') ?? ''
        expect(await sha1(await fetch(target, { headers: { 'user-agent': 'player/1' } }))).toBe(truth)
        expect((await fetch(target, { headers: { 'user-agent': 'other/2' } })).status).toBe(403)
      }
    })

    test('through the gateway when the mount says so, for web and WebDAV separately', async () => {
      await mount(cookie, { web_proxy: true, webdav_policy: '302_redirect' })
      const truth = (await cloud.control.tree(account, '/电影/星河.mkv')).sha1
      const web = await get(`/d${encoded}?sign=${await sign()}`)
      expect(web.status).toBe(200)
      expect(await sha1(web)).toBe(truth)
      expect((await get(`/dav${encoded}`, { authorization: basic(gateway) })).status).toBe(302)
    })

    test('WebDAV through the gateway while the web redirects', async () => {
      await mount(cookie, { webdav_policy: 'native_proxy' })
      const dav = await get(`/dav${encoded}`, { authorization: basic(gateway), range: 'bytes=10-19' })
      expect(dav.status).toBe(206)
      expect((await dav.arrayBuffer()).byteLength).toBe(10)
      expect((await get(`/d${encoded}?sign=${await sign()}`)).status).toBe(302)
    })

    test('through a proxy URL with its signature', async () => {
      await mount(cookie, {
        webdav_policy: 'use_proxy_url',
        web_proxy: true,
        down_proxy_url: 'https://worker.example',
      })
      for (const path of [`/p${encoded}?sign=${await sign()}`, `/dav${encoded}`]) {
        const target = (await get(path, { authorization: basic(gateway) })).headers.get('location') ?? ''
        expect(target).toMatch(/^https:\/\/worker\.example\/115\/%E7%94%B5%E5%BD%B1\/.+\?sign=[\w%-]+/)
      }
      const direct = await get(`/p${encoded}?sign=${await sign()}&d=1`)
      expect(direct.status).toBe(200)
    })

    test.each([
      ['', 302],
      ['1', 302],
      ['3', 200],
    ])('a link with f=%j is %i for a player: what it demands decides', async (f, status) => {
      await mount(cookie)
      await cloud.control.fault({ fault: 'link.policy', f })
      const truth = (await cloud.control.tree(account, '/电影/星河.mkv')).sha1
      const answer = await get(`/d${encoded}?sign=${await sign()}`)
      expect(answer.status).toBe(status)
      const target = answer.headers.get('location')
      const bytes = target ? await fetch(target, { headers: { 'user-agent': 'player/1' } }) : answer
      expect(await sha1(bytes)).toBe(truth)
    })

    test('a client without a user agent is never sent to a link that is bound to one', async () => {
      await mount(cookie)
      const { request } = await import('undici')
      const answer = await request(`${gateway.url}/d${encoded}?sign=${await sign()}`)
      expect(answer.statusCode).toBe(200)
      await answer.body.dump()
    })

    test('bad, missing and foreign signatures open nothing', async () => {
      await mount(cookie)
      const good = await sign()
      const other = encodeURIComponent('/115/私人/secret.txt').replaceAll('%2F', '/')
      for (const [path, text] of [
        [`/d${encoded}`, 'expire missing'],
        [`/d${encoded}?sign=nonsense:0`, 'sign invalid'],
        [`/d${encoded}?sign=nonsense:1`, 'sign expired'],
        [`/d${other}?sign=${good}`, 'sign invalid'],
      ] as const) {
        const answer = await get(path)
        expect(answer.status).toBe(401)
        expect(((await answer.json()) as { message: string }).message).toContain(text)
      }
    })
  })
})

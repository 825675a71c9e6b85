// The rows of the mission about mounting and logging in, with their error cases, as AList's clients see them.
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { basic, mount115 } from '../support/gateway.ts'
import { useStage } from '../support/stage.ts'

const stage = useStage()

describe('M1 root folder', () => {
  test('any folder can be the mount', async () => {
    await stage.mount(stage.cookie, {
      addition: { root_folder_id: (await stage.cloud.control.tree(stage.account, '/电影')).id },
    })
    expect(await stage.names('/115')).toEqual(['星河.mkv', '第二层'].sort())
    const deep = await stage.gateway.api<{ size: number }>('/api/fs/get', { path: '/115/第二层/x.txt' })
    expect(deep.data.size).toBe(3)
  })

  test('a cid that is not there is an error on the mount, never the whole drive', async () => {
    const answer = await stage.mount(stage.cookie, { addition: { root_folder_id: '2599999999999999999' } })
    expect(answer.code).toBe(500)
    expect(answer.message).toMatch(
      /^failed init storage but storage is already created: failed init storage: /,
    )
    expect(answer.data.id).toBeGreaterThan(0)
    expect((await stage.storage(answer.data.id)).status).toContain('2599999999999999999')
    const listed = await stage.list('/115')
    expect(listed.code).toBe(500)
    expect(JSON.stringify(listed)).not.toContain('私人')
    const dav = await fetch(`${stage.gateway.davUrl}/115/`, {
      method: 'PROPFIND',
      headers: { authorization: basic(stage.gateway), depth: '1' },
    })
    expect(dav.status).toBe(404)
  })

  test('the id of a file, and text that is no id, are refused', async () => {
    const file = (await stage.cloud.control.tree(stage.account, '/电影/星河.mkv')).id
    expect((await stage.mount(stage.cookie, { addition: { root_folder_id: file } })).code).toBe(500)
    const nonsense = await mount115(stage.gateway, stage.cookie, { addition: { root_folder_id: 'films' } })
    expect([nonsense.code === 200, nonsense.data?.id ?? 0]).toEqual([false, 0])
  })

  test('a mounted folder that is deleted is an error, not an empty folder and not the drive', async () => {
    const [id = ''] = (
      await stage.cloud.control.seed(stage.account, [{ name: 'doomed', children: [{ name: 'a', size: 1 }] }])
    ).ids
    await stage.mount(stage.cookie, { addition: { root_folder_id: id } })
    expect(await stage.names('/115')).toEqual(['a'])
    await stage.cloud.control.change(stage.account, { remove: id })
    const listed = await stage.list('/115', { refresh: true })
    expect(listed.code).toBe(500)
    expect(listed.data).toBeNull()
  })
})

describe('M2 cookie', () => {
  const parts = () =>
    Object.fromEntries(stage.cookie.split('; ').map((pair) => pair.split('=') as [string, string]))
  const forms: readonly (readonly [string, () => string])[] = [
    ['as it is', () => stage.cookie],
    ['with a trailing semicolon', () => `${stage.cookie};`],
    ['as a header line', () => `Cookie: ${stage.cookie}`],
    ['without spaces', () => stage.cookie.replaceAll('; ', ';')],
    ['over several lines with quotes', () => `"${stage.cookie.replaceAll('; ', ';\n  ')}"\n`],
    [
      'as exported by a browser',
      () =>
        JSON.stringify(
          Object.entries(parts()).map(([name, value]) => ({ name, value, domain: '.115.com', path: '/' })),
        ),
    ],
    ['among other cookies', () => `acw_tc=x; ${stage.cookie}; PHPSESSID=y`],
  ]
  test.each(forms)('is taken %s, and checked at once', async (_form, text) => {
    const answer = await stage.mount(text())
    expect(answer.message).toBe('success')
    const { checks, status } = await stage.storage(answer.data.id)
    expect(status).toBe('work')
    expect(Object.fromEntries(checks.map(({ of, ok }) => [of, ok]))).toEqual({
      list: true,
      link: true,
      upload: true,
    })
  })

  test('without KID it works and says what is missing', async () => {
    const answer = await stage.mount(stage.cookie.replace(/; KID=[^;]*/, ''))
    expect(answer.message).toBe('success')
    expect((await stage.storage(answer.data.id)).notices.map(({ code }) => code)).toContain('missing-kid')
  })

  test('without SEID it is refused by name before anything is saved', async () => {
    const before = (await stage.gateway.api<{ total: number }>('/api/admin/storage/list')).data.total
    const answer = await mount115(stage.gateway, stage.cookie.replace(/; SEID=[^;]*/, ''))
    expect(answer.code).not.toBe(200)
    expect(answer.message).toContain('SEID')
    expect((await stage.gateway.api<{ total: number }>('/api/admin/storage/list')).data.total).toBe(before)
  })

  test('that lists but cannot link (a web one) says so, and says what to do', async () => {
    const own = await stage.cloud.control.createAccount({ devices: ['tv'] })
    await stage.cloud.control.seed(own.account, [
      { name: '电影', children: [{ name: '星河.mkv', size: 100 }] },
      { name: 'a.txt', size: 1 },
    ])
    await stage.cloud.control.fault({
      fault: 'session.caps',
      account: own.account,
      device: 'tv',
      caps: ['list'],
    })
    const answer = await stage.mount(own.cookies['tv'] ?? '')
    const { checks } = await stage.storage(answer.data.id)
    expect(checks.find(({ of }) => of === 'list')?.ok).toBe(true)
    expect(checks.find(({ of }) => of === 'link')?.ok).toBe(false)
    expect(await stage.names('/115')).toContain('电影')
    const got = await stage.gateway.api(
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
    await stage.cloud.control.fault({ fault: 'soft', errno, error, match: { class: 'list' } })
    const answer = await stage.mount(stage.cookie)
    expect(answer.code).toBe(500)
    const { status } = await stage.storage(answer.data.id)
    expect(status).toContain(error)
    await stage.cloud.control.resetLog()
    for (let i = 0; i < 5; i += 1) expect((await stage.list('/115')).code).toBe(500)
    const counts = await stage.cloud.control.counts()
    expect((counts['list'] ?? 0) + (counts['info'] ?? 0)).toBeLessThanOrEqual(1)
  })

  test('of an older login of the same device is replaced; the mount says so', async () => {
    const own = await stage.cloud.control.createAccount({ devices: ['qandroid'] })
    await stage.mount(own.cookies['qandroid'] ?? '')
    await stage.cloud.control.fault({ fault: 'session.kick', account: own.account, device: 'qandroid' })
    const listed = await stage.list('/115', { refresh: true })
    expect(listed.code).toBe(500)
    expect(listed.message).toMatch(/登陆超时|重新登录/)
  })

  test('never comes back to anybody: not in replies, not in the log, not on disk in clear', async () => {
    const answer = await stage.mount(stage.cookie)
    const seid = /SEID=([^;]+)/.exec(stage.cookie)?.[1] ?? 'none'
    const replies = [
      await stage.gateway.api(`/api/admin/storage/get?id=${answer.data.id}`),
      await stage.gateway.api('/api/admin/storage/list'),
      await stage.gateway.api('/api/admin/setting/list'),
    ]
    expect(JSON.stringify(replies)).not.toContain(seid)
    expect(stage.gateway.output()).not.toContain(seid)
    for (const name of await readdir(stage.gateway.folder)) {
      const content = await readFile(`${stage.gateway.folder}/${name}`).catch(() => Buffer.alloc(0))
      expect(content.includes(seid), name).toBe(false)
    }
  })

  test('survives an update that sends the masked value back', async () => {
    const answer = await stage.mount(stage.cookie)
    const saved = await stage.storage(answer.data.id)
    const update = await stage.gateway.api('/api/admin/storage/update', { ...saved, cache_expiration: 5 })
    expect(update.message).toBe('success')
    expect(await stage.names('/115')).toContain('电影')
  })

  test('of another account shows the other drive at once, nothing that is remembered of the first', async () => {
    const { data } = await stage.mount(stage.cookie)
    expect((await stage.list('/115')).data.content.map(({ name }) => name)).toContain('私人')
    const other = await stage.cloud.control.createAccount({ devices: ['tv'] })
    await stage.cloud.control.seed(other.account, [{ name: 'theirs', children: [] }])
    const saved = await stage.storage(data.id)
    const addition = JSON.stringify({ ...JSON.parse(saved.addition), cookie: other.cookies['tv'] })
    const updated = await stage.gateway.api('/api/admin/storage/update', { ...saved, addition })
    expect(updated.message).toBe('success')
    expect((await stage.list('/115')).data.content.map(({ name }) => name)).toEqual(['theirs'])
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
  const start = async (app: string) =>
    (await stage.gateway.api<Start>('/api/admin/qr/115/start', { app })).data
  const state = async (id: string) =>
    (await stage.gateway.api<State>(`/api/admin/qr/115/state?id=${id}`)).data
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
    await stage.cloud.control.qr(uid, 'scan', stage.account)
    await until(code.id, 'scanned')
    await stage.cloud.control.qr(uid, 'confirm', stage.account)
    const done = await until(code.id, 'confirmed')
    expect(done.cookie).toMatch(/^qr-login:/)
    const answer = await stage.mount(done.cookie ?? '')
    expect(answer.message).toBe('success')
    expect(await stage.names('/115')).toContain('电影')
    const log = await stage.cloud.control.log()
    expect(log.filter(({ path }) => path.includes('/login/qrcode')).length).toBe(1)
  })

  test('two windows on one code both see it confirmed, and it is exchanged once', async () => {
    await stage.cloud.control.resetLog()
    const code = await start('wechatmini')
    await stage.cloud.control.qr(uidOf(code.text), 'scan', stage.account)
    await stage.cloud.control.qr(uidOf(code.text), 'confirm', stage.account)
    const seen = await Promise.all([until(code.id, 'confirmed'), until(code.id, 'confirmed')])
    expect(seen[0]?.cookie).toBe(seen[1]?.cookie)
    expect(
      (await stage.cloud.control.log()).filter(({ path }) => path.includes('/login/qrcode')).length,
    ).toBe(1)
  })

  test.each([
    ['cancel', 'cancelled'],
    ['expire', 'expired'],
  ] as const)('%s is told as %s', async (action, told) => {
    const code = await start('tv')
    await stage.cloud.control.qr(uidOf(code.text), 'scan', stage.account)
    await stage.cloud.control.qr(uidOf(code.text), action, stage.account)
    const seen = await until(code.id, told)
    expect(seen.cookie).toBeUndefined()
    expect(seen.message).not.toBe('')
  })

  test('a withdrawn client is refused with what to do', async () => {
    const answer = await stage.gateway.api<Start>('/api/admin/qr/115/start', { app: 'linux' })
    if (answer.code === 200) {
      await stage.cloud.control.qr(uidOf(answer.data.text), 'scan', stage.account)
      await stage.cloud.control.qr(uidOf(answer.data.text), 'confirm', stage.account)
      expect((await until(answer.data.id, 'failed')).message).toContain('下架')
    } else expect(answer.message).toMatch(/下架|withdrawn/)
  })

  test('the older two-step way works, and nothing else is reachable through /proxy/', async () => {
    const token = (await (
      await fetch(`${stage.gateway.url}/proxy/qrcodeapi.115.com/api/1.0/web/1.0/token`)
    ).json()) as {
      data: { uid: string; time: number; sign: string; qrcode: string }
    }
    const { uid, time, sign, qrcode } = token.data
    await stage.cloud.control.qr(uid, 'scan', stage.account)
    const status = await fetch(
      `${stage.gateway.url}/proxy/qrcodeapi.115.com/get/status/?uid=${uid}&time=${time}&sign=${sign}&_=1`,
    )
    expect(((await status.json()) as { data: { status: number } }).data.status).toBe(1)
    const image = await fetch(`${stage.gateway.url}/qr/?size=240&text=${encodeURIComponent(qrcode)}`)
    expect(image.headers.get('content-type')).toBe('image/png')
    await stage.cloud.control.resetLog()
    for (const path of [
      '/proxy/webapi.115.com/files?cid=0',
      '/proxy/qrcodeapi.115.com/app/1.0/web/1.0/login/qrcode',
      '/proxy/example.com/',
      '/proxy/qrcodeapi.115.com/get/status/../../api/1.0/web/1.0/token/../qrcode?uid=x',
    ]) {
      expect((await fetch(`${stage.gateway.url}${path}`)).status).toBe(404)
    }
    const counts = await stage.cloud.control.counts()
    expect(Object.values(counts).reduce((total, count) => total + count, 0)).toBe(0)
  })
})

describe('M4 token on the storage', () => {
  async function confirmedToken(): Promise<string> {
    const token = (await (
      await fetch(`${stage.gateway.url}/proxy/qrcodeapi.115.com/api/1.0/web/1.0/token`)
    ).json()) as { data: { uid: string } }
    await stage.cloud.control.qr(token.data.uid, 'scan', stage.account)
    await stage.cloud.control.qr(token.data.uid, 'confirm', stage.account)
    return token.data.uid
  }

  test('is exchanged once for the stage.cookie, then gone; the replaced session is named', async () => {
    await stage.cloud.control.logIn(stage.account, 'harmony')
    const token = await confirmedToken()
    await stage.cloud.control.resetLog()
    const answer = await stage.mount('', { addition: { qrcode_token: token, qrcode_source: 'harmony' } })
    expect(answer.message).toBe('success')
    const saved = await stage.storage(answer.data.id)
    expect(JSON.parse(saved.addition)).toMatchObject({ qrcode_token: '' })
    expect(saved.notices.map(({ code }) => code)).toContain('replaces-session')
    await stage.gateway.stop()
    await stage.gateway.start()
    expect(await stage.names('/115')).toContain('电影')
    expect(
      (await stage.cloud.control.log()).filter(({ path }) => path.includes('/login/qrcode')).length,
    ).toBe(1)
  })

  test('web, android and ios are marked as not recommended', async () => {
    const answer = await stage.mount('', {
      addition: { qrcode_token: await confirmedToken(), qrcode_source: 'web' },
    })
    expect((await stage.storage(answer.data.id)).notices.map(({ code }) => code)).toContain(
      'client-not-recommended',
    )
  })

  test.each([
    [
      'expired',
      async () => {
        const token = await confirmedToken()
        await stage.cloud.control.qr(token, 'expire', stage.account)
        return token
      },
    ],
    ['made up', async () => '0123456789abcdef0123456789abcdef01234567'],
  ])('that is %s is told, and the row is kept', async (_what, make) => {
    const answer = await stage.mount('', {
      addition: { qrcode_token: await make(), qrcode_source: 'harmony' },
    })
    expect(answer.code).toBe(500)
    expect(answer.data.id).toBeGreaterThan(0)
  })

  test('for a withdrawn client gives the words of 115', async () => {
    const answer = await stage.mount('', {
      addition: { qrcode_token: await confirmedToken(), qrcode_source: 'linux' },
    })
    expect(answer.code).toBe(500)
    expect(answer.message).toContain('系统已下架')
  })

  test('neither cookie nor token is told by name', async () => {
    const answer = await stage.mount('')
    expect(answer.code).not.toBe(200)
    expect(answer.message).toMatch(/cookie/i)
  })
})

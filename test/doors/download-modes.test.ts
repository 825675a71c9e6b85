// The three ways bytes reach a client, and who decides.
import { createHash } from 'node:crypto'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { basic } from '../support/gateway.ts'
import { useStage } from '../support/stage.ts'

const stage = useStage()

describe('M9 download modes', () => {
  const film = '/115/电影/星河.mkv'
  const encoded = film.split('/').map(encodeURIComponent).join('/')
  const sha1 = async (response: Response) =>
    createHash('sha1')
      .update(Buffer.from(await response.arrayBuffer()))
      .digest('hex')
      .toUpperCase()

  async function sign(): Promise<string> {
    const { data } = await stage.list('/115/电影')
    return encodeURIComponent(data.content.find(({ name }) => name === '星河.mkv')?.sign ?? '')
  }
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${stage.gateway.url}${path}`, {
      redirect: 'manual',
      headers: { 'user-agent': 'player/1', ...headers },
    })

  test('302 by default, for web and WebDAV, to a link that works for that player alone', async () => {
    await stage.mount(stage.cookie)
    const truth = (await stage.cloud.control.tree(stage.account, '/电影/星河.mkv')).sha1
    for (const path of [`/d${encoded}?sign=${await sign()}`, `/dav${encoded}`]) {
      const answer = await get(path, { authorization: basic(stage.gateway) })
      expect([path, answer.status]).toEqual([path, 302])
      const target = answer.headers.get('location') ?? ''
      expect(await sha1(await fetch(target, { headers: { 'user-agent': 'player/1' } }))).toBe(truth)
      expect((await fetch(target, { headers: { 'user-agent': 'other/2' } })).status).toBe(403)
    }
  })

  test('through the gateway when the mount says so, for web and WebDAV separately', async () => {
    await stage.mount(stage.cookie, { web_proxy: true, webdav_policy: '302_redirect' })
    const truth = (await stage.cloud.control.tree(stage.account, '/电影/星河.mkv')).sha1
    const web = await get(`/d${encoded}?sign=${await sign()}`)
    expect(web.status).toBe(200)
    expect(await sha1(web)).toBe(truth)
    expect((await get(`/dav${encoded}`, { authorization: basic(stage.gateway) })).status).toBe(302)
  })

  test('WebDAV through the gateway while the web redirects', async () => {
    await stage.mount(stage.cookie, { webdav_policy: 'native_proxy' })
    const dav = await get(`/dav${encoded}`, { authorization: basic(stage.gateway), range: 'bytes=10-19' })
    expect(dav.status).toBe(206)
    expect((await dav.arrayBuffer()).byteLength).toBe(10)
    expect((await get(`/d${encoded}?sign=${await sign()}`)).status).toBe(302)
  })

  test('through a proxy URL with its signature', async () => {
    await stage.mount(stage.cookie, {
      webdav_policy: 'use_proxy_url',
      web_proxy: true,
      down_proxy_url: 'https://worker.example',
    })
    for (const path of [`/p${encoded}?sign=${await sign()}`, `/dav${encoded}`]) {
      const target = (await get(path, { authorization: basic(stage.gateway) })).headers.get('location') ?? ''
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
    await stage.mount(stage.cookie)
    await stage.cloud.control.fault({ fault: 'link.policy', f })
    const truth = (await stage.cloud.control.tree(stage.account, '/电影/星河.mkv')).sha1
    const answer = await get(`/d${encoded}?sign=${await sign()}`)
    expect(answer.status).toBe(status)
    const target = answer.headers.get('location')
    const bytes = target ? await fetch(target, { headers: { 'user-agent': 'player/1' } }) : answer
    expect(await sha1(bytes)).toBe(truth)
  })

  test('a client without a user agent is never sent to a link that is bound to one', async () => {
    await stage.mount(stage.cookie)
    const answer = await request(`${stage.gateway.url}/d${encoded}?sign=${await sign()}`)
    expect(answer.statusCode).toBe(200)
    await answer.body.dump()
  })

  test('bad, missing and foreign signatures open nothing', async () => {
    await stage.mount(stage.cookie)
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

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestSandbox, type TestAccount, type TestSandbox } from '../../test/support/sandbox.ts'

let test: TestSandbox
let account: TestAccount

beforeEach(async () => {
  test = await startTestSandbox()
  account = await test.control.createAccount()
})
afterEach(() => test.close())

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${test.sandbox.url}/webapi.115.com${path}`, {
    headers: { cookie: account.cookies['web'] ?? '', 'user-agent': 'me', ...headers },
  })

describe('log', () => {
  it('has a line per request with who, what, when and how much', async () => {
    await test.control.freeze(true)
    const now = await test.control.advance(0)
    const bytes = (await (await ask('/files?cid=0&sign=secret')).arrayBuffer()).byteLength
    const [line] = await test.control.log()
    expect(line).toMatchObject({
      number: 1,
      time: now,
      host: 'webapi.115.com',
      method: 'GET',
      path: '/files?cid=0&sign=***',
      class: 'list',
      account: account.account,
      device: 'web',
      userAgent: 'me',
      bytesIn: 0,
      inFlight: 1,
      aborted: false,
      cdn: null,
    })
    expect(line?.bytesOut).toBe(bytes)
  })

  it('goes on after a number, and starts empty after a reset', async () => {
    for (let i = 0; i < 3; i++) await ask('/files')
    expect((await test.control.log(1)).map((line) => line.number)).toEqual([2, 3])
    await test.control.resetLog()
    expect(await test.control.log()).toEqual([])
    await ask('/files')
    expect((await test.control.log()).map((line) => line.number)).toEqual([4])
  })

  it('counts by class, and not the control calls', async () => {
    await ask('/files')
    await ask('/files/get_info?file_id=1')
    await ask('/nothing')
    expect(await test.control.counts()).toMatchObject({
      list: 1,
      info: 1,
      other: 1,
      login: 0,
      link: 0,
      write: 0,
      cdn: 0,
      ali: 0,
    })
  })
})

describe('seed and tree', () => {
  it('plants what is described and tells the truth about it', async () => {
    const { ids, files, directories } = await test.control.seed(account.account, [
      {
        name: 'd',
        children: [
          { name: 'f{n}', count: 3, size: 5 },
          { name: 'twin', count: 2, size: 1 },
        ],
      },
      { name: 'top', size: 0, modifiedAt: '2024-01-01T00:00:00Z' },
    ])
    expect([ids.length, files, directories]).toEqual([2, 6, 1])
    const root = await test.control.tree(account.account, '/', 2)
    expect(root.children?.map((each) => each.id)).toEqual(ids)
    expect(root.children?.[0]?.children?.map((each) => each.name)).toEqual(['f1', 'f2', 'f3', 'twin', 'twin'])
    expect(root.children?.[1]).toMatchObject({
      kind: 'file',
      size: 0,
      modifiedAt: 1704067200,
      sha1: 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709',
    })
  })

  it('gives ids of 19 digits that a double cannot tell apart', async () => {
    const { ids } = await test.control.seed(account.account, { flat: 2 })
    expect(ids.every((id) => /^\d{19}$/.test(id))).toBe(true)
    expect(ids[0]).not.toBe(ids[1])
    expect(Number(ids[0])).toBe(Number(ids[1]))
  })

  it('keeps pushed bytes', async () => {
    const bytes = Buffer.from('真的字节')
    const pushed = await test.control.pushBlob(bytes)
    expect(pushed).toMatchObject({
      size: 12,
      sha1: createHash('sha1').update(bytes).digest('hex').toUpperCase(),
    })
    await test.control.seed(account.account, [{ name: 'real.txt', blob: pushed.blob }])
    expect(await test.control.tree(account.account, 'real.txt')).toMatchObject({
      size: 12,
      sha1: pushed.sha1,
    })
  })

  it('changes drives as their owners do', async () => {
    const [d, f] = (
      await test.control.seed(account.account, [
        { name: 'd', children: [] },
        { name: 'f', size: 1 },
      ])
    ).ids
    await test.control.change(account.account, { rename: { id: f ?? '', name: 'g' } })
    await test.control.change(account.account, { move: { id: f ?? '', to: d ?? '' } })
    expect((await test.control.tree(account.account, '/d')).children).toMatchObject([
      { id: f, name: 'g', parentId: d },
    ])
    await test.control.change(account.account, { remove: d ?? '' })
    expect((await test.control.tree(account.account)).children).toEqual([])
  })

  it('says in words what cannot be done', async () => {
    await expect(test.control.seed('1', [])).rejects.toThrow('no account "1"')
    await expect(test.control.seed(account.account, { generator: 'tree-X' })).rejects.toThrow(
      'no generator "tree-X"',
    )
    await expect(test.control.tree(account.account, '/nowhere')).rejects.toThrow('nothing at "nowhere"')
    await expect(test.control.fault({ fault: 'list.cup' })).rejects.toThrow('"list.cup": no such fault')
    await expect(test.control.fault({ fault: 'list.cap', m: 1 })).rejects.toThrow('unknown parameter "m"')
    await expect(test.control.createAccount({ devices: ['toaster'] })).rejects.toThrow('no device "toaster"')
  })
})

describe('faults', () => {
  it('are listed with what is left of them, and taken off one by one', async () => {
    const first = await test.control.fault({ fault: 'http', status: 500, times: 2 })
    await test.control.fault({ fault: 'html', match: { class: 'info' } })
    expect((await ask('/files')).status).toBe(500)
    const list = async () =>
      ((await (await fetch(`${test.sandbox.url}/__sandbox/faults`)).json()) as { faults: object[] }).faults
    expect(await list()).toMatchObject([
      { id: first, fault: 'http', times: 1 },
      { fault: 'html', match: { class: 'info' } },
    ])
    await test.control.removeFault(first)
    expect(await list()).toHaveLength(1)
    await test.control.clearFaults()
    expect(await list()).toEqual([])
  })
})

describe('numbers that make no sense', () => {
  const post = async (call: string, body: object) => {
    const url = `${test.sandbox.url}/__sandbox/${call}`
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
    return [answer.status, (await answer.json()) as object]
  }

  it.each([
    ['limits', { webPage: 'many' }, '"webPage" is not a number from 0 up'],
    ['limits', { qrHoldMs: -1 }, '"qrHoldMs" is not a number from 0 up'],
    ['limits', { linkLifeMs: null }, '"linkLifeMs" is not a number from 0 up'],
    ['limits', { firewall: 5 }, '"firewall" is not null or an object'],
    ['limits', { firewall: { limit: 1 } }, '"windowMs" is not a number from 0 up'],
    ['clock', { advanceMs: 1e300 }, '"advanceMs" is more than a hundred years'],
    ['faults', { fault: 'http', status: 99 }, '"status" is no HTTP status from 200 to 599'],
    ['faults', { fault: 'http', status: 'x' }, '"status" is no HTTP status from 200 to 599'],
  ])('are refused: %s %j', async (call, body, error) => {
    expect(await post(call, body)).toEqual([400, { error }])
    expect((await ask('/files')).status).toBe(200)
  })

  it('leave good ones as they were', async () => {
    const firewall = { limit: 3, windowMs: 1000, coolMs: 5000 }
    expect(await post('limits', { firewall, webPage: 10 })).toMatchObject([200, { firewall, webPage: 10 }])
    expect(await post('limits', { firewall: null })).toMatchObject([200, { firewall: null, webPage: 10 }])
  })
})

describe('the guard of the control calls', () => {
  it('refuses foreign pages and names that only resolve to loopback', async () => {
    const status = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        const path = '/__sandbox/log'
        request({ port: test.sandbox.port, host: '127.0.0.1', path, headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
          .on('error', reject)
          .end()
      })
    const own = `127.0.0.1:${test.sandbox.port}`
    expect(await status({})).toBe(200)
    expect(await status({ origin: `http://${own}` })).toBe(200)
    expect(await status({ origin: 'https://evil.example' })).toBe(403)
    expect(await status({ origin: 'http://127.0.0.1:1' })).toBe(403)
    expect(await status({ host: `evil.example:${test.sandbox.port}` })).toBe(403)
    expect(await status({ host: 'webapi.115.com' })).toBe(501)
  })
})

describe('the page', () => {
  it('is Chinese, or English for those who prefer it, and may run its own script only', async () => {
    const page = async (language: string) =>
      fetch(`${test.sandbox.url}/__sandbox/`, { headers: { 'accept-language': language } })
    const chinese = await page('zh-CN,en;q=0.5')
    expect(await chinese.text()).toContain('<h1>115 模拟服务</h1>')
    expect(await (await page('en-GB,zh;q=0.5')).text()).toContain('<h1>Sandbox of 115</h1>')
    expect(chinese.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; .*script-src 'nonce-/,
    )
    expect(await (await page('de')).text()).toContain('lang="zh-CN"')
  })

  it('gets the pending codes as data and as pictures', async () => {
    await fetch(`${test.sandbox.url}/qrcodeapi.115.com/api/1.0/web/1.0/token`)
    const [code] = await test.control.pendingQr()
    expect(code).toMatchObject({ state: 'waiting' })
    const picture = await fetch(`${test.sandbox.url}/__sandbox/qr/${code?.uid}`)
    expect(picture.headers.get('content-type')).toBe('image/png')
    await picture.arrayBuffer()
    await test.control.qr(code?.uid ?? '', 'confirm')
    expect(await test.control.pendingQr()).toEqual([])
    await expect(test.control.qr(code?.uid ?? '', 'scan')).rejects.toThrow('QR code is confirmed')
  })
})

import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { get as getHttps } from 'node:https'
import { get as getHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { clientTest } from '../test/support/clients.ts'
import { startTestSandbox, type TestSandbox } from '../test/support/sandbox.ts'
import { clientOf } from '../test/support/sandbox-client.ts'
import { startSandbox } from './sandbox.ts'

let test: TestSandbox | null = null
afterEach(async () => {
  await test?.close()
  test = null
})

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk
  return text
}

describe('startSandbox()', () => {
  it.each(['0.0.0.0:0', '192.168.1.2:0', 'example.com:0', '[::]:0', 'nonsense'])(
    'refuses to listen on %s',
    async (listen) => {
      await expect(startSandbox({ listen })).rejects.toThrow(`Cannot listen on "${listen}"`)
    },
  )

  it('refuses a scenario that it does not have', async () => {
    await expect(startSandbox({ scenario: 'opera' as 'demo' })).rejects.toThrow(
      '"opera": there are empty, demo',
    )
  })

  it('routes by Host header as well as by path', async () => {
    test = await startTestSandbox()
    const { port } = test.sandbox
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { host: 'qrcodeapi.115.com' }
      getHttp({ host: '127.0.0.1', port, path: '/api/1.0/web/1.0/token', headers }, resolve).on(
        'error',
        reject,
      )
    })
    expect(JSON.parse(await textOf(response))).toMatchObject({ state: 1 })
    expect(await (await fetch(`${test.sandbox.url}/example.com/`)).json()).toMatchObject({
      sandbox: 'not emulated',
    })
  })

  it('adds latency by kind of host', async () => {
    test = await startTestSandbox({ latencyMs: { api: 40 } })
    await fetch(`${test.sandbox.url}/appversion.115.com/1/web/1.0/api/chrome`)
    const [line] = await test.control.log()
    expect(line?.durationMs).toBeGreaterThanOrEqual(38)
  })

  it('speaks TLS for every host and plain http on one port', async () => {
    test = await startTestSandbox({ tls: true })
    const { port, caFile, url } = test.sandbox
    const ca = await readFile(caFile ?? '')
    const ask = (host: string, path: string, headers = {}) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port,
          servername: host,
          path,
          ca,
          headers: { host, ...headers },
          agent: false,
        }
        getHttps(options, resolve).on('error', reject)
      })
    expect(JSON.parse(await textOf(await ask('qrcodeapi.115.com', '/api/1.0/web/1.0/token')))).toMatchObject({
      state: 1,
    })
    expect((await fetch(`${url}/qrcodeapi.115.com/api/1.0/web/1.0/token`)).status).toBe(200)
    await expect(ask('example.com', '/')).rejects.toThrow()
  })

  clientTest('curl', 'gets links under the real names when it asks by them over TLS', async () => {
    test = await startTestSandbox({ tls: true })
    const { port, caFile } = test.sandbox
    const account = await test.control.createAccount()
    await test.control.seed(account.account, [{ name: 'a', size: 10 }])
    const { pickcode } = await test.control.tree(account.account, '/a')
    const ask = [
      '-sS',
      '--cacert',
      caFile ?? '',
      '--connect-to',
      `::127.0.0.1:${port}`,
      '-b',
      account.cookies['web'] ?? '',
      '-A',
      'me',
    ]
    const curl = async (url: string) => (await promisify(execFile)('curl', [...ask, url])).stdout
    const reply = JSON.parse(
      await curl(`https://webapi.115.com/files/download?dl=1&pickcode=${pickcode}`),
    ) as { file_url_302: string }
    expect(reply.file_url_302).toMatch(/^https:\/\/cdnfhnfile\.115cdn\.net\/[0-9a-f]{40}\/a\?/)
    expect(Buffer.byteLength(await curl(reply.file_url_302))).toBeGreaterThan(0)
  })
})

describe('the demo', () => {
  it('has a drive of everything, with the same cookie each time', async () => {
    test = await startTestSandbox({ scenario: 'demo' })
    const [account] = await test.control.accounts()
    if (!account) throw new Error('no account')
    const again = await startTestSandbox({ scenario: 'demo' })
    expect((await again.control.accounts())[0]?.cookies).toEqual(account.cookies)
    await again.close()
    const root = await test.control.tree(account.account)
    expect(root.children?.map((each) => each.name)).toEqual(['电影', '剧集', '音乐', '照片', '文档', '备份'])
    const [film] = (await test.control.tree(account.account, '/电影')).children ?? []
    expect(film).toMatchObject({ size: 20 * 1024 ** 3, sha1: '75366601C30302A26DB90E1F645AFA0C04B449C2' })
    expect((await test.control.tree(account.account, '/照片')).count).toBe(3000)
    const documents = (await test.control.tree(account.account, '/文档')).children ?? []
    expect(Math.max(...documents.map((each) => Buffer.byteLength(each.name)))).toBe(255)
    expect(await clientOf(test, account).files({ cid: 0 })).toMatchObject({ state: true, count: 6 })
  })
})

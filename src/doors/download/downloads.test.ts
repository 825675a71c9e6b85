import { request } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import { boundLink, contentOf, modifiedAt, TestServer } from '../../../test/support/download-server.ts'

const sha1 = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'
const player = { 'user-agent': 'Infuse/8' }
let server: TestServer

beforeEach(async () => {
  server = await new TestServer().listen()
  server.files.push({ name: 'e01.mkv', size: 1000, sha1 })
})

afterEach(() => server.close())

describe('GET /d', () => {
  it('redirects a player to a link of its own', async () => {
    const reply = await server.ask('/d/drive/e01.mkv', player)
    expect(reply.status).toBe(302)
    expect(reply.headers).toMatchObject({
      location: 'https://cdn.example/secret/e01.mkv',
      'referrer-policy': 'no-referrer',
      'cache-control': 'max-age=0, no-cache, no-store, must-revalidate',
      'content-length': '0',
    })
    expect(server.linked).toEqual(['Infuse/8'])
    expect(server.opened).toEqual([])
  })

  it('streams with our own user agent what needs a cookie, and never shows the link', async () => {
    server.files[0] = { name: 'e01.mkv', size: 1000, link: (want) => boundLink('e01.mkv', want, 'k=v') }
    const reply = await server.ask('/d/drive/e01.mkv', player)
    expect(reply.status).toBe(200)
    expect(reply.headers.location).toBeUndefined()
    expect(reply.body).toEqual(contentOf(0, 999))
    expect(server.opened).toEqual([{ 'user-agent': 'panport/1', cookie: 'k=v' }])
  })

  it('streams to a client that does not say who it is', async () => {
    const reply = await server.ask('/d/drive/e01.mkv')
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual(contentOf(0, 999))
  })

  it('streams what the driver keeps to itself, without asking for a link of the client', async () => {
    server.mustProxy = true
    expect((await server.ask('/d/drive/e01.mkv', player)).status).toBe(200)
    expect(server.linked).toEqual(['panport/1'])
  })

  it('streams the types that must pass through us', async () => {
    server.files.push({ name: 'list.m3u8', size: 10 })
    expect((await server.ask('/d/drive/list.m3u8', player)).status).toBe(200)
  })

  it('encodes what a header cannot hold and leaves the rest of the link as it is', async () => {
    const url = 'https://cdn.example/电 a%20b.mkv?sig=+/='
    server.files[0] = { name: 'e01.mkv', size: 1, link: (want) => ({ ...boundLink('e01.mkv', want), url }) }
    const reply = await server.ask('/d/drive/e01.mkv', player)
    expect(reply.headers.location).toBe('https://cdn.example/%E7%94%B5%20a%20b.mkv?sig=+/=')
  })

  it('keeps Chinese names, spaces and marks in the path', async () => {
    server.files.push({ name: '第1集 a&b#c%d+e?.mkv', size: 5 })
    server.record = { webMode: 'proxy' }
    const reply = await server.ask('/d/drive/%E7%AC%AC1%E9%9B%86%20a&b%23c%25d+e%3F.mkv')
    expect(reply.body).toEqual(contentOf(0, 4))
  })
})

describe('GET through a proxy URL', () => {
  beforeEach(() => {
    server.record = { webMode: 'proxyUrl', proxyUrl: 'https://worker.example/\nhttps://second.example' }
    server.files.push({ name: '电 影.mkv', size: 10 })
  })

  it('redirects to its first line with the encoded full path and a signature', async () => {
    const reply = await server.ask('/d/drive/%E7%94%B5%20%E5%BD%B1.mkv', player)
    expect(reply.status).toBe(302)
    expect(reply.headers.location).toBe(
      'https://worker.example/drive/%E7%94%B5%20%E5%BD%B1.mkv?sign=mac-of-2=:42',
    )
    expect(server.linked).toEqual([])
  })

  it('leaves the signature out where the storage says so', async () => {
    server.record = { ...server.record, signProxyUrl: false }
    const reply = await server.ask('/d/drive/e01.mkv', player)
    expect(reply.headers.location).toBe('https://worker.example/drive/e01.mkv')
  })

  it('gives the proxy itself the bytes', async () => {
    const reply = await server.ask('/p/drive/e01.mkv?d', player)
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual(contentOf(0, 999))
  })

  it('streams when no proxy is named', async () => {
    server.record = { webMode: 'proxyUrl', proxyUrl: ' \n' }
    expect((await server.ask('/d/drive/e01.mkv', player)).status).toBe(200)
  })
})

describe('GET /p', () => {
  it('is refused where the storage redirects', async () => {
    const reply = await server.ask('/p/drive/e01.mkv', player)
    expect(reply.status).toBe(403)
    expect(JSON.parse(reply.body.toString())).toEqual({ code: 403, message: 'proxy not allowed', data: null })
  })

  it('is allowed for texts everywhere', async () => {
    server.files.push({ name: 'a.txt', size: 3 })
    expect((await server.ask('/p/drive/a.txt', player)).body).toEqual(contentOf(0, 2))
  })

  it('names the file, its type and its version', async () => {
    server.record = { webMode: 'proxy' }
    const { headers } = await server.ask('/p/drive/e01.mkv', player)
    expect(headers).toMatchObject({
      'content-length': '1000',
      'content-type': 'video/x-matroska',
      'content-disposition': `attachment; filename="e01.mkv"; filename*=UTF-8''e01.mkv`,
      'accept-ranges': 'bytes',
      etag: `"${sha1}"`,
      'last-modified': 'Sun, 01 Mar 2026 08:09:10 GMT',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
    })
    expect(headers['content-security-policy']).toBeUndefined()
  })

  it('takes the scripts of pages and drawings their power', async () => {
    server.record = { webMode: 'proxy' }
    for (const name of ['page.html', 'drawing.svg']) {
      server.files.push({ name, size: 4 })
      const { headers } = await server.ask(`/p/drive/${name}`)
      expect(headers['content-security-policy']).toBe('sandbox')
      expect(headers['content-disposition']).toMatch(/^attachment/)
    }
  })
})

describe('ranges', () => {
  beforeEach(() => {
    server.record = { webMode: 'proxy' }
  })

  it.each([
    ['bytes=0-0', 206, 'bytes 0-0/1000', contentOf(0, 0)],
    ['bytes=990-', 206, 'bytes 990-999/1000', contentOf(990, 999)],
    ['bytes=-10', 206, 'bytes 990-999/1000', contentOf(990, 999)],
    ['bytes=0-1,5-6', 200, undefined, contentOf(0, 999)],
    ['bytes=1000-', 416, 'bytes */1000', Buffer.alloc(0)],
  ])('%s: %i', async (range, status, contentRange, body) => {
    const reply = await server.ask('/p/drive/e01.mkv', { range })
    expect(reply.status).toBe(status)
    expect(reply.headers['content-range']).toBe(contentRange)
    expect(reply.headers['content-length']).toBe(String(body.length))
    expect(reply.body).toEqual(body)
  })

  it('gives the whole when If-Range names another version', async () => {
    const range = 'bytes=0-0'
    expect((await server.ask('/p/drive/e01.mkv', { range, 'if-range': `"${sha1}"` })).status).toBe(206)
    expect((await server.ask('/p/drive/e01.mkv', { range, 'if-range': '"old"' })).status).toBe(200)
  })

  it('reads an empty file without asking the cloud', async () => {
    server.files.push({ name: 'empty', size: 0 })
    const reply = await server.ask('/p/drive/empty', { range: 'bytes=0-' })
    expect([reply.status, reply.headers['content-length'], reply.body.length]).toEqual([200, '0', 0])
    expect(server.linked).toEqual([])
  })

  it('streams a file of unknown size without length or ranges', async () => {
    server.files.push({ name: 'live', size: null, body: () => Readable.from([contentOf(0, 9)]) })
    const reply = await server.ask('/p/drive/live', { range: 'bytes=0-1' })
    expect([reply.status, reply.headers['content-length']]).toEqual([200, undefined])
    expect(reply.headers['accept-ranges']).toBe('none')
    expect(reply.body).toEqual(contentOf(0, 9))
  })
})

describe('HEAD and preconditions', () => {
  it('are answered from the entry: no link, no read', async () => {
    const head = await server.ask('/d/drive/e01.mkv', player, 'HEAD')
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({
      'content-length': '1000',
      etag: `"${sha1}"`,
      'accept-ranges': 'bytes',
    })
    const known = await server.ask('/d/drive/e01.mkv', { 'if-none-match': `"${sha1}"` })
    expect([known.status, known.headers.etag]).toEqual([304, `"${sha1}"`])
    const since = await server.ask('/d/drive/e01.mkv', { 'if-modified-since': modifiedAt.toUTCString() })
    expect(since.status).toBe(304)
    expect((await server.ask('/d/drive/e01.mkv', { 'if-match': '"old"' })).status).toBe(412)
    expect([server.linked, server.opened]).toEqual([[], []])
  })

  it('HEAD ignores a Range', async () => {
    const head = await server.ask('/d/drive/e01.mkv', { range: 'bytes=0-0' }, 'HEAD')
    expect([head.status, head.headers['content-length']]).toEqual([200, '1000'])
  })
})

describe('signatures', () => {
  it('are demanded by the site or by the storage, before anything is looked for', async () => {
    for (const path of ['/d/drive/e01.mkv', '/d/drive/absent.mkv', '/d/elsewhere/a']) {
      server.signAll = true
      const reply = await server.ask(path, player)
      expect([reply.status, JSON.parse(reply.body.toString()).message]).toEqual([401, 'sign invalid'])
    }
    expect((await server.ask('/d/drive/e01.mkv?sign=good%3Ae01.mkv', player)).status).toBe(302)
    server.signAll = false
    server.record = { requiresSign: true }
    expect((await server.ask('/d/drive/e01.mkv', player)).status).toBe(401)
    expect((await server.ask('/d/drive/e01.mkv?sign=good:e01.mkv', player)).status).toBe(302)
  })

  it('are ignored where nobody demands them', async () => {
    expect((await server.ask('/d/drive/e01.mkv?sign=bad', player)).status).toBe(302)
  })
})

describe('what cannot be downloaded', () => {
  it.each([
    ['/d/drive/absent.mkv', 404],
    ['/d/elsewhere/a', 404],
    ['/d/drive/folder', 400],
    ['/d/drive', 400],
    ['/d/drive/%zz', 400],
    ['/d/drive/..%2fe01.mkv', 400],
    ['/d/drive/../drive/e01.mkv', 400],
    ['/d/drive/a%5Cb', 400],
    ['/d/drive/a%00b', 400],
  ])('%s: %i', async (path, status) => {
    expect((await server.ask(path, player)).status).toBe(status)
  })

  it('is answered in the client’s language with the cloud’s own words and what to do', async () => {
    const error = new StorageError('AuthExpired', 'Cannot link "e01.mkv" at https://x.example/?k=secret', {
      upstream: { message: '登录超时' },
      advice: 'log-in-again',
    })
    server.files[0] = {
      name: 'e01.mkv',
      size: 1,
      link: () => {
        throw error
      },
    }
    const english = await server.ask('/d/drive/e01.mkv', { ...player, 'accept-language': 'en' })
    expect(english.status).toBe(502)
    expect(JSON.parse(english.body.toString())).toEqual({
      code: 502,
      message:
        'The login at the cloud has expired; Cannot link "e01.mkv" at https://x.example/?[hidden]; ' +
        '登录超时; Log in again in the storage settings',
      data: null,
    })
    const chinese = await server.ask('/d/drive/e01.mkv', player)
    expect(JSON.parse(chinese.body.toString()).message).toBe(
      '网盘登录已失效；登录超时；请在存储设置里重新登录',
    )
  })

  it('tells a login that may only browse to become an app client, not to be scanned again as it is', async () => {
    server.files[0] = {
      name: 'e01.mkv',
      size: 1,
      link: () => {
        throw new StorageError('PermissionDenied', 'Cannot link', { advice: 'scan-with-app-client' })
      },
    }
    const english = await server.ask('/d/drive/e01.mkv', { ...player, 'accept-language': 'en' })
    expect(JSON.parse(english.body.toString()).message).toContain('as an app client (such as Alipay mini)')
    const chinese = await server.ask('/d/drive/e01.mkv', player)
    expect(JSON.parse(chinese.body.toString()).message).toContain('换用 App 类设备')
  })

  it('says when to come back', async () => {
    server.files[0] = {
      name: 'e01.mkv',
      size: 1,
      link: () => {
        throw new StorageError('RateLimited', 'Slow down', { retryAfterMs: 90_500 })
      },
    }
    const reply = await server.ask('/d/drive/e01.mkv', player)
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '91'])
  })

  it('hides the text of our own faults', async () => {
    server.files[0] = {
      name: 'e01.mkv',
      size: 1,
      link: () => {
        throw new TypeError('at /srv/secret')
      },
    }
    const reply = await server.ask('/d/drive/e01.mkv', { ...player, 'accept-language': 'en' })
    expect(reply.status).toBe(500)
    expect(JSON.parse(reply.body.toString()).message).toBe('Internal error; Please report this')
  })

  it('answers other methods with those it has', async () => {
    const reply = await server.ask('/d/drive/e01.mkv', player, 'PUT')
    expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it('leaves other addresses alone', async () => {
    for (const path of ['/', '/d', '/download/x', '/dav/d/a', '/api/d']) {
      expect((await server.ask(path)).status).toBe(418)
    }
  })

  it('is found below a site prefix, passed on or not', async () => {
    server.prefix = '/pan'
    expect((await server.ask('/pan/d/drive/e01.mkv', player)).status).toBe(302)
    expect((await server.ask('/d/drive/e01.mkv', player)).status).toBe(302)
  })
})

describe('a body that goes wrong', () => {
  beforeEach(() => {
    server.record = { webMode: 'proxy' }
  })

  it('never ends cleanly when the cloud gives too little', async () => {
    server.files.push({ name: 'short', size: 1000, body: () => Readable.from([contentOf(0, 9)]) })
    await expect(server.ask('/p/drive/short')).rejects.toThrow()
  })

  it('never ends cleanly when the cloud breaks off, even without a length', async () => {
    const broken = () =>
      Readable.from(
        (async function* () {
          yield contentOf(0, 9)
          throw new Error('reset')
        })(),
      )
    server.files.push({ name: 'broken', size: null, body: broken })
    await expect(server.ask('/p/drive/broken')).rejects.toThrow()
  })

  it('closes the cloud’s side at once when the client leaves', async () => {
    server.files.push({ name: 'film', size: 2 ** 30 })
    await new Promise<void>((resolve, reject) => {
      const asked = request({ port: server.port, path: '/p/drive/film', agent: false })
      asked.once('error', reject)
      asked.once('response', (res) => {
        res.once('data', () => {
          asked.destroy()
          resolve()
        })
        res.on('error', () => {})
      })
      asked.end()
    })
    await server.bodyClosed
    expect(server.pulledBytes).toBeLessThan(2 ** 28)
  })

  it('closes a body that arrives when the client has left already', async () => {
    const opening = (signal: AbortSignal) => {
      asked.destroy()
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    }
    // As undici's bodies do: being destroyed early is an error to them.
    const touchy = () =>
      new Readable({ read() {}, destroy: (_error, done) => done(new Error('aborted before the end')) })
    server.files.push({ name: 'late', size: 1000, opening, body: touchy })
    const asked = request({ port: server.port, path: '/p/drive/late', agent: false })
    asked.once('error', () => {})
    asked.end()
    await server.bodyClosed
    expect(asked.destroyed).toBe(true)
  })

  it('takes no more from the cloud than a slow client reads', async () => {
    server.files.push({ name: 'film', size: 2 ** 30 })
    const asked = request({ port: server.port, path: '/p/drive/film', agent: false })
    asked.once('error', () => {})
    asked.end()
    await new Promise((resolve) => asked.once('response', resolve))
    // The client reads nothing: pulling stops once the buffers on the way are full.
    let before = -1
    while (before !== server.pulledBytes) {
      before = server.pulledBytes
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(server.pulledBytes).toBeGreaterThan(0)
    expect(server.pulledBytes).toBeLessThan(32 * 1024 * 1024)
    asked.destroy()
    await server.bodyClosed
  })
})

describe('pages of other sites', () => {
  it('may read the answer and the headers that players seek by, also of a refusal', async () => {
    for (const path of ['/p/drive/none.mkv', '/d/drive/e01.mkv', '/d/']) {
      const { headers } = await server.ask(path, { origin: 'https://player.example' })
      expect(headers['access-control-allow-origin']).toBe('*')
      for (const name of ['Content-Range', 'Content-Length', 'Content-Disposition', 'Accept-Ranges', 'ETag'])
        expect(headers['access-control-expose-headers']).toContain(name)
    }
  })

  it('get their preflight answered without a signature and without a request to the cloud', async () => {
    const asking = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'range,x-mine',
    }
    const reply = await server.ask('/d/drive/e01.mkv', asking, 'OPTIONS')
    expect([reply.status, reply.body.length]).toEqual([204, 0])
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Range, range,x-mine',
      allow: 'GET, HEAD, OPTIONS',
    })
    expect(server.linked).toEqual([])
  })
})

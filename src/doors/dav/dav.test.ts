import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VPath } from '../../core/path.ts'
import { basic, directory, file, TestServer } from '../../../test/support/dav-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await new TestServer().listen()
  server.tree.set('', [directory('films'), file('a.txt', { size: 5, hashes: { sha1: 'ff' } })])
  server.tree.set('films', [file('电影 1.mkv')])
})

afterEach(() => server.close())

describe('the entrance', () => {
  it('asks for a password in a way that every client understands', async () => {
    for (const authorization of [
      '',
      'Digest x=y',
      'Basic',
      basic('admin', 'wrong'),
      'Bearer other',
      'Basic QQ==',
    ]) {
      const reply = await server.ask('PROPFIND', '/dav/', { authorization })
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toBe('Basic realm="panport", charset="UTF-8"')
    }
  })

  it('names the offset of a seek in the refusal, which FFmpeg needs to answer the challenge', async () => {
    const ask = (range: string) => server.ask('GET', '/dav/a.txt', { authorization: '', range })
    expect((await ask('bytes=289256-')).headers['content-range']).toBe('bytes 289256-289256/*')
    for (const range of ['bytes=0-', 'bytes=-5', 'lines=3-', '']) {
      const reply = await ask(range)
      expect([reply.status, reply.headers['content-range']]).toEqual([401, undefined])
    }
  })

  it('does not count who only looks', async () => {
    const asked = request({ port: server.port, path: '/dav/', method: 'PROPFIND', agent: false })
    const status = new Promise((resolve) => asked.once('response', (res) => resolve(res.statusCode)))
    asked.end()
    expect(await status).toBe(401)
    expect(server.attempts).toEqual([])
  })

  it('takes names in UTF-8, passwords with colons, and tells the gate where they come from', async () => {
    await server.ask('HEAD', '/dav/', { authorization: basic('管理员', 'a:b:密') })
    expect(server.attempts).toEqual([{ name: '管理员', password: 'a:b:密', network: '192.0.2.7' }])
  })

  it('takes the static token as Bearer', async () => {
    expect((await server.ask('HEAD', '/dav/', { authorization: 'Bearer token' })).status).toBe(200)
  })

  it('says when to come back to whoever is locked out', async () => {
    const reply = await server.ask('HEAD', '/dav/', { authorization: basic('admin', 'locked') })
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '2'])
  })

  it('refuses disabled accounts and those without the right', async () => {
    server.user = { ...server.user, disabled: true }
    expect((await server.ask('HEAD', '/dav/')).status).toBe(403)
    server.user = { ...server.user, disabled: false, role: 'general', permission: 0xffff ^ (1 << 8) }
    expect((await server.ask('HEAD', '/dav/')).status).toBe(403)
    server.user = { ...server.user, permission: 1 << 8 }
    expect((await server.ask('HEAD', '/dav/')).status).toBe(200)
  })

  it('lets OPTIONS in without a password', async () => {
    const reply = await server.ask('OPTIONS', '/dav/films', { authorization: '' })
    expect(reply.status).toBe(200)
    expect(reply.headers).toMatchObject({
      dav: '1',
      allow: 'OPTIONS, GET, HEAD, POST, PROPFIND',
      'ms-author-via': 'DAV',
      'content-length': '0',
    })
  })
})

describe('methods', () => {
  it('that write, and unknown ones, are 405 with those that are there', async () => {
    for (const method of [
      'PUT',
      'DELETE',
      'MKCOL',
      'MOVE',
      'COPY',
      'PROPPATCH',
      'LOCK',
      'UNLOCK',
      'REPORT',
    ]) {
      const reply = await server.ask(method, '/dav/drive/new.txt', {}, 'body')
      expect([method, reply.status, reply.headers.allow]).toEqual([
        method,
        405,
        'OPTIONS, GET, HEAD, POST, PROPFIND',
      ])
    }
  })

  it('do not wait for a body that nobody will read', async () => {
    const authorization = basic('admin', 'right')
    expect(await beginLongBody('PUT', { authorization })).toEqual([405, 'close'])
    expect(await beginLongBody('PROPFIND', { depth: '0' })).toEqual([401, 'close'])
    expect(await beginLongBody('PROPFIND', { authorization, depth: '0' })).toEqual([413, 'close'])
    expect(await beginLongBody('PROPFIND', { authorization })).toEqual([413, 'close'])
    expect(await beginLongBody('PROPFIND', { authorization, depth: '7' })).toEqual([413, 'close'])
  })

  it.each(['GET', 'HEAD', 'POST'])('%s of a file is served in the mode for WebDAV', async (method) => {
    const reply = await server.ask(method, '/dav/drive/films/%E7%94%B5%E5%BD%B1%201.mkv')
    expect(reply.status).toBe(200)
    expect(reply.text).toBe(method === 'HEAD' ? '' : 'proxy /drive/films/电影 1.mkv')
  })

  it('GET of a folder is 405, HEAD is 200', async () => {
    for (const path of ['/dav', '/dav/', '/dav/drive', '/dav/drive/films/']) {
      const got = await server.ask('GET', path)
      expect([got.status, got.headers.allow]).toEqual([405, 'OPTIONS, HEAD, PROPFIND'])
      const head = await server.ask('HEAD', path)
      expect([head.status, head.headers['content-type']]).toEqual([200, 'httpd/unix-directory'])
    }
  })
})

describe('paths', () => {
  it.each([
    ['/dav/drive/absent', 404],
    ['/dav/elsewhere', 404],
    ['/dav/drive/a.txt/x/y', 404],
    ['/dav/%zz', 400],
    ['/dav/%ff', 400],
    ['/dav/drive/../drive', 400],
    ['/dav/drive/%2e%2e/drive', 400],
    ['/dav/drive%2Fa.txt', 400],
    ['/dav/drive%5Ca.txt', 400],
    ['/dav/drive/a%00', 400],
    ['/davx/drive', 404],
    ['/', 404],
    ['//dav//drive//a.txt', 404],
    ['/dav//drive//a.txt', 200],
  ])('%s: %i', async (path, status) => {
    expect((await server.ask('HEAD', path)).status).toBe(status)
  })

  it('begin where the user’s world begins', async () => {
    server.user = { ...server.user, role: 'general', basePath: VPath.parse('/drive/films') }
    expect((await server.ask('GET', '/dav/%E7%94%B5%E5%BD%B1%201.mkv')).text).toBe(
      'proxy /drive/films/电影 1.mkv',
    )
    expect((await server.ask('GET', '/dav/a.txt')).status).toBe(404)
    expect((await server.ask('GET', '/dav/../a.txt')).status).toBe(400)
  })
})

/** Status and Connection of the answer to a request whose body has only begun. */
function beginLongBody(method: string, headers: Record<string, string>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // Without these words Node's client asks for the end of the connection itself.
    const asked = request({
      port: server.port,
      path: '/dav/x',
      method,
      agent: false,
      headers: { ...headers, connection: 'keep-alive', 'content-length': String(2 ** 40) },
    })
    asked.once('error', reject)
    asked.once('response', (res) => {
      resolve([res.statusCode, res.headers.connection])
      asked.on('error', () => {})
      asked.destroy()
    })
    asked.write('x')
  })
}

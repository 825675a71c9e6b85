import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ErrorKind, StorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import { basic, directory, file, parseMultistatus, TestServer } from '../../../test/support/dav-server.ts'

const sha1 = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'
let server: TestServer

beforeEach(async () => {
  server = await new TestServer().listen()
  server.tree.set('', [directory('films'), file('a.txt', { size: 5, hashes: { sha1 } })])
})

afterEach(() => server.close())

function many(count: number) {
  return Array.from({ length: count }, (_, i) => file(`第${i}集 a&b.mkv`))
}

describe('PROPFIND', () => {
  it('of a file tells everything known about it', async () => {
    for (const depth of ['0', '1']) {
      const reply = await server.propfind('/dav/drive/a.txt', depth)
      expect([reply.status, reply.headers['content-type']]).toEqual([207, 'application/xml; charset=utf-8'])
      expect(parseMultistatus(reply.text)).toEqual([
        {
          href: '/dav/drive/a.txt',
          found: {
            '{DAV:}resourcetype': '',
            '{DAV:}displayname': 'a.txt',
            '{DAV:}getcontentlength': '5',
            '{DAV:}getlastmodified': 'Sun, 01 Mar 2026 08:09:10 GMT',
            '{DAV:}creationdate': '2026-02-01T00:00:00.000Z',
            '{DAV:}getcontenttype': 'text/plain',
            '{DAV:}getetag': `"${sha1}"`,
            '{DAV:}supportedlock': '',
            '{http://owncloud.org/ns}checksums': `<checksum>sha1:${sha1}`,
          },
          missing: [],
        },
      ])
    }
  })

  it('of a folder gives it first, and its children at depth 1', async () => {
    const hrefs = async (path: string, depth: string) =>
      parseMultistatus((await server.propfind(path, depth)).text).map(({ href }) => href)
    expect(await hrefs('/dav', '1')).toEqual(['/dav/', '/dav/drive/'])
    expect(await hrefs('/dav/drive', '0')).toEqual(['/dav/drive/'])
    expect(await hrefs('/dav/drive/', '1')).toEqual(['/dav/drive/', '/dav/drive/films/', '/dav/drive/a.txt'])
    expect(await hrefs('/dav/drive/films', '1')).toEqual(['/dav/drive/films/'])
  })

  it('tells folders from files and leaves out what a folder has not', async () => {
    const [drive] = parseMultistatus((await server.propfind('/dav/drive/films', '0')).text)
    expect(drive?.found['{DAV:}resourcetype']).toBe('<collection>')
    expect(Object.keys(drive?.found ?? {})).not.toContain('{DAV:}getcontentlength')
    expect(Object.keys(drive?.found ?? {})).not.toContain('{DAV:}getetag')
  })

  it('says nothing where nothing is known', async () => {
    server.tree.set('', [file('x', { size: null, modifiedAt: null, createdAt: null })])
    const [x] = parseMultistatus((await server.propfind('/dav/drive/x', '0')).text)
    expect(Object.keys(x?.found ?? {})).toEqual([
      '{DAV:}resourcetype',
      '{DAV:}displayname',
      '{DAV:}getcontenttype',
      '{DAV:}supportedlock',
      '{http://owncloud.org/ns}checksums',
    ])
  })

  it('writes names so that every client reads them back', async () => {
    const names = [
      '第1集 a&b#c%d+e?.mkv',
      "it's <b>(1)!*.txt",
      'x\u0001\u000b\ufffe\r\n\t"y]]>',
      'lone\ud800',
    ]
    server.tree.set(
      'films',
      names.map((name) => file(name)),
    )
    const { text } = await server.propfind('/dav/drive/films', '1')
    const children = parseMultistatus(text).slice(1)
    expect(children.map(({ found }) => found['{DAV:}displayname'])).toEqual([
      names[0],
      names[1],
      'x\ufffd\ufffd\ufffd\r\n\t"y]]>',
      'lone\ufffd',
    ])
    const decoded = children.map(({ href }) => decodeURIComponent(href).replace('/dav/drive/films/', ''))
    expect(decoded).toEqual([names[0], names[1], names[2], 'lone\ufffd'])
    // Proxies that rewrite names look for exactly these two spellings.
    expect(text).toContain('%E7%AC%AC1%E9%9B%86%20a&amp;b%23c%25d+e%3F.mkv</D:href>')
    expect(text).toContain('第1集 a&amp;b#c%d+e?.mkv</D:displayname>')
  })

  it('puts the site prefix in front of each href, whether or not it was passed on', async () => {
    server.prefix = '/pan'
    for (const path of ['/pan/dav/drive/films', '/dav/drive/films']) {
      const [films] = parseMultistatus((await server.propfind(path, '0')).text)
      expect(films?.href).toBe('/pan/dav/drive/films/')
    }
  })

  it('shows a user’s base path as the root', async () => {
    server.user = { ...server.user, role: 'general', basePath: VPath.parse('/drive') }
    const [root, films] = parseMultistatus((await server.propfind('/dav/', '1')).text)
    expect([root?.href, root?.found['{DAV:}displayname']]).toEqual(['/dav/', '/'])
    expect(films?.href).toBe('/dav/films/')
  })

  it('gives Windows the creation time in its own format', async () => {
    const headers = { depth: '0', 'user-agent': 'Microsoft-WebDAV-MiniRedir/10.0.19043' }
    const [item] = parseMultistatus((await server.ask('PROPFIND', '/dav/drive/a.txt', headers)).text)
    expect(item?.found['{DAV:}creationdate']).toBe('Sun, 01 Feb 2026 00:00:00 GMT')
  })
})

describe('PROPFIND for named properties', () => {
  it('sorts what is there from what is not', async () => {
    const body = `<?xml version="1.0"?><a:propfind xmlns:a="DAV:" xmlns:z="urn:z&quot;&amp;"><a:prop>
      <a:getcontentlength/><a:displayname/><a:quota-used-bytes/><z:own/><none xmlns=""/></a:prop></a:propfind>`
    const [folder, , item] = parseMultistatus((await server.propfind('/dav/drive', '1', body)).text)
    expect(item).toEqual({
      href: '/dav/drive/a.txt',
      found: { '{DAV:}getcontentlength': '5', '{DAV:}displayname': 'a.txt' },
      missing: ['{DAV:}quota-used-bytes', '{urn:z"&}own', '{}none'],
    })
    expect(folder?.found).toEqual({ '{DAV:}displayname': 'drive' })
    expect(folder?.missing).toContain('{DAV:}getcontentlength')
  })

  it('gives names only when asked for names', async () => {
    const body = '<propfind xmlns="DAV:"><propname/></propfind>'
    const { text } = await server.propfind('/dav/drive/a.txt', '0', body)
    expect(text).toContain('<D:getcontentlength/>')
    expect(text).not.toContain('a.txt</D:displayname>')
  })

  it.each([
    ['not XML', 'hello'],
    ['not well-formed', '<D:propfind xmlns:D="DAV:"><D:prop></D:propfind>'],
    ['an undeclared prefix', '<D:propfind xmlns:D="DAV:"><D:prop><x:y/></D:prop></D:propfind>'],
    [
      'a prefix bound to nothing',
      '<D:propfind xmlns:D="DAV:"><D:prop><x:y xmlns:x=""/></D:prop></D:propfind>',
    ],
    ['another root', '<D:mkcol xmlns:D="DAV:"><D:allprop/></D:mkcol>'],
    ['no namespace', '<propfind><allprop/></propfind>'],
    ['nothing asked', '<propfind xmlns="DAV:"/>'],
    ['two things asked', '<propfind xmlns="DAV:"><allprop/><propname/></propfind>'],
    ['a DTD', '<!DOCTYPE p [<!ENTITY e "x">]><propfind xmlns="DAV:"><allprop/></propfind>'],
    ['an entity', '<propfind xmlns="DAV:"><prop>&e;</prop></propfind>'],
    ['too deep', `<propfind xmlns="DAV:">${'<a>'.repeat(20)}${'</a>'.repeat(20)}</propfind>`],
    ['too many names', `<propfind xmlns="DAV:"><prop>${'<a/>'.repeat(300)}</prop></propfind>`],
  ])('refuses %s with 400', async (_what, body) => {
    expect((await server.propfind('/dav/', '0', body)).status).toBe(400)
  })

  it('reads UTF-16 and ignores what it does not know', async () => {
    const xml = '\ufeff<propfind xmlns="DAV:"><x xmlns="urn:x"/><prop><displayname/></prop></propfind>'
    const asked = request({
      port: server.port,
      path: '/dav/drive/a.txt',
      method: 'PROPFIND',
      agent: false,
      headers: { depth: '0', authorization: basic('admin', 'right') },
    })
    const status = new Promise((resolve) => asked.once('response', (res) => resolve(res.statusCode)))
    asked.end(Buffer.from(xml, 'utf16le'))
    expect(await status).toBe(207)
  })

  it('refuses a long body with 413, announced or not', async () => {
    const body = `<propfind xmlns="DAV:"><!--${'x'.repeat(70_000)}--><allprop/></propfind>`
    expect((await server.propfind('/dav/', '0', body)).status).toBe(413)
    const asked = request({
      port: server.port,
      path: '/dav/',
      method: 'PROPFIND',
      agent: false,
      headers: { authorization: basic('admin', 'right'), depth: '0' },
    })
    const answered = new Promise((resolve, reject) => {
      asked.once('error', reject)
      asked.once('response', (res) => {
        asked.on('error', () => {})
        resolve([res.statusCode, res.headers.connection])
      })
    })
    asked.write('x'.repeat(40_000))
    asked.write('x'.repeat(40_000))
    expect(await answered).toEqual([413, 'close'])
    asked.destroy()
  })
})

describe('Depth', () => {
  it('refuses to walk the whole tree, in the words of RFC 4918', async () => {
    for (const headers of [{}, { depth: 'infinity' }, { depth: 'Infinity' }]) {
      const reply = await server.ask('PROPFIND', '/dav/', headers as Record<string, string>)
      expect(reply.status).toBe(403)
      expect(reply.text).toContain('<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>')
    }
  })

  it.each(['2', '-1', '1,noroot', 'x'])('%s is 400', async (depth) => {
    expect((await server.propfind('/dav/', depth)).status).toBe(400)
  })
})

describe('a cloud that fails', () => {
  const cases: [ErrorKind, number][] = [
    ['NotFound', 404],
    ['PermissionDenied', 403],
    ['AuthExpired', 502],
    ['VerificationRequired', 502],
    ['QuotaExceeded', 507],
    ['RateLimited', 503],
    ['Unavailable', 503],
    ['Protocol', 502],
    ['Internal', 500],
  ]
  it.each(cases)('before the first page: %s is %i', async (kind, status) => {
    const error = new StorageError(kind, 'Cannot list "films": see https://x/?key=1', {
      retryAfterMs: 61_000,
      upstream: { message: '请求过于频繁' },
    })
    server.failure = { page: 0, error }
    const reply = await server.propfind('/dav/drive/films', '1')
    expect(reply.status).toBe(status)
    expect(reply.headers['retry-after']).toBe(status === 503 ? '61' : undefined)
    expect(reply.text).not.toContain('key=1')
    expect(reply.text.includes('请求过于频繁')).toBe(kind !== 'Internal')
  })

  it('midway never looks complete', async () => {
    server.tree.set('films', many(300))
    server.failure = { page: 2, error: new StorageError('Unavailable', 'Cannot list "films"') }
    await expect(server.propfind('/dav/drive/films', '1')).rejects.toThrow()
  })
})

describe('a long folder', () => {
  it('arrives whole and in order', async () => {
    server.pageLength = 700
    server.tree.set('films', many(5_000))
    const { status, headers, text } = await server.propfind('/dav/drive/films', '1')
    expect([status, headers['transfer-encoding']]).toEqual([207, 'chunked'])
    const names = parseMultistatus(text).map(({ found }) => found['{DAV:}displayname'])
    expect(names).toEqual(['films', ...many(5_000).map(({ name }) => name)])
  })

  it('is read no faster than the client takes it, and no further once the client has left', async () => {
    server.tree.set('films', many(200_000))
    const asked = request({
      port: server.port,
      path: '/dav/drive/films',
      method: 'PROPFIND',
      agent: false,
      headers: { depth: '1', authorization: basic('admin', 'right') },
    })
    asked.once('error', () => {})
    asked.end()
    await new Promise((resolve) => asked.once('response', resolve))
    const settle = async () => {
      let before = -1
      while (before !== server.pagesGiven) {
        before = server.pagesGiven
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await settle()
    const whenFull = server.pagesGiven
    expect(whenFull).toBeGreaterThan(0)
    expect(whenFull).toBeLessThan(1_000)
    asked.destroy()
    await settle()
    expect(server.pagesGiven).toBeLessThanOrEqual(whenFull + 1)
  })
})

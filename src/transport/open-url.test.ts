import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { makeCtx } from '../core/ctx.ts'
import { StorageError } from '../core/errors.ts'
import type { ByteRange } from '../core/link.ts'
import { ManualClock } from '../lib/clock.ts'
import { readAll } from '../lib/streams.ts'
import { createAgent, createExchange } from './http.ts'
import { createOpenUrl } from './open-url.ts'

const open: { server: Server; agent: Agent }[] = []

afterEach(async () => {
  for (const { server, agent } of open.splice(0)) {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
  }
})

const settled = () => new Promise((resolve) => setImmediate(resolve))
const content = Buffer.from('0123456789')

async function setup(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = createAgent()
  open.push({ server, agent })
  const clock = new ManualClock()
  const openUrl = createOpenUrl({ exchange: createExchange(agent), clock })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `${base}/film.mkv?t=1700000000&k=s3cret`
  const read = (range: ByteRange | null = null, headers: Record<string, string> = {}) =>
    openUrl({ url, headers, range }, makeCtx())
  const failure = (range?: ByteRange) =>
    read(range).then(
      () => new Error('It was opened'),
      (error: StorageError) => error,
    )
  return { clock, openUrl, base, url, read, failure }
}

/** A server of `content` that knows single ranges. */
const file: RequestListener = (req, res) => {
  const match = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '')
  if (!match) {
    res.writeHead(200, { 'content-length': content.length }).end(content)
    return
  }
  const start = Number(match[1])
  const end = Math.min(Number(match[2]), content.length - 1)
  const part = content.subarray(start, end + 1)
  const contentRange = `bytes ${start}-${end}/${content.length}`
  res.writeHead(206, { 'content-length': part.length, 'content-range': contentRange }).end(part)
}

/** Answers every request with 206 and this Content-Range. */
const claiming =
  (contentRange: string | undefined, body = 'xxxx'): RequestListener =>
  (_req, res) =>
    res.writeHead(206, contentRange === undefined ? {} : { 'content-range': contentRange }).end(body)

describe('createOpenUrl()', () => {
  it('opens the whole file', async () => {
    const { read } = await setup(file)
    const opened = await read()
    expect(opened).toMatchObject({ status: 200, length: 10, totalSize: 10 })
    expect(await readAll(opened.body, 100)).toEqual(content)
  })

  it.each([
    [{ start: 0, end: 0 }, '0', 1],
    [{ start: 3, end: 5 }, '345', 3],
    [{ start: 8, end: 50 }, '89', 2],
  ])('opens the range %j, cut at the end of the file', async (range, text, length) => {
    const { read } = await setup(file)
    const opened = await read(range)
    expect(opened).toMatchObject({ status: 206, length, totalSize: 10 })
    expect((await readAll(opened.body, 100)).toString()).toBe(text)
  })

  it('sends the headers the address demands, the range, and asks for no compression', async () => {
    const seen: IncomingMessage['headers'][] = []
    const { read } = await setup((req, res) => {
      seen.push(req.headers)
      file(req, res)
    })
    const headers = { 'user-agent': 'player/1', cookie: 'k=v' }
    const { body } = await read({ start: 1, end: 2 }, headers)
    body.destroy()
    expect(seen[0]).toMatchObject({ ...headers, range: 'bytes=1-2', 'accept-encoding': 'identity' })
  })

  it('takes a total that is not told', async () => {
    const { read } = await setup(claiming('bytes 0-3/*'))
    const opened = await read({ start: 0, end: 3 })
    opened.body.destroy()
    expect(opened).toMatchObject({ status: 206, length: 4, totalSize: null })
  })

  it.each([
    ['another start', 'bytes 1-4/10'],
    ['a shorter part than there is', 'bytes 0-2/10'],
    ['a longer part', 'bytes 0-9/10'],
    ['no Content-Range', undefined],
    ['another unit', 'items 0-3/10'],
    ['an end outside the file', 'bytes 0-3/3'],
  ])('throws Protocol for a 206 with %s', async (_what, contentRange) => {
    const { failure } = await setup(claiming(contentRange))
    expect(await failure({ start: 0, end: 3 })).toMatchObject({ kind: 'Protocol' })
  })

  it('throws Protocol when Content-Length and Content-Range disagree', async () => {
    const { failure } = await setup((_req, res) =>
      res.writeHead(206, { 'content-range': 'bytes 0-3/10', 'content-length': 5 }).end('xxxxx'),
    )
    expect(await failure({ start: 0, end: 3 })).toMatchObject({ kind: 'Protocol' })
  })

  it('throws Protocol for a 200 to a range, unless the range is the whole file', async () => {
    const { read, failure } = await setup((_req, res) =>
      res.writeHead(200, { 'content-length': 10 }).end(content),
    )
    expect(await failure({ start: 3, end: 5 })).toMatchObject({ kind: 'Protocol' })
    const whole = await read({ start: 0, end: 9 })
    expect(whole).toMatchObject({ status: 200, length: 10 })
    expect(await readAll(whole.body, 100)).toEqual(content)
  })

  it('throws Protocol for a 206 nobody asked for and for a compressed body', async () => {
    const unasked = await setup(claiming('bytes 0-3/10'))
    expect(await unasked.failure()).toMatchObject({ kind: 'Protocol' })
    const packed = await setup((_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end('x'))
    expect(await packed.failure()).toMatchObject({ kind: 'Protocol' })
  })

  it.each([
    [401, 'PermissionDenied'],
    [403, 'PermissionDenied'],
    [404, 'NotFound'],
    [410, 'NotFound'],
    [416, 'RangeNotSatisfiable'],
    [429, 'RateLimited'],
    [500, 'Unavailable'],
    [503, 'Unavailable'],
    [204, 'Protocol'],
    [304, 'Protocol'],
    [400, 'Protocol'],
  ])('throws for HTTP %i the kind %s, with the status and without the query', async (status, kind) => {
    const { failure, base } = await setup((_req, res) => res.writeHead(status).end())
    const error = await failure()
    expect(error).toMatchObject({ kind, upstream: { status } })
    expect(error.message).toBe(`Cannot open download from "${new URL(base).host}": HTTP ${status}`)
  })

  it("tells the other side's short words, without what they repeat of the query, and its wait", async () => {
    const { failure, base } = await setup((req, res) => {
      res.writeHead(403, { 'content-type': 'application/json', 'retry-after': '7' })
      res.end(`{"error":"no cookie value","url":"${req.url}","k":"s3cret"}`)
    })
    const error = (await failure()) as StorageError
    expect(error.upstream?.message).toBe('{"error":"no cookie value","url":"/film.mkv…","k":"…"}')
    expect(error.retryAfterMs).toBe(7000)
    expect(base).not.toBe('')
  })

  it('tells how long the file is when the range lies behind it', async () => {
    const { failure } = await setup((_req, res) =>
      res.writeHead(416, { 'content-range': 'bytes */10' }).end(),
    )
    expect((await failure({ start: 20, end: 30 })).message).toMatch(/HTTP 416, file has 10 bytes$/)
  })

  it('follows three redirects and not a fourth', async () => {
    let left = 3
    const { read, failure } = await setup((req, res) => {
      if (left-- > 0) res.writeHead(302, { location: `/hop${left}?k=1` }).end()
      else file(req, res)
    })
    expect((await readAll((await read({ start: 1, end: 2 })).body, 100)).toString()).toBe('12')
    left = 4
    expect(await failure()).toMatchObject({ kind: 'Protocol' })
  })

  it('leaves cookies behind when a redirect leads to another host, and keeps the rest', async () => {
    const seen: IncomingMessage['headers'][] = []
    const other = await setup((req, res) => {
      seen.push(req.headers)
      file(req, res)
    })
    const { read } = await setup((_req, res) => res.writeHead(307, { location: other.url }).end())
    const { body } = await read(null, { 'user-agent': 'player/1', cookie: 'k=v', authorization: 'x' })
    body.destroy()
    expect(seen[0]).toMatchObject({ 'user-agent': 'player/1' })
    expect(seen[0]).not.toHaveProperty('cookie')
    expect(seen[0]).not.toHaveProperty('authorization')
  })

  it.each(['ftp://127.0.0.1/film', 'file:///etc/passwd', 'http://', 'data:,x'])(
    'refuses to be redirected to %s, and to open it',
    async (target) => {
      const { failure, openUrl } = await setup((_req, res) => res.writeHead(302, { location: target }).end())
      expect(await failure()).toMatchObject({ kind: 'Protocol' })
      const direct = openUrl({ url: target, headers: {}, range: null }, makeCtx())
      await expect(direct).rejects.toMatchObject({ kind: 'Protocol' })
    },
  )

  it('gives up with Unavailable when no head comes in time', async () => {
    const { clock, failure } = await setup(() => undefined)
    const failing = failure()
    while (clock.sleeping === 0) await settled()
    await clock.advance(20_000)
    expect(await failing).toMatchObject({ kind: 'Unavailable', advice: 'check-network' })
  })

  it.each(['before the head', 'in the body'])(
    'closes the connection when the reader leaves %s',
    async (when) => {
      let onClosed = () => {}
      const closed = new Promise<void>((resolve) => (onClosed = resolve))
      const abort = new AbortController()
      const { openUrl, url } = await setup((req, res) => {
        req.socket.once('close', onClosed)
        if (when === 'before the head') abort.abort()
        else res.write('some')
      })
      const opening = openUrl({ url, headers: {}, range: null }, makeCtx({ signal: abort.signal }))
      if (when === 'before the head') await expect(opening).rejects.toMatchObject({ kind: 'Cancelled' })
      else (await opening).body.destroy()
      // Never resolves, and so fails, while the connection stays open.
      await closed
    },
  )

  it('logs host and path, never the query', async () => {
    const lines: object[] = []
    const log = (fields: object) => lines.push(fields)
    const { openUrl, url } = await setup(file)
    const ctx = makeCtx({ log: { debug: log, info: log, warn: log, error: log } })
    const { body } = await openUrl({ url, headers: { cookie: 'c00kie' }, range: null }, ctx)
    await readAll(body, 100)
    await settled()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({ path: '/film.mkv', status: 200, bytes: 10 })
    expect(JSON.stringify(lines)).not.toMatch(/s3cret|c00kie/)
  })
})

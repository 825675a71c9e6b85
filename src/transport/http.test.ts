import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import type { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { makeCtx } from '../core/ctx.ts'
import { StorageError } from '../core/errors.ts'
import { pipeTo, readAll } from '../lib/streams.ts'
import { createAgent, createExchange, type AgentOptions } from './http.ts'
import type { WireRequest } from './transport.ts'

const open: { server: Server; agent: Agent }[] = []

afterEach(async () => {
  for (const { server, agent } of open.splice(0)) {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener, options: AgentOptions = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = createAgent(options)
  open.push({ server, agent })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const get = (path = '/'): WireRequest => ({ method: 'GET', url: new URL(path, base), headers: {} })
  return { exchange: createExchange(agent), get, base, server }
}

describe('createExchange()', () => {
  it('sends method, path, query, headers and body as they are, and asks for identity', async () => {
    const seen: unknown[] = []
    const { exchange, base } = await serve((req, res) => {
      void readAll(req, 100).then((body) => {
        const { method, url, headers } = req
        seen.push([method, url, headers['cookie'], headers['accept-encoding'], body.toString()])
        res.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'X-One': 'yes' }).end('盘')
      })
    })
    const response = await exchange(
      { method: 'POST', url: new URL('/a%20b?c=1&d=%2F', base), headers: { cookie: 'UID=1' }, body: 'x=1' },
      makeCtx(),
    )
    expect(seen).toEqual([['POST', '/a%20b?c=1&d=%2F', 'UID=1', 'identity', 'x=1']])
    expect(response.status).toBe(201)
    expect(response.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-one': 'yes' })
    expect((await readAll(response.body, 100)).toString()).toBe('盘')
  })

  it('follows no redirect', async () => {
    const { exchange, get } = await serve((_req, res) => res.writeHead(302, { location: '/elsewhere' }).end())
    const { status, body } = await exchange(get(), makeCtx())
    body.destroy()
    expect(status).toBe(302)
  })

  it('keeps connections for requests that follow each other', async () => {
    const ports = new Set<number | undefined>()
    const { exchange, get } = await serve((req, res) => {
      ports.add(req.socket.remotePort)
      res.end('ok')
    })
    for (let i = 0; i < 10; i++) await readAll((await exchange(get(), makeCtx())).body, 10)
    // Two: one that is asked for in the very tick in which the other becomes free.
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('pauses the connection when the reader does', async () => {
    const bodyBytes = 64 * 1024 * 1024
    const { exchange, get } = await serve((_req, res) => {
      let left = bodyBytes
      const chunk = Buffer.alloc(1024 * 1024)
      const write = () => {
        while (left > 0 && res.write(chunk)) left -= chunk.length
        left -= chunk.length
        if (left <= 0) res.end()
      }
      res.on('drain', write)
      write()
    })
    const { body } = await exchange(get(), makeCtx())
    await once(body, 'readable')
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(body.readableLength).toBeLessThan(4 * 1024 * 1024)
    let read = 0
    for await (const chunk of body) read += (chunk as Buffer).length
    expect(read).toBeGreaterThanOrEqual(bodyBytes)
  })

  it('throws Unavailable naming host and code, never the query, when nobody listens', async () => {
    const { exchange, get, server } = await serve(() => undefined)
    const request = get('/files?secret=1')
    server.close()
    await once(server, 'close')
    const error = await exchange(request, makeCtx()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'Unavailable', retry: 'later', advice: 'check-network' })
    expect((error as Error).message).toBe(`Cannot reach "${request.url.host}": ECONNREFUSED`)
  })

  it('throws Unavailable when the connection closes before a head', async () => {
    const { exchange, get } = await serve((req) => req.socket.destroy())
    await expect(exchange(get(), makeCtx())).rejects.toMatchObject({ kind: 'Unavailable' })
  })

  it('fails the body with Unavailable when the connection closes in the middle of it', async () => {
    const { exchange, get } = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': 100 })
      res.write('some', () => res.destroy())
    })
    const { body } = await exchange(get(), makeCtx())
    await expect(readAll(body, 1000)).rejects.toMatchObject({ kind: 'Unavailable', advice: 'check-network' })
  })

  it('keeps an error that came before anybody read the body for the reader', async () => {
    const { exchange, get } = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': 100 })
      res.write('some', () => res.destroy())
    })
    const { body } = await exchange(get(), makeCtx())
    // Not `once` of node:events, which would take the error for its own.
    await new Promise((resolve) => body.once('close', resolve))
    await expect(readAll(body, 1000)).rejects.toMatchObject({ kind: 'Unavailable' })
  })

  it('throws Cancelled without a request for a signal that has aborted', async () => {
    let requests = 0
    const { exchange, get } = await serve((_req, res) => res.end(String(requests++)))
    const ctx = makeCtx({ signal: AbortSignal.abort() })
    await expect(exchange(get(), ctx)).rejects.toMatchObject({ kind: 'Cancelled' })
    expect(requests).toBe(0)
  })

  it('closes the connection and throws Cancelled when the signal aborts before the head', async () => {
    const closed = deferred()
    const abort = new AbortController()
    const { exchange, get } = await serve((req) => {
      req.socket.once('close', closed.resolve)
      abort.abort()
    })
    await expect(exchange(get(), makeCtx({ signal: abort.signal }))).rejects.toMatchObject({
      kind: 'Cancelled',
    })
    await closed.promise
  })

  it('closes the connection and fails the body with Cancelled when the signal aborts in the body', async () => {
    const closed = deferred()
    const { exchange, get } = await serve((req, res) => {
      req.socket.once('close', closed.resolve)
      res.write('some')
    })
    const abort = new AbortController()
    const { body } = await exchange(get(), makeCtx({ signal: abort.signal }))
    const reading = readAll(body, 1000)
    abort.abort()
    await expect(reading).rejects.toMatchObject({ kind: 'Cancelled' })
    await closed.promise
  })

  it('throws the StorageError a signal was aborted with', async () => {
    const abort = new AbortController()
    const reason = new StorageError('RateLimited', 'blocked')
    const { exchange, get } = await serve(() => abort.abort(reason))
    await expect(exchange(get(), makeCtx({ signal: abort.signal }))).rejects.toBe(reason)
  })

  it('closes the connection when the client that the body is piped to goes away', async () => {
    const closed = deferred()
    const { exchange, get } = await serve((req, res) => {
      req.socket.once('close', closed.resolve)
      res.write(Buffer.alloc(1000))
    })
    const { body } = await exchange(get(), makeCtx())
    const client = new PassThrough()
    const moving = pipeTo(body, client, makeCtx().signal)
    client.destroy()
    await expect(moving).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    await closed.promise
  })

  it('fails a body that stalls, and not one whose reader pauses', async () => {
    const stallTimeoutMs = 60
    const { exchange, get } = await serve(
      (req, res) => {
        if (req.url === '/stalls') res.write('some')
        else res.end(Buffer.alloc(8 * 1024 * 1024))
      },
      { stallTimeoutMs },
    )
    const paused = await exchange(get('/paused'), makeCtx())
    // The stalling ones are the clock: each of them needs a whole timeout, the second one begins after the pause.
    for (let turn = 0; turn < 2; turn++) {
      const stalling = await exchange(get('/stalls'), makeCtx())
      await expect(readAll(stalling.body, 100)).rejects.toMatchObject({ kind: 'Unavailable' })
    }
    expect((await readAll(paused.body, 1e9)).length).toBe(8 * 1024 * 1024)
  })

  it('calls a header that cannot be sent our bug', async () => {
    const { exchange, get } = await serve((_req, res) => res.end())
    const request = { ...get(), headers: { cookie: 'a\nb' } }
    await expect(exchange(request, makeCtx())).rejects.toMatchObject({ kind: 'Internal', advice: 'report' })
  })
})

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

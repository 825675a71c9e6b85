import { createServer, request, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { abortWhenGone, leaveBodyUnread, writeSlowly } from './http-exchange.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

describe('abortWhenGone()', () => {
  it('aborts when the client leaves and not when the answer was sent', async () => {
    const signals: AbortSignal[] = []
    let opened = () => {}
    const isOpen = new Promise<void>((resolve) => (opened = resolve))
    const port = await listen((req, res) => {
      const signal = abortWhenGone(res)
      signals.push(signal)
      if (req.url === '/whole') res.end('all of it')
      else opened()
    })

    const whole = request({ port, path: '/whole', agent: false })
    const body = new Promise<string>((resolve) => whole.once('response', (res) => resolve(text(res))))
    whole.end()
    expect(await body).toBe('all of it')

    const left = request({ port, path: '/left', agent: false })
    left.once('error', () => {})
    left.end()
    await isOpen
    const aborted = new Promise((resolve) => signals[1]?.addEventListener('abort', resolve))
    left.destroy()
    await aborted
    expect(signals.map((signal) => signal.aborted)).toEqual([false, true])
  })
})

describe('leaveBodyUnread()', () => {
  it('ends the connection after an answer to a long or endless body only', async () => {
    const port = await listen((req, res) => {
      leaveBodyUnread(req, res)
      res.end()
    })
    const connectionOf = (headers: Record<string, string>, body: string) =>
      new Promise<string | undefined>((resolve) => {
        const asked = request({ port, method: 'PUT', headers: { ...headers, connection: 'keep-alive' } })
        asked.once('response', (res) => resolve(res.headers.connection))
        asked.once('error', () => {})
        asked.write(body)
      })
    expect(await connectionOf({ 'content-length': '5' }, 'hello')).toBe('keep-alive')
    expect(await connectionOf({ 'content-length': String(2 ** 30) }, 'hello')).toBe('close')
    expect(await connectionOf({ 'transfer-encoding': 'chunked' }, 'hello')).toBe('close')
  })
})

describe('writeSlowly()', () => {
  it('waits for a slow reader and gives up when it leaves', async () => {
    let written = 0
    let failed = (_error: unknown) => {}
    const failure = new Promise<unknown>((resolve) => (failed = resolve))
    const chunk = Buffer.alloc(1024 * 1024)
    const port = await listen((_req, res) => {
      const signal = abortWhenGone(res)
      const writeAll = async () => {
        for (;;) {
          await writeSlowly(res, chunk, signal)
          written += chunk.length
        }
      }
      writeAll().catch(failed)
    })
    const asked = request({ port, agent: false })
    asked.once('error', () => {})
    asked.end()
    await new Promise((resolve) => asked.once('response', resolve))
    asked.destroy()
    expect(await failure).toBeInstanceOf(Error)
    // Nobody read, so no more than socket buffers can have been taken.
    expect(written).toBeLessThan(64 * chunk.length)
  })
})

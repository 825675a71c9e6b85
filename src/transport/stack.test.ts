import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { makeCtx, type Priority } from '../core/ctx.ts'
import { StorageError } from '../core/errors.ts'
import { ManualClock } from '../lib/clock.ts'
import { createAgent, createExchange } from './http.ts'
import { createTransport, type TransportOptions } from './stack.ts'
import type { Bucket, Call, Exchange, Reply } from './transport.ts'

const open: { server: Server; agent: Agent }[] = []

afterEach(async () => {
  for (const { server, agent } of open.splice(0)) {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
  }
})

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Waits, without sleeping, until what others do over loopback has come true. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; !isTrue(); turn++) {
    if (turn > 100_000) throw new Error('It never came true')
    await settled()
  }
}

/** As the cloud does it: 405 is the firewall's page, a body of `no` is a refusal with HTTP 200. */
function decode({ status, body }: Reply): string {
  const text = body.toString()
  if (status === 405) throw new StorageError('RateLimited', 'blocked', { upstream: { status } })
  if (status >= 500) throw new StorageError('Unavailable', 'server error', { upstream: { status } })
  if (text === 'too fast') throw new StorageError('RateLimited', 'too fast', { upstream: { status } })
  if (text === 'no') throw new StorageError('NotFound', 'not there')
  return text
}

async function setup(listener: RequestListener, options: Partial<TransportOptions> = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = createAgent()
  open.push({ server, agent })
  const clock = new ManualClock()
  const wire = createExchange(agent)
  // Taken where a request leaves: on its way through the kernel our clock may have moved on.
  const sentMs: number[] = []
  const exchange: Exchange = (request, ctx) => {
    sentMs.push(clock.now())
    return wire(request, ctx)
  }
  const transport = createTransport({
    exchange,
    clock,
    account: '1',
    ratePerSecond: 1000,
    random: () => 0,
    ...options,
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = (path: string, given: Partial<Call<string>> = {}): Call<string> => ({
    name: path,
    request: { method: 'GET', url: new URL(path, base), headers: { cookie: 'UID=1' } },
    bucket: 'list',
    repeatable: true,
    decode,
    ...given,
  })
  const send = (path = '/', priority: Priority = 'person', given: Partial<Call<string>> = {}) =>
    transport.send(call(path, given), makeCtx({ priority }))
  return { clock, transport, call, send, sentMs }
}

/** Lets time pass until `work` is done; fails when that takes more than ten minutes. */
async function passing<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const progress = { isDone: false }
  const done = work.finally(() => (progress.isDone = true))
  done.catch(() => undefined)
  const endMs = clock.now() + 600_000
  while (clock.now() < endMs) {
    for (let turn = 0; turn < 20 && !progress.isDone; turn++) await settled()
    if (progress.isDone) return done
    await clock.advance(10)
  }
  throw new Error('Not done after ten minutes')
}

/** Milliseconds from each to the next. */
function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - (times[i] ?? 0))
}

describe('createTransport()', () => {
  it('gives the decoded value, and a soft refusal as the error it is', async () => {
    const { clock, send } = await setup((req, res) => res.end(req.url === '/gone' ? 'no' : 'value'))
    expect(await send('/there')).toBe('value')
    await expect(passing(clock, send('/gone'))).rejects.toMatchObject({
      kind: 'NotFound',
      message: 'not there',
    })
  })

  it('sends 2 requests a second unless told otherwise, all buckets, pages and repeats together', async () => {
    const { transport, clock, send, sentMs } = await setup(
      (_req, res) => {
        res.end('value')
      },
      { ratePerSecond: 2 },
    )
    const buckets: Bucket[] = ['list', 'link', 'upload', 'other']
    const calls = Array.from({ length: 12 }, (_, i) =>
      send('/', 'person', { bucket: buckets[i % 4] ?? 'list' }),
    )
    await passing(clock, Promise.all(calls))
    expect(sentMs).toHaveLength(12)
    expect(Math.min(...gaps(sentMs))).toBeGreaterThanOrEqual(500)
    expect(transport.stats().sent).toEqual({ list: 3, link: 3, upload: 3, other: 3 })
  })

  it('keeps a bucket to its own stricter rate while the others use the rest', async () => {
    const served: string[] = []
    const { clock, send } = await setup(
      (req, res) => {
        served.push(req.url ?? '')
        res.end('value')
      },
      { ratePerSecond: 4, bucketRates: { link: 1 } },
    )
    const links = Array.from({ length: 3 }, () => send('/link', 'person', { bucket: 'link' }))
    const lists = Array.from({ length: 6 }, () => send('/list', 'scan'))
    await passing(clock, Promise.all([...links, ...lists]))
    expect(served.join('').replaceAll('/link', 'k').replaceAll('/list', 'l')).toBe('klllklllk')
  })

  it('serves people before playback, writes and scans', async () => {
    const served: string[] = []
    const { clock, send } = await setup(
      (req, res) => {
        served.push(req.url ?? '')
        res.end('value')
      },
      { ratePerSecond: 1 },
    )
    const first = send('/first')
    const rest = [
      send('/scan', 'scan'),
      send('/write', 'write'),
      send('/playback', 'playback'),
      send('/person'),
    ]
    await passing(clock, Promise.all([first, ...rest]))
    expect(served).toEqual(['/first', '/person', '/playback', '/write', '/scan'])
  })

  it('holds a permit until the body has ended, by bucket', async () => {
    const responses: ServerResponse[] = []
    const { transport, clock, send } = await setup(
      (_req, res) => {
        responses.push(res)
        res.write('val')
      },
      { permits: { list: 2, link: 1 } },
    )
    const lists = [send('/1'), send('/2'), send('/3')]
    await passing(
      clock,
      until(() => responses.length === 2),
    )
    await clock.advance(5000)
    expect(transport.stats()).toMatchObject({ inFlight: 2, waiting: 1 })
    const link = send('/link', 'person', { bucket: 'link' })
    await passing(
      clock,
      until(() => responses.length === 3),
    )
    responses[0]?.end('ue')
    await passing(
      clock,
      until(() => responses.length === 4),
    )
    for (const response of responses) response.end('ue')
    expect(await passing(clock, Promise.all([...lists, link]))).toContain('value')
    expect(transport.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  it('saves up no turns while the cloud is slow: afterwards it keeps the rate all the same', async () => {
    const held: ServerResponse[] = []
    let isSlow = true
    const { clock, send, sentMs } = await setup(
      (_req, res) => {
        if (isSlow) held.push(res)
        else res.end('value')
      },
      { ratePerSecond: 2, permits: { list: 1 } },
    )
    const calls = Array.from({ length: 6 }, () => send())
    await passing(
      clock,
      until(() => held.length === 1),
    )
    await clock.advance(20_000)
    isSlow = false
    held[0]?.end('value')
    await passing(clock, Promise.all(calls))
    expect(Math.min(...gaps(sentMs))).toBeGreaterThanOrEqual(500)
  })

  it('repeats a repeatable call twice at most, each time through the limiter', async () => {
    const { transport, clock, send, sentMs } = await setup(
      (_req, res) => {
        res.writeHead(503).end()
      },
      { ratePerSecond: 0.1 },
    )
    await expect(passing(clock, send())).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(gaps(sentMs).map((gap) => gap >= 10_000)).toEqual([true, true])
    await expect(passing(clock, send('/', 'person', { repeatable: false }))).rejects.toMatchObject({
      kind: 'Unavailable',
    })
    expect(sentMs).toHaveLength(4)
    expect(transport.stats().retries).toBe(2)
  })

  it('times out an attempt, repeats it, and closes the connections it gave up', async () => {
    let closed = 0
    let requests = 0
    const { clock, send } = await setup(
      (req) => {
        requests++
        req.socket.once('close', () => closed++)
      },
      { timeoutMs: 1000 },
    )
    await expect(passing(clock, send())).rejects.toMatchObject({
      kind: 'Unavailable',
      advice: 'check-network',
    })
    await until(() => closed === 3)
    expect(requests).toBe(3)
  })

  it('does not count waiting for a turn as part of the timeout', async () => {
    const { clock, send } = await setup((_req, res) => res.end('value'), {
      ratePerSecond: 0.01,
      timeoutMs: 1000,
    })
    expect(await passing(clock, Promise.all([send(), send(), send()]))).toEqual(['value', 'value', 'value'])
  })

  it('stops at a block page: those who wait fail at once, nothing goes out until the probe', async () => {
    let isBlocked = true
    const { transport, clock, send, sentMs } = await setup(
      (_req, res) => {
        res.writeHead(isBlocked ? 405 : 200).end('value')
      },
      { ratePerSecond: 2 },
    )
    const startMs = clock.now()
    const outcomes = await passing(
      clock,
      Promise.allSettled(Array.from({ length: 30 }, () => send('/', 'scan'))),
    )
    expect(outcomes.map((outcome) => outcome.status)).toEqual(Array(30).fill('rejected'))
    expect(sentMs).toHaveLength(1)
    expect(clock.now() - startMs).toBeLessThan(1000)
    await clock.advance(59_000)
    await expect(send()).rejects.toMatchObject({ kind: 'RateLimited', advice: 'wait' })
    expect(sentMs).toHaveLength(1)
    await clock.advance(1000)
    isBlocked = false
    expect(await passing(clock, send())).toBe('value')
    expect(transport.stats().breaker).toEqual({ state: 'closed' })
    expect(sentMs).toHaveLength(2)
  })

  it('halves its rate when the cloud says "too fast", in whatever form, and does not repeat a block', async () => {
    let requests = 0
    const { transport, clock, send } = await setup(
      (_req, res) => {
        requests++
        res.end(requests === 1 ? 'too fast' : 'value')
      },
      { ratePerSecond: 8 },
    )
    expect(await passing(clock, send())).toBe('value')
    expect(transport.stats().rate.set).toBe(8)
    expect(transport.stats().rate.current).toBeCloseTo(4, 1)
  })

  it('sends a dead cookie no more until reset()', async () => {
    let requests = 0
    const dead = new StorageError('AuthExpired', 'logged out', { advice: 'log-in-again' })
    const { transport, clock, send } = await setup((_req, res) => {
      requests++
      res.end()
    })
    const given = {
      decode: () => {
        throw dead
      },
    }
    await expect(passing(clock, send('/', 'person', given))).rejects.toBe(dead)
    await expect(send()).rejects.toMatchObject({ kind: 'AuthExpired' })
    expect([requests, transport.stats().deadCredentials]).toEqual([1, 1])
    transport.reset()
    await passing(clock, send())
    expect(requests).toBe(2)
  })

  it('refuses an answer that is longer than its limit as Protocol', async () => {
    const { clock, send } = await setup((_req, res) => res.end(Buffer.alloc(1001)), { limitBytes: 1000 })
    await expect(passing(clock, send('/long'))).rejects.toMatchObject({
      kind: 'Protocol',
      message: 'Answer to "/long" is longer than 1000 bytes',
    })
  })

  it('turns what a decoder throws by mistake into Internal', async () => {
    const { send } = await setup((_req, res) => res.end())
    const given = { decode: () => (undefined as unknown as { name: string }).name }
    await expect(send('/', 'person', given)).rejects.toMatchObject({ kind: 'Internal', advice: 'report' })
  })

  it('ends with Cancelled, giving everything back, wherever the caller leaves', async () => {
    let closed = 0
    const { transport, clock, call } = await setup(
      (req, res) => {
        req.socket.once('close', () => closed++)
        if (req.url === '/body') res.write('some')
      },
      { ratePerSecond: 1, permits: { list: 1 } },
    )
    for (const path of ['/head', '/body']) {
      const abort = new AbortController()
      const underWay = transport.send(call(path), makeCtx({ signal: abort.signal }))
      const waiting = transport.send(call(path), makeCtx({ signal: abort.signal }))
      const outcomes = Promise.allSettled([underWay, waiting])
      await passing(
        clock,
        until(() => transport.stats().inFlight === 1),
      )
      abort.abort()
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'Cancelled' } })
      }
      await until(() => transport.stats().inFlight === 0)
      expect(transport.stats().waiting).toBe(0)
    }
    await until(() => closed === 2)
    await clock.advance(100_000)
    expect(clock.sleeping).toBe(0)
  })

  it('logs one line per attempt, with host and path and nothing that is secret', async () => {
    const lines: object[] = []
    const log = (fields: object, message: string) => lines.push({ ...fields, message })
    const { clock, transport, call } = await setup((_req, res) =>
      res.writeHead(503, { 'set-cookie': 'S=tok3n' }).end('body'),
    )
    const ctx = makeCtx({ log: { debug: log, info: () => undefined, warn: log, error: log } })
    const given = call('/files?cid=s3cret')
    await expect(passing(clock, transport.send(given, ctx))).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatchObject({
      method: 'GET',
      path: '/files',
      status: 503,
      bytes: 4,
      host: given.request.url.host,
    })
    expect(JSON.stringify(lines.map((line) => ({ ...line, call: '' })))).not.toMatch(/s3cret|tok3n|UID=1/)
  })
})

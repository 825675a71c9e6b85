import { Buffer } from 'node:buffer'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { systemClock } from '../../src/lib/clock.ts'
import type { World } from '../state/world.ts'
import { locate, type Target } from './address.ts'
import { Exchange } from './exchange.ts'

/** Real time added before an answer, in milliseconds. */
export interface Latency {
  readonly api?: number
  readonly cdn?: number
  readonly oss?: number
}

interface ListenerOptions {
  readonly world: World
  readonly cloud: (exchange: Exchange) => Promise<void>
  readonly control: (
    request: IncomingMessage,
    response: ServerResponse,
    target: Target & { kind: 'control' },
  ) => Promise<void>
  readonly isKnownHost: (host: string) => boolean
  /** The sandbox's plain http address. */
  readonly ownUrl: () => string
  readonly hasTls: boolean
  readonly latencyMs: Latency
  readonly log: (message: string) => void
}

type CloudTarget = Target & { kind: 'cloud' }

const MAX_BODY_BYTES = 16 * 1024 * 1024
const SECRET_PARAMS = ['k', 'k_ec', 'sign', 'token', 'key', 'userkey', 'password', 'pwd', 'goto']

/** Takes a request from the wire, logs it, and hands it to the cloud or the control calls it is for. */
export function createListener(options: ListenerOptions): RequestListener {
  return (request, response) => {
    const target = locate(request.headers.host ?? '', request.url ?? '/', options.isKnownHost)
    serve(options, request, response, target).catch((error: unknown) => {
      options.log(`Cannot answer ${request.method} ${request.url}: ${describe(error)}`)
      if (!response.headersSent) sendJson(response, 500, { sandbox: 'failed', error: describe(error) })
      else response.destroy()
    })
  }
}

async function serve(
  options: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<void> {
  switch (target.kind) {
    case 'control':
      await options.control(request, response, target)
      return
    case 'cloud':
      await serveCloud(options, request, response, target)
      return
    case 'unknown':
      request.resume()
      sendJson(response, 501, {
        sandbox: 'not emulated',
        missing: `host "${request.headers.host}", path "${target.path}"`,
      })
  }
}

async function serveCloud(
  options: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  target: CloudTarget,
): Promise<void> {
  const { log, clock } = options.world
  const left = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) left.abort(new Error('client left'))
  })
  const method = request.method ?? 'GET'
  const userAgent = request.headers['user-agent'] ?? ''
  const path = maskSecrets(target)
  const line = log.open({ time: clock.now(), host: target.host, method, path, userAgent })
  const startedMs = systemClock.now()
  try {
    const body = await readBody(request)
    line.bytesIn = body.length
    const latencyMs = latencyOf(options, target.host)
    if (latencyMs > 0) await systemClock.sleep(latencyMs, left.signal)
    const urlOf = (host: string) => addressOf(options, request, target, host)
    const { headers } = request
    const { host, path, query } = target
    await options.cloud(
      new Exchange({ host, method, path, query, headers, body, response, line, urlOf, signal: left.signal }),
    )
  } catch (error) {
    // A client that leaves interrupts whatever was being done for it; that is no failure.
    if (!left.signal.aborted) throw error
  } finally {
    if (left.signal.aborted && !line.cut) line.aborted = true
    log.close(line, systemClock.now() - startedMs)
  }
}

/** The sandbox as the client knows it: by path if it asked so, else under the real name where TLS makes that work. */
function addressOf(
  options: ListenerOptions,
  request: IncomingMessage,
  target: CloudTarget,
  host: string,
): string {
  if (target.byPath)
    return `${'encrypted' in request.socket ? 'https' : 'http'}://${request.headers.host}/${host}`
  return options.hasTls ? `https://${host}` : `${options.ownUrl()}/${host}`
}

function latencyOf({ latencyMs }: ListenerOptions, host: string): number {
  if (host.startsWith('cdn')) return latencyMs.cdn ?? 0
  return (host.includes('aliyuncs.com') ? latencyMs.oss : latencyMs.api) ?? 0
}

/** The whole body. Throws Error when it is larger than any call needs. */
export async function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > maxBytes) throw new Error(`body is larger than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** A small JSON answer. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  })
  response.end(body)
}

function maskSecrets({ path, query }: CloudTarget): string {
  if (query === '') return path
  const masked = query.split('&').map((pair) => {
    const name = pair.slice(0, pair.indexOf('='))
    return SECRET_PARAMS.includes(name) ? `${name}=***` : pair
  })
  return `${path}?${masked.join('&')}`
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

import { StorageError } from '../core/errors.ts'
import type { Ctx } from '../core/ctx.ts'
import type { ByteRange } from '../core/link.ts'
import type { OpenedUrl, OpenUrl } from '../core/open-url.ts'
import type { Clock } from '../lib/clock.ts'
import { parseContentRange } from './content-range.ts'
import { log } from './log.ts'
import { refusalOf } from './open-url-refusal.ts'
import { timeout } from './timeout.ts'
import type { Exchange, WireResponse } from './transport.ts'

export interface OpenUrlOptions {
  /**
   * The wire of the data plane: its agent should have a `stallTimeoutMs`, which is how a body that stops is noticed
   * without a stream more in the path of the bytes.
   */
  readonly exchange: Exchange
  readonly clock: Clock
  readonly headTimeoutMs?: number
  readonly maxRedirects?: number
}

interface Asked {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

// Of one host alone: a redirect to another must not carry them along.
const credentialHeaders: readonly string[] = ['cookie', 'authorization']

/**
 * The OpenUrl of the data plane: no account limiter, since downloads do not count as questions to the cloud.
 * What comes back is the asked range, cut at the end of the file if need be, or Protocol: a 200 is accepted only
 * when the whole file is what the range means. Neither errors nor logs hold an address's query.
 */
export function createOpenUrl(options: OpenUrlOptions): OpenUrl {
  const layers = [
    log(options.clock),
    timeout({ clock: options.clock, headMs: options.headTimeoutMs ?? 20_000, chunkMs: null }),
  ]
  const exchange = layers.reduce((inner, layer) => layer(inner), options.exchange)
  const maxRedirects = options.maxRedirects ?? 3
  return async ({ url, headers, range }, ctx) => {
    const asked = { url: parseUrl(url), headers: headersFor(headers, range) }
    const { url: answeredBy, response } = await follow(exchange, asked, ctx, maxRedirects)
    if (response.status === 200 || response.status === 206) {
      return destroyOnThrow(response, () => opened(response, range, answeredBy.host))
    }
    throw await refusalOf(response, answeredBy, options.clock.now())
  }
}

function headersFor(
  headers: Readonly<Record<string, string>>,
  range: ByteRange | null,
): Record<string, string> {
  // A compressed body would make the range count bytes of something else.
  const asked: Record<string, string> = { ...headers, 'accept-encoding': 'identity' }
  if (range) asked['range'] = `bytes=${range.start}-${range.end}`
  return asked
}

async function follow(
  exchange: Exchange,
  asked: Asked,
  ctx: Ctx,
  hopsLeft: number,
): Promise<{ readonly url: URL; readonly response: WireResponse }> {
  const response = await exchange({ method: 'GET', url: asked.url, headers: asked.headers }, ctx)
  const { location } = response.headers
  if (![301, 302, 303, 307, 308].includes(response.status) || typeof location !== 'string') {
    return { url: asked.url, response }
  }
  response.body.destroy()
  if (hopsLeft === 0) throw new StorageError('Protocol', `Too many redirects from "${asked.url.host}"`)
  const next = parseUrl(location, asked.url)
  return follow(exchange, { url: next, headers: headersAcross(asked, next) }, ctx, hopsLeft - 1)
}

function headersAcross(asked: Asked, next: URL): Readonly<Record<string, string>> {
  if (next.origin === asked.url.origin) return asked.headers
  return Object.fromEntries(
    Object.entries(asked.headers).filter(([name]) => !credentialHeaders.includes(name)),
  )
}

/** Throws Protocol for what is not an http(s) address; the address itself, a secret, is not told. */
function parseUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : null
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  const from = base ? ` in a redirect from "${base.host}"` : ''
  throw new StorageError('Protocol', `Invalid download address${from}: it must be http or https`, {
    advice: 'report',
  })
}

function opened(response: WireResponse, range: ByteRange | null, host: string): OpenedUrl {
  const { status, headers, body } = response
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new StorageError(
      'Protocol',
      `Answer from "${host}" is encoded as "${String(encoding)}" although it must not be`,
    )
  }
  const length = lengthOf(headers)
  if (status === 200 && isWhole(range, length)) return { status, length, totalSize: length, body }
  const given = parseContentRange(headers['content-range'])
  if (status === 200 || !given || !range || !isWhatWasAsked(given, range)) {
    const wanted = range ? `bytes ${range.start}-${range.end}` : 'everything'
    const got = status === 200 ? 'the whole file' : String(headers['content-range'] ?? 'no Content-Range')
    throw new StorageError('Protocol', `Answer from "${host}" has "${got}" and should have "${wanted}"`)
  }
  const givenLength = given.end - given.start + 1
  if (length !== null && length !== givenLength) {
    throw new StorageError(
      'Protocol',
      `Answer from "${host}" has ${length} bytes and should have ${givenLength}`,
    )
  }
  return { status: 206, length: givenLength, totalSize: given.total, body }
}

function isWhole(range: ByteRange | null, length: number | null): boolean {
  return range === null || (range.start === 0 && length !== null && range.end >= length - 1)
}

/** The very range, or all there is of it: a file may end before the range does. */
function isWhatWasAsked(
  given: { start: number; end: number; total: number | null },
  asked: ByteRange,
): boolean {
  if (given.start !== asked.start) return false
  return (
    given.end === asked.end ||
    (given.total !== null && given.end === given.total - 1 && given.end < asked.end)
  )
}

function lengthOf(headers: WireResponse['headers']): number | null {
  const value = headers['content-length']
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null
}

function destroyOnThrow<T>(response: WireResponse, read: () => T): T {
  try {
    return read()
  } catch (error) {
    response.body.destroy()
    throw error
  }
}

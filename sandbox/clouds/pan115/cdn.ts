import { Buffer } from 'node:buffer'
import type { OutgoingHttpHeaders } from 'node:http'
import { type Answer, sendBody } from '../../server/answer.ts'
import type { Exchange } from '../../server/exchange.ts'
import { type ContentRange, openFile } from '../../state/content.ts'
import { type Fault, numberOf, textOf } from '../../state/faults.ts'
import { extensionOf } from '../../state/listing.ts'
import { paceOf, pump } from './cdn-pump.ts'
import type { Pan115 } from './cloud.ts'
import { isOfType } from './file-types.ts'
import type { IssuedLink } from './link-desk.ts'
import { raw } from './reply.ts'
import type { Call, Route } from './route.ts'

/** The file CDN: bytes for whoever holds a link and keeps to its rules. */
export function cdnRoutes(): readonly Route[] {
  const params = ['u', 's', 'd', 'c', 'f', 'k', 'us', 'uc', 'v']
  return [{ family: 'cdn', path: '/:app/*', class: 'cdn', dialect: 'web', params, open: serveFile }]
}

function serveFile(call: Call): Answer {
  const { exchange, cloud } = call
  const fault = cloud.world.faults.take('cdn.status', exchange.facts())
  if (fault) return faultyStatus(fault)
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return raw(405, {}, '')
  const link = cloud.links.find(call.app)
  if (!link) return forbid('invalid link')
  exchange.line.cdn = { fileId: link.file.id, link: link.key, connections: link.open + 1 }
  const refusal = refusalOf(exchange, link, cloud)
  if (refusal) return refusal
  return answerRange(exchange, link, cloud)
}

function faultyStatus(fault: Fault): Answer {
  return raw(numberOf(fault, 'status', 403), { 'content-type': 'text/plain' }, textOf(fault, 'body', ''))
}

/** The rules of a link, in the order the CDN seems to check them (guessed, 2026-10); null when all are kept. */
function refusalOf(exchange: Exchange, link: IssuedLink, cloud: Pan115): Answer | null {
  if (!isUntouched(exchange, link)) return forbid('invalid signature')
  if (cloud.world.clock.now() >= link.expiresAtS * 1000) return forbid('link expired')
  const { binding, connections, isOneShot } = link.policy
  if (binding !== '' && exchange.userAgent !== link.userAgent) return forbid('user agent mismatch')
  if (binding === '3' && !hasCookie(exchange, link)) return forbid('no cookie value')
  if (isOneShot && link.served > 0) return forbid('link used')
  if (exchange.method === 'GET' && connections > 0 && link.open >= connections)
    return forbid('too many connections')
  return null
}

/** Every parameter of the link is signed. */
function isUntouched(exchange: Exchange, link: IssuedLink): boolean {
  const issued = new URLSearchParams(link.target.slice(link.target.indexOf('?') + 1))
  return [...issued].every(([name, value]) => exchange.params.get(name) === value)
}

function hasCookie(exchange: Exchange, link: IssuedLink): boolean {
  return link.cookie !== null && exchange.cookies.get(link.cookie.name) === link.cookie.value
}

/** "no cookie value" is recorded; the shape of the body and the other texts are guessed, 2026-10. */
function forbid(reason: string): Answer {
  return raw(403, { 'content-type': 'application/json' }, JSON.stringify({ state: false, error: reason }))
}

function answerRange(exchange: Exchange, link: IssuedLink, cloud: Pan115): Answer {
  const { size } = link.file.content
  const headers = headersOf(link)
  const range = rangeOf(exchange, link)
  if (range === 'unsatisfiable') return raw(416, { ...headers, 'content-range': `bytes */${size}` }, '')
  return { kind: 'stream', write: (exchange) => sendRange(exchange, link, cloud, { headers, range }) }
}

function headersOf(link: IssuedLink): OutgoingHttpHeaders {
  const { file } = link
  return {
    'accept-ranges': 'bytes',
    'content-type': contentTypeOf(file.name),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    etag: etagOf(link),
    'last-modified': new Date(file.modifiedAtS * 1000).toUTCString(),
  }
}

function contentTypeOf(name: string): string {
  const extension = extensionOf(name)
  if (isOfType(extension, '4')) return extension === 'mkv' ? 'video/x-matroska' : 'video/mp4'
  return 'application/octet-stream'
}

function etagOf(link: IssuedLink): string {
  return `"${link.file.sha1}"`
}

/** One range only; several, or what is no byte range, are answered with the whole file as RFC 9110 allows. */
function rangeOf(exchange: Exchange, link: IssuedLink): ContentRange | 'unsatisfiable' | null {
  const { size } = link.file.content
  const match = /^bytes=(\d*)-(\d*)$/.exec(exchange.headers.range ?? '')
  if (!match || !isStillWanted(exchange, link)) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return null
  return start >= size
    ? 'unsatisfiable'
    : { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/** If-Range: the range counts only when the client still means this very file. */
function isStillWanted(exchange: Exchange, link: IssuedLink): boolean {
  const condition = exchange.headers['if-range']
  if (condition === undefined || condition === etagOf(link)) return true
  return Date.parse(String(condition)) === link.file.modifiedAtS * 1000
}

async function sendRange(
  exchange: Exchange,
  link: IssuedLink,
  cloud: Pan115,
  { headers, range }: { headers: OutgoingHttpHeaders; range: ContentRange | null },
): Promise<void> {
  const { content } = link.file
  const status = range ? 206 : 200
  const length = range ? range.end - range.start + 1 : content.size
  const full = {
    ...headers,
    'content-length': length,
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${content.size}` }),
  }
  if (exchange.method === 'HEAD' || length === 0) {
    await sendBody(exchange, status, full, Buffer.alloc(0))
    return
  }
  link.open++
  link.served++
  exchange.line.status = status
  exchange.response.writeHead(status, full)
  try {
    const source = openFile(cloud.world.blobs, content, range ?? undefined)
    await pump(exchange, source, paceOf(exchange, cloud.world.faults))
  } finally {
    link.open--
  }
}

import type { Link, UrlLink } from '../../core/link.ts'
import type { Located } from '../../vfs/view.ts'
import { refuse } from './errors.ts'
import { needsSign } from './objects.ts'
import type { ApiParts } from './parts.ts'
import type { Call } from './route.ts'

/**
 * Where a client fetches the file: the cloud's own link, made for this caller's User-Agent, unless the storage
 * is set to pass through a proxy or the link asks for what a client would not send. Empty for folders.
 * Throws ApiError when the cloud gives no link.
 */
export async function rawUrlOf(located: Located, call: Call, parts: ApiParts): Promise<string> {
  const { storage, entry } = located
  if (!storage || entry.kind === 'directory') return ''
  const { record, mustProxy } = storage
  const proxyUrl = firstLine(record.proxyUrl)
  if (proxyUrl !== '' && (mustProxy || record.webMode === 'proxyUrl')) {
    return `${proxyUrl}${located.fullPath.toUrl()}${record.signProxyUrl ? signOf(located, parts) : ''}`
  }
  if (mustProxy || record.webMode !== 'redirect') return proxyAddress(located, call, parts)
  const link = await linkFor(located, call, parts)
  const userAgent = userAgentOf(call)
  return link.kind === 'url' && isPlain(link, userAgent) ? link.url : proxyAddress(located, call, parts)
}

/** A link made for whoever sent this request. Throws ApiError. */
export async function linkFor(located: Located, call: Call, parts: ApiParts): Promise<Link> {
  const want = { userAgent: userAgentOf(call), clientIp: parts.clientIp(call.request.raw) }
  const ctx = { ...call.ctx, priority: 'playback' } as const
  try {
    return await parts.viewOf(call.subject).link(located, want, ctx)
  } catch (error) {
    throw refuse(error, 'failed get link', call.language)
  }
}

/** The file through this gateway. */
function proxyAddress(located: Located, call: Call, parts: ApiParts): string {
  const sign = needsSign(parts.settings, located) ? signOf(located, parts) : ''
  return `${parts.originOf(call.request.raw)}/p${located.fullPath.toUrl()}${sign}`
}

/** As `?sign=…`. */
export function signOf(located: Located, parts: Pick<ApiParts, 'signer' | 'clock'>): string {
  return `?sign=${parts.signer.sign(located.fullPath, parts.clock.now())}`
}

export function userAgentOf(call: Call): string {
  return call.request.headers['user-agent'] ?? ''
}

/** Whether a client that sends nothing but its own User-Agent may follow the link. */
function isPlain({ url, headers, boundTo }: UrlLink, userAgent: string): boolean {
  if (userAgent === '' && boundTo.includes('userAgent')) return false
  const sendsDemanded = Object.entries(headers).every(
    ([name, value]) => name === 'user-agent' && value === userAgent,
  )
  return sendsDemanded && /^https?:\/\//i.test(url)
}

/** Only the first line of the setting counts; a slash at its end would double the path's own. */
function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim().replace(/\/+$/, '')
}

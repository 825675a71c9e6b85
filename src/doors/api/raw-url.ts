import { canFollow, type Link, type LinkRequest } from '../../core/link.ts'
import { proxyPrefixOf } from '../../vfs/storage-record.ts'
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
  const proxyUrl = proxyPrefixOf(record)
  if (proxyUrl !== '' && (mustProxy || record.webMode === 'proxyUrl')) {
    return `${proxyUrl}${located.fullPath.toUrl()}${record.signProxyUrl ? signOf(located, parts) : ''}`
  }
  if (mustProxy || record.webMode !== 'redirect') return proxyAddress(located, call, parts)
  const link = await linkFor(located, call, parts)
  return canFollow(link, readerOf(call, parts)) ? link.url : proxyAddress(located, call, parts)
}

/** A link made for whoever sent this request. Throws ApiError. */
export async function linkFor(located: Located, call: Call, parts: ApiParts): Promise<Link> {
  const ctx = { ...call.ctx, priority: 'playback' } as const
  try {
    return await parts.viewOf(call.subject).link(located, readerOf(call, parts), ctx)
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

/** Who would follow the link: whoever sent this request. */
function readerOf(call: Call, parts: ApiParts): LinkRequest {
  return { userAgent: userAgentOf(call), clientIp: parts.clientIp(call.request.raw) }
}

export function userAgentOf(call: Call): string {
  return call.request.headers['user-agent'] ?? ''
}

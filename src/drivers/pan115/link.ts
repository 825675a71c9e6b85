import { Readable } from 'node:stream'
import type { Ctx } from '../../core/ctx.ts'
import type { Entry } from '../../core/entry.ts'
import { StorageError, isStorageError } from '../../core/errors.ts'
import type { Link, LinkRequest } from '../../core/link.ts'
import { assertLoggedIn } from '../../upstream/pan115/account.ts'
import type { Pan115Client } from '../../upstream/pan115/client.ts'
import { downloadLink } from '../../upstream/pan115/download.ts'
import type { DownloadLink } from '../../upstream/pan115/download.ts'
import { fileInfo } from '../../upstream/pan115/files.ts'

// Two at once is what links for 115's own clients allow; a link that says nothing is held to it.
const assumedConnections = 2
// Links say until when they live. For one that does not, this is short enough to be true.
const assumedLifeMs = 5 * 60_000

/** A link to `file` for the reader that `want` describes. One request. */
export async function makeLink(
  client: Pan115Client,
  file: Entry,
  want: LinkRequest,
  ctx: Ctx,
): Promise<Link> {
  const action = `link "${file.name}"`
  if (file.kind === 'directory') {
    throw new StorageError('IsADirectory', `Cannot ${action}: it is a directory`)
  }
  const pickCode = file.native?.pick_code ?? (await fileInfo(client, file.id, ctx)).pickCode
  const query = { pickCode, userAgent: want.userAgent, action }
  const found = await downloadLink(client, query, ctx).catch(async (error: unknown) => {
    throw await explainRefusal(client, error, { action, ctx })
  })
  if (found) return toLink(found, want.userAgent, client.clock.now())
  if (file.size === 0) return emptyLink
  throw new StorageError('NotFound', `Cannot ${action}: 115 has no data for it`)
}

/** What a link demands, in the words of the seam. */
export function toLink(found: DownloadLink, userAgent: string, nowMs: number): Link {
  const { demands, cookie } = found
  const isFree = demands === 'nothing'
  const needsCookie = demands === 'user-agent-and-cookie' && cookie !== ''
  const limit = found.maxConnections ?? assumedConnections
  return {
    kind: 'url',
    url: found.url,
    headers: {
      ...(isFree ? {} : { 'user-agent': userAgent }),
      ...(needsCookie ? { cookie } : {}),
    },
    expiresAt: found.expiresAt ?? new Date(nowMs + assumedLifeMs),
    maxConnections: limit === 0 ? null : limit,
    boundTo: isFree ? [] : ['userAgent'],
  }
}

/** 115 offers nothing for an empty file, and nothing is what it holds. */
const emptyLink: Link = {
  kind: 'stream',
  open: async (range) => {
    if (range) throw new StorageError('RangeNotSatisfiable', 'Cannot read a range of an empty file')
    return Readable.from([], { objectMode: false })
  },
}

const mayOnlyBrowse =
  'this login may browse but not download; it is a web login or was replaced by a newer one of its client'

/**
 * A "log in again" from the download interface has two causes that need different help: the login is dead, or
 * it may only browse. 115's check without side effects tells them apart.
 */
async function explainRefusal(
  client: Pan115Client,
  error: unknown,
  { action, ctx }: { readonly action: string; readonly ctx: Ctx },
): Promise<unknown> {
  const isRefused = isStorageError(error, 'AuthExpired') && error.advice === 'scan-with-app-client'
  if (!isRefused) return error
  await assertLoggedIn(client, action, ctx)
  const words = `Cannot ${action}: ${mayOnlyBrowse}`
  const upstream = error.upstream ? { upstream: error.upstream } : {}
  return new StorageError('PermissionDenied', words, { ...upstream, advice: 'scan-with-app-client' })
}

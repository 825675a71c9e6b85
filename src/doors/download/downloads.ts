import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SignProblem } from '../../auth/signer.ts'
import { signedSubject } from '../../auth/subjects.ts'
import { type Logger, makeCtx } from '../../core/ctx.ts'
import { isStorageError, StorageError, toStorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import { preflightHeaders, readableAnywhere } from '../../lib/cors.ts'
import { abortWhenGone, leaveBodyUnread } from '../../lib/http-exchange.ts'
import { below, decodeSegments, parseTarget, type RequestTarget } from '../../lib/http-target.ts'
import type { Mounts } from '../../vfs/mounts.ts'
import type { Subject } from '../../vfs/subject.ts'
import type { View } from '../../vfs/view.ts'
import type { ServeFile } from './file-request.ts'
import { type DownloadSettings, modeOf, needsSign, type Route } from './policy.ts'
import { replyError, replyWith, replyWords } from './replies.ts'
import { refusals, signWords } from './words.ts'

export interface DownloadParts {
  readonly mounts: () => Mounts
  readonly viewFor: (subject: Subject) => View
  readonly signer: {
    /** Null: `sign` allows reading `fullPath` now. */
    verify(fullPath: VPath, sign: string): SignProblem | null
  }
  readonly settings: DownloadSettings
  readonly serveFile: ServeFile
  /** The client's address behind trusted proxies; null when it is not known. */
  readonly clientIp: (req: IncomingMessage) => string | null
  /** What stands before `/d` for this request: empty, or with a leading and no trailing `/`. */
  readonly sitePrefix: (req: IncomingMessage) => string
  readonly log: Logger
}

/** Answers the request and resolves with true, or leaves it alone and resolves with false. Never rejects. */
export type Downloads = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>

const allow = 'GET, HEAD, OPTIONS'

interface Download {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly route: Route
  readonly fullPath: VPath
  readonly query: URLSearchParams
}

/**
 * Downloads by path of the whole tree: `/d/…` by whatever way is best, `/p/…` through this process. There are
 * no users here: the signature is the permission, so players and strm files need nothing but the address.
 */
export function createDownloads(parts: DownloadParts): Downloads {
  return async (req, res) => {
    const target = parseTarget(req.url ?? '')
    const found = routeOf(target, parts.sitePrefix(req))
    if (!found) return false
    leaveBodyUnread(req, res)
    // The signature is the permission and no cookie counts here, so a foreign page gains nothing it was not given.
    for (const [name, value] of Object.entries(readableAnywhere)) res.setHeader(name, value)
    if (req.method === 'OPTIONS') {
      const allowed = preflightHeaders(req.headers, { methods: 'GET, HEAD', known: 'Range' })
      res.writeHead(204, { allow, ...allowed }).end()
      return true
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      replyWords({ req, res }, refusals.method, { allow })
      return true
    }
    try {
      const fullPath = parsePath(found.path)
      await download(parts, { req, res, route: found.route, fullPath, query: target.query })
    } catch (error) {
      failWith(parts.log, { req, res }, toStorageError(error))
    }
    return true
  }
}

function routeOf(target: RequestTarget, prefix: string): { route: Route; path: string } | null {
  // A proxy in front may pass its prefix on or take it away.
  const path = below(prefix, target.path) ?? target.path
  for (const route of ['d', 'p'] as const) {
    const rest = below(`/${route}`, path)
    if (rest !== null && rest !== '') return { route, path: rest }
  }
  return null
}

function parsePath(path: string): VPath {
  const segments = decodeSegments(path)
  if (segments) return VPath.of(segments)
  throw new StorageError('InvalidName', 'Cannot read the path: malformed percent-encoding')
}

async function download(parts: DownloadParts, { req, res, route, fullPath, query }: Download): Promise<void> {
  const { settings, signer } = parts
  const mounted = parts.mounts().find(fullPath)
  if (needsSign(settings, mounted?.storage ?? null)) {
    const problem = signer.verify(fullPath, query.get('sign') ?? '')
    if (problem !== null) return replyWith({ req, res }, 401, signWords[problem])
  }
  const ctx = makeCtx({ signal: abortWhenGone(res), log: parts.log, priority: 'playback' })
  const view = parts.viewFor(signedSubject(fullPath))
  const file = await view.locate(fullPath, ctx)
  if (!file.storage || file.entry.kind !== 'file') {
    throw new StorageError('IsADirectory', `Cannot read "${fullPath}": it is a directory`)
  }
  const mode = modeOf(route, fullPath.name, file.storage, settings)
  if (mode === null) return replyWords({ req, res }, refusals.proxy)
  const client = { userAgent: req.headers['user-agent'] ?? '', clientIp: parts.clientIp(req) }
  await parts.serveFile({ req, res, view, file, mode, client, query }, ctx)
}

function failWith(
  log: Logger,
  exchange: { req: IncomingMessage; res: ServerResponse },
  error: StorageError,
): void {
  if (isStorageError(error, 'Internal')) log.error({ error }, 'download failed by a fault of ours')
  else log.debug({ error }, 'download failed')
  replyError(exchange, error)
}

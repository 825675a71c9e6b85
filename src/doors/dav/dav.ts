import type { IncomingMessage, ServerResponse } from 'node:http'
import { isAuthError } from '../../auth/auth-error.ts'
import { subjectOf } from '../../auth/subjects.ts'
import { type Logger, makeCtx, type Priority } from '../../core/ctx.ts'
import { isStorageError, StorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import { abortWhenGone, leaveBodyUnread } from '../../lib/http-exchange.ts'
import { below, decodeSegments, parseTarget } from '../../lib/http-target.ts'
import type { Subject } from '../../vfs/subject.ts'
import type { View } from '../../vfs/view.ts'
import { type DavAuthenticator, userOf } from './auth.ts'
import { replyError, replyText } from './errors.ts'
import { get } from './get.ts'
import { options } from './options.ts'
import { propfind } from './propfind.ts'
import { allowedMethods, type DavRequest, type ServeFile } from './request.ts'

export interface DavParts {
  readonly viewFor: (subject: Subject) => View
  readonly authenticator: DavAuthenticator
  readonly serveFile: ServeFile
  /** The client's address behind trusted proxies; null when it is not known. */
  readonly clientIp: (req: IncomingMessage) => string | null
  /** What stands before `/dav` for the client: empty, or percent-encoded with a leading and no trailing `/`. */
  readonly sitePrefix: (req: IncomingMessage) => string
  readonly log: Logger
}

/** Answers every request at and below `/dav`, others with 404. Never rejects. */
export type Dav = (req: IncomingMessage, res: ServerResponse) => Promise<void>

const mount = '/dav'

interface Method {
  readonly priority: Priority
  readonly readsBody: boolean
  run(request: DavRequest): Promise<void>
}

/** The tree as a WebDAV server of class 1 that cannot be written to. */
export function createDav(parts: DavParts): Dav {
  const getting: Method = {
    priority: 'playback',
    readsBody: false,
    run: (request) => get(request, parts.serveFile),
  }
  const methods: ReadonlyMap<string, Method> = new Map([
    ['GET', getting],
    ['HEAD', getting],
    ['POST', getting],
    ['PROPFIND', { priority: 'person', readsBody: true, run: propfind }],
  ])
  return async (req, res) => {
    const signal = abortWhenGone(res)
    try {
      await answer(parts, methods, { req, res, signal })
    } catch (error) {
      if (!res.headersSent && !req.complete) leaveBodyUnread(req, res)
      if (!isAuthError(error) && !isStorageError(error) && !signal.aborted) {
        parts.log.error({ error }, 'WebDAV request failed by a fault of ours')
      }
      replyError({ req, res }, error, signal)
    }
  }
}

async function answer(
  parts: DavParts,
  methods: ReadonlyMap<string, Method>,
  { req, res, signal }: { req: IncomingMessage; res: ServerResponse; signal: AbortSignal },
): Promise<void> {
  const method = methods.get(req.method ?? '')
  if (!method?.readsBody) leaveBodyUnread(req, res)
  const prefix = parts.sitePrefix(req)
  const target = parseTarget(req.url ?? '')
  // A proxy in front may pass its prefix on or take it away.
  const rest = below(mount, below(prefix, target.path) ?? target.path)
  if (rest === null) return replyText({ req, res }, 404, `Nothing but ${mount} is served here`)
  if (req.method === 'OPTIONS') return options({ req, res })
  const client = { userAgent: req.headers['user-agent'] ?? '', clientIp: parts.clientIp(req) }
  const subject = subjectOf(await userOf(req, client.clientIp ?? 'unknown', parts.authenticator))
  if (!method) return replyText({ req, res }, 405, 'Method not allowed', { allow: allowedMethods })
  const path = parsePath(rest)
  if (!subject.can('davRead', subject.basePath.join(path))) {
    throw new StorageError('PermissionDenied', `User "${subject.name}" may not read by WebDAV`)
  }
  await method.run({
    req,
    res,
    path,
    query: target.query,
    view: parts.viewFor(subject),
    client,
    hrefRoot: `${prefix}${mount}`,
    ctx: makeCtx({ signal, log: parts.log, priority: method.priority }),
  })
}

function parsePath(path: string): VPath {
  const segments = decodeSegments(path)
  if (segments) return VPath.of(segments)
  throw new StorageError('InvalidName', 'Cannot read the path: malformed percent-encoding')
}

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Ctx } from '../../core/ctx.ts'
import { StorageError } from '../../core/errors.ts'
import { canFollow } from '../../core/link.ts'
import { encodeSegment, type VPath } from '../../core/path.ts'
import type { Clock } from '../../lib/clock.ts'
import { evaluatePreconditions } from '../../lib/http-conditional.ts'
import { validatorsOf } from '../../lib/http-validators.ts'
import type { Storage } from '../../vfs/storage.ts'
import { proxyPrefixOf } from '../../vfs/storage-record.ts'
import { contentHeaders, versionHeaders } from './file-headers.ts'
import type { FileRequest, ServeFile } from './file-request.ts'
import { sendFile } from './send-file.ts'

interface ServeFileParts {
  readonly signer: {
    /** A signature for a path of the whole tree. */
    sign(fullPath: VPath, nowMs: number): string
  }
  readonly clock: Clock
}

/**
 * The one place that decides how bytes reach a client: the proxy URL, a redirect to the cloud, or through us.
 * HEAD and preconditions are answered from the entry, so they cost no request to the cloud.
 */
export function createServeFile({ signer, clock }: ServeFileParts): ServeFile {
  const sign = (path: VPath) => signer.sign(path, clock.now())
  return async (request, ctx) => {
    const { req, res, file, mode } = request
    const { storage } = file
    if (!storage || file.entry.kind !== 'file') {
      throw new StorageError('IsADirectory', `Cannot read "${file.path}": it is a directory`)
    }
    const validators = validatorsOf(file.entry)
    const verdict = evaluatePreconditions(req.headers, validators)
    if (verdict === 'failed') return endWith(res, 412, { 'content-length': 0 })
    if (verdict === 'not-modified') return endWith(res, 304, versionHeaders(validators))
    if (req.method === 'HEAD') return answerHead(request)
    const address = mode === 'proxyUrl' ? proxyAddress(request, storage, sign) : null
    const target = address ?? (mode === 'redirect' ? await redirectTarget(request, storage, ctx) : null)
    return target === null ? sendFile(request, ctx) : redirect(res, target)
  }
}

function answerHead({ res, file }: FileRequest): void {
  const { size } = file.entry
  endWith(res, 200, {
    ...contentHeaders(file.entry),
    ...versionHeaders(validatorsOf(file.entry)),
    ...(size !== null && { 'content-length': size }),
  })
}

/** Null when there is no proxy, or when it is the proxy that asks: it adds the key `d` to get the bytes. */
function proxyAddress(
  { file, query }: FileRequest,
  { record }: Storage,
  sign: (fullPath: VPath) => string,
): string | null {
  const prefix = proxyPrefixOf(record)
  if (prefix === '' || query.has('d')) return null
  const signature = record.signProxyUrl ? `?sign=${sign(file.fullPath)}` : ''
  return `${prefix}${file.fullPath.toUrl()}${signature}`
}

/** The cloud's own address; null when this client could not use it. */
async function redirectTarget(
  { view, file, client }: FileRequest,
  storage: Storage,
  ctx: Ctx,
): Promise<string | null> {
  if (storage.mustProxy) return null
  const link = await view.link(file, client, ctx)
  return canFollow(link, client) ? link.url : null
}

function redirect(res: ServerResponse, location: string): void {
  endWith(res, 302, {
    // A header holds ASCII only; what else a cloud put into its address is encoded, the rest left as signed.
    location: location.replaceAll(/[^\x21-\x7e]/gu, encodeSegment),
    'referrer-policy': 'no-referrer',
    'cache-control': 'max-age=0, no-cache, no-store, must-revalidate',
    // Without it Node would send an empty chunked body.
    'content-length': 0,
  })
}

function endWith(res: ServerResponse, status: number, headers: OutgoingHttpHeaders): void {
  res.writeHead(status, headers)
  res.end()
}

import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Ctx } from '../../core/ctx.ts'
import { StorageError } from '../../core/errors.ts'
import { rangeApplies } from '../../lib/http-conditional.ts'
import { chooseRange, contentRange, type RangeChoice, unsatisfiedRange } from '../../lib/http-range.ts'
import { validatorsOf } from '../../lib/http-validators.ts'
import { contentHeaders, versionHeaders } from './file-headers.ts'
import type { FileRequest } from './file-request.ts'

/**
 * Answers a GET with the file's bytes, or the range it asks for. Throws before the head is sent; afterwards a
 * failure destroys the connection, so that a short body never looks complete.
 */
export async function sendFile(request: FileRequest, ctx: Ctx): Promise<void> {
  const { res, view, file } = request
  const { size } = file.entry
  const choice = rangeOf(request)
  if (choice.kind === 'unsatisfiable') return sendUnsatisfiable(res, size ?? 0)
  const span = choice.kind === 'part' ? choice.span : null
  const length = span ? span.end - span.start + 1 : size
  // Nothing to ask a cloud for; some have no link for an empty file.
  const body = length === 0 ? null : (await view.open(file, span, ctx)).body
  if (ctx.signal.aborted) {
    if (body) discard(body)
    throw new StorageError('Cancelled', 'The client left before the file was open')
  }
  res.writeHead(span ? 206 : 200, {
    ...contentHeaders(file.entry),
    ...versionHeaders(validatorsOf(file.entry)),
    ...(length !== null && { 'content-length': length }),
    ...(span && { 'content-range': contentRange(span, size ?? 0) }),
  })
  if (body) await sendBody(body, length, res, ctx)
  else res.end()
}

/** Some sources report their own destruction as an error, which without a listener would end the process. */
function discard(body: Readable): void {
  body.on('error', () => {})
  body.destroy()
}

function rangeOf({ req, file }: FileRequest): RangeChoice {
  const { size } = file.entry
  const isWhole = size === null || !rangeApplies(req.headers, validatorsOf(file.entry))
  return isWhole ? { kind: 'whole' } : chooseRange(req.headers.range, size)
}

function sendUnsatisfiable(res: ServerResponse, size: number): void {
  res.writeHead(416, { 'content-range': unsatisfiedRange(size), 'content-length': 0 })
  res.end()
}

/** Never rejects: the head is out, so all that can be done about a failure is to let the client notice. */
async function sendBody(body: Readable, length: number | null, res: ServerResponse, ctx: Ctx): Promise<void> {
  let sentBytes = 0
  body.on('data', (chunk: Buffer) => {
    sentBytes += chunk.length
  })
  try {
    // The end is ours to give: `pipeline` would end the answer cleanly even when bytes are missing.
    await pipeline(body, res, { end: false })
    if (length !== null && sentBytes !== length) {
      throw new StorageError('Protocol', `Cloud gave ${sentBytes} bytes and should have given ${length}`)
    }
    res.end()
  } catch (error) {
    if (!ctx.signal.aborted) ctx.log.warn({ error, sentBytes, length }, 'download broke off')
    discard(body)
    res.destroy()
  }
}

import { setImmediate } from 'node:timers/promises'
import { isStorageError, StorageError } from '../../core/errors.ts'
import type { Listing, Located } from '../../vfs/view.ts'
import { replyText } from './errors.ts'
import { directoryHref } from './href.ts'
import {
  childHref,
  multistatusEnd,
  multistatusStart,
  type RenderResponse,
  responseRenderer,
} from './properties.ts'
import type { DavRequest, Exchange } from './request.ts'
import { parsePropfind, readSmallBody } from './request-body.ts'
import { xmlHeader, xmlMediaType, XmlWriter } from './xml.ts'

/** Entries that are written without letting anybody else have the event loop: about 5 ms. */
const sliceLength = 500

/**
 * Answers a PROPFIND of depth 0 or 1. A long folder is sent while it is read: the head goes out with the first
 * page, so a failure before it still has a status, and one after it ends the connection. Throws StorageError.
 */
export async function propfind(request: DavRequest): Promise<void> {
  const { req, path, view, ctx } = request
  // Before anything is refused: what is left of a body would stand in the way of the next request.
  const body = await readSmallBody(req)
  if (!body) return refuseLongBody(request)
  const depth = String(req.headers.depth ?? 'infinity').toLowerCase()
  if (depth === 'infinity') return refuseInfinity(request)
  if (depth !== '0' && depth !== '1') {
    throw new StorageError('InvalidInput', `Depth is "${depth}" and must be 0 or 1`)
  }
  const isWindows = (req.headers['user-agent'] ?? '').includes('Microsoft-WebDAV')
  const render = responseRenderer(parsePropfind(body), { isWindows })
  const listing = depth === '1' ? await listIfDirectory(request) : null
  if (listing) await sendListing(request, listing, render)
  else sendOne(request, await view.locate(path, ctx), render)
}

/** Null when `path` is a file. */
async function listIfDirectory({ view, path, ctx }: DavRequest): Promise<Listing | null> {
  try {
    return await view.list(path, ctx)
  } catch (error) {
    // Also thrown for a path that leads through a file; locating it, which follows, tells them apart.
    if (isStorageError(error, 'NotADirectory')) return null
    throw error
  }
}

function sendOne({ res, hrefRoot }: DavRequest, item: Located, render: RenderResponse): void {
  const body = Buffer.from(
    xmlHeader + multistatusStart + render(item, ownHref(hrefRoot, item)) + multistatusEnd,
  )
  res.writeHead(207, { 'content-type': xmlMediaType, 'content-length': body.length })
  res.end(body)
}

async function sendListing(request: DavRequest, listing: Listing, render: RenderResponse): Promise<void> {
  const { res, hrefRoot, ctx } = request
  const writer = new XmlWriter(res, ctx.signal)
  const href = directoryHref(hrefRoot, listing.directory.path)
  const start = () => {
    res.writeHead(207, { 'content-type': xmlMediaType })
    writer.add(xmlHeader + multistatusStart + render(listing.directory, href))
  }
  for await (const page of listing.pages) {
    const isFirst = !res.headersSent
    if (isFirst) start()
    await addSlowly(writer, page.entries, (item) => render(item, childHref(href, item)))
    // The client can begin to work while the cloud is asked for the rest.
    if (isFirst) await writer.flush()
    if (page.missing > 0) {
      ctx.log.warn({ path: listing.directory.fullPath, missing: page.missing }, 'listing is incomplete')
    }
  }
  if (!res.headersSent) start()
  writer.add(multistatusEnd)
  await writer.flush()
  res.end()
}

async function addSlowly(
  writer: XmlWriter,
  items: readonly Located[],
  render: (item: Located) => string,
): Promise<void> {
  for (let start = 0; start < items.length; start += sliceLength) {
    for (const item of items.slice(start, start + sliceLength)) {
      writer.add(render(item))
      if (writer.isFull) await writer.flush()
    }
    await setImmediate()
  }
}

function ownHref(hrefRoot: string, { path, entry }: Located): string {
  const href = directoryHref(hrefRoot, path)
  return entry.kind === 'directory' ? href : href.slice(0, -1)
}

/** RFC 4918 section 9.1: no Depth means infinity, and a server may refuse to walk its whole tree. */
function refuseInfinity({ res }: Exchange): void {
  const body = `${xmlHeader}<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>`
  res.writeHead(403, { 'content-type': xmlMediaType, 'content-length': Buffer.byteLength(body) })
  res.end(body)
}

function refuseLongBody(exchange: Exchange): void {
  // What is left of the body is nobody's: the connection cannot be used again.
  replyText(exchange, 413, 'Cannot read the PROPFIND body: it is too long', { connection: 'close' })
}

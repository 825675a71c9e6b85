import * as z from 'zod'
import type { Ctx } from '../../core/ctx.ts'
import { isStorageError, StorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import type { Listing, Located, View } from '../../vfs/view.ts'
import type { DirData, GetData, LinkData, ListData, Obj } from './contract.ts'
import { ApiError, refuse } from './errors.ts'
import { writeRows } from './gentle.ts'
import { flag, paging, parseInput, text } from './input.ts'
import { readPage } from './listing.ts'
import { createShaper, formatTime, readFileTypes, typeOfName } from './objects.ts'
import type { ApiParts } from './parts.ts'
import { parsePath } from './paths.ts'
import { linkFor, rawUrlOf, signOf, userAgentOf } from './raw-url.ts'
import { type Call, type Route, WrittenReply } from './route.ts'

const listInput = z.object({ path: text, refresh: flag, ...paging })
const pathInput = z.object({ path: text })
const dirsInput = z.object({ path: text, force_root: flag })

/** Some clients refuse answers above 64 KiB, and a flat folder may hold thousands of namesakes. */
const maxRelated = 100

/** Browsing and reading. */
export function fsRoutes(parts: ApiParts): readonly Route[] {
  return [
    { method: 'ANY', url: '/api/fs/list', access: 'user', answer: (call) => list(call, parts) },
    { method: 'ANY', url: '/api/fs/get', access: 'user', answer: (call) => get(call, parts) },
    { method: 'ANY', url: '/api/fs/dirs', access: 'user', answer: (call) => listDirectories(call, parts) },
    { method: 'ANY', url: '/api/fs/other', access: 'user', answer: (call) => other(call, parts) },
    { method: 'POST', url: '/api/fs/link', access: 'admin', answer: (call) => link(call, parts) },
  ]
}

async function list(call: Call, parts: ApiParts): Promise<WrittenReply> {
  const input = parseInput(listInput, call.input)
  const path = parsePath(input.path)
  const place = placeOf(call, path)
  if (parts.storages.mounts().isEmpty) throw noStorage(parts, place)
  // A link in somebody's page must not cost the owner requests: GET and HEAD never refresh.
  const fresh = input.refresh && !['GET', 'HEAD'].includes(call.request.method)
  if (fresh && !call.subject.can('refresh', place.fullPath)) {
    throw new ApiError(403, 'Refresh without permission')
  }
  const ctx = { ...call.ctx, fresh }
  try {
    const listing = await openListing(parts.viewOf(call.subject), path, ctx)
    const page = await readPage(listing, input, parts.storages, ctx)
    const facts: Omit<ListData, 'content'> = {
      total: page.total,
      readme: '',
      header: '',
      write: takesUploads(listing.directory, parts) && call.subject.can('write', place.fullPath),
      write_content_bypass: false,
      provider: providerOf(listing.directory),
      listed_at: page.listedAtMs === null ? null : formatTime(new Date(page.listedAtMs)),
      incomplete: page.missing === 0 ? null : { missing: page.missing },
    }
    return await writeList(page.rows, facts, parts)
  } catch (error) {
    throw refuseFs(error, place, stepsOfList(error), parts)
  }
}

/** As `View.list`, but what lies below a file is not found: only the file itself is "not a folder". */
async function openListing(view: View, path: VPath, ctx: Ctx): Promise<Listing> {
  try {
    return await view.list(path, ctx)
  } catch (error) {
    if (!isStorageError(error, 'NotADirectory')) throw error
    await view.locate(path, ctx).catch((cause: unknown) => {
      throw new StorageError('NotFound', error.message, { cause })
    })
    throw error
  }
}

/** The order of the words is what clients match: outermost step first. */
function stepsOfList(error: unknown): string {
  if (isStorageError(error, 'NotFound')) return 'failed get objs: failed get dir'
  return isStorageError(error, 'NotADirectory') ? 'failed get objs' : 'failed get objs: failed to list objs'
}

async function writeList(
  rows: readonly Located[],
  facts: Omit<ListData, 'content'>,
  parts: ApiParts,
): Promise<WrittenReply> {
  const shape = createShaper(parts)
  const written = await writeRows(rows, (row) => JSON.stringify(shape(row)))
  const head = '{"code":200,"message":"success","data":{"content":['
  const tail = `],${JSON.stringify(facts).slice(1)}}`
  return new WrittenReply(Buffer.concat([Buffer.from(head), ...written, Buffer.from(tail)]))
}

async function get(call: Call, parts: ApiParts): Promise<GetData> {
  const path = parsePath(parseInput(pathInput, call.input).path)
  const place = placeOf(call, path)
  const view = parts.viewOf(call.subject)
  const located = await locate(view, place, parts)
  const [rawUrl, related] = await Promise.all([
    rawUrlOf(located, call, parts),
    relatedTo(located, view, call, parts),
  ])
  return {
    ...describeOne(located, parts),
    raw_url: rawUrl,
    readme: '',
    header: '',
    provider: providerOf(located),
    related,
  }
}

/** As in a listing, but for what AList does otherwise when it is asked for one thing. */
function describeOne(located: Located, parts: ApiParts): Obj {
  const row = createShaper(parts)(located)
  const isSiteRoot = located.fullPath.isRoot && !located.storage
  const noTime = formatTime(null)
  return {
    ...row,
    ...(isSiteRoot && { modified: noTime, created: noTime }),
    name: located.fullPath.isRoot ? 'root' : row.name,
    type: typeOfName(row.name, readFileTypes(parts.settings)),
  }
}

/** Files beside `located` that share its name up to the extension: subtitles, posters, notes. */
async function relatedTo(located: Located, view: View, call: Call, parts: ApiParts): Promise<readonly Obj[]> {
  if (located.entry.kind === 'directory') return []
  const { name } = located.entry
  const dot = name.lastIndexOf('.')
  const stem = dot > 0 ? name.slice(0, dot) : name
  const found: Located[] = []
  try {
    const { pages } = await view.list(located.path.parent, call.ctx)
    for await (const page of pages) {
      found.push(...page.entries.filter(({ entry }) => entry.name.startsWith(stem) && entry.name !== name))
    }
  } catch (error) {
    // The film plays without its subtitles; refusing it because the folder cannot be listed would be worse.
    call.ctx.log.warn({ error, path: located.fullPath }, 'files beside this one cannot be listed')
  }
  return found.slice(0, maxRelated).map(createShaper(parts))
}

async function listDirectories(call: Call, parts: ApiParts): Promise<readonly DirData[]> {
  const input = parseInput(dirsInput, call.input)
  if (input.force_root && !call.subject.isAdmin) throw new ApiError(403, 'Permission denied')
  const asker = input.force_root ? fromRoot(call) : call
  const place = placeOf(asker, parsePath(input.path))
  const found: DirData[] = []
  try {
    const { pages } = await openListing(parts.viewOf(asker.subject), place.path, call.ctx)
    for await (const page of pages) {
      for (const { entry } of page.entries) {
        if (entry.kind === 'directory')
          found.push({ name: entry.name, modified: formatTime(entry.modifiedAt) })
      }
    }
  } catch (error) {
    throw refuseFs(error, place, stepsOfList(error), parts)
  }
  return found
}

/** No driver has anything beyond reading and writing yet. */
async function other(call: Call, parts: ApiParts): Promise<never> {
  const place = placeOf(call, parsePath(parseInput(pathInput, call.input).path))
  if (!call.subject.can('read', place.fullPath)) throw noPermission()
  if (!parts.storages.mounts().find(place.fullPath)) throw noStorage(parts, place)
  throw new ApiError(500, 'not implement')
}

/** For the proxies named in a storage's proxy URL: they fetch with exactly these headers. */
async function link(call: Call, parts: ApiParts): Promise<LinkData> {
  const asker = fromRoot(call)
  const place = placeOf(asker, parsePath(parseInput(pathInput, call.input).path))
  const located = await locate(parts.viewOf(asker.subject), place, parts)
  if (located.entry.kind === 'directory') throw new ApiError(500, 'not a file')
  const found = await linkFor(located, asker, parts)
  const rest = { Expiration: null, part_size: 0, content_length: 0 } as const
  if (found.kind === 'stream') {
    const sign = signOf(located, parts).replace('?', '?d&')
    const url = `${parts.originOf(call.request.raw)}/p${located.fullPath.toUrl()}${sign}`
    return { url, header: {}, concurrency: 0, ...rest }
  }
  const bound = found.boundTo.includes('userAgent') ? { 'user-agent': userAgentOf(call) } : {}
  const headers = Object.entries({ ...bound, ...found.headers })
  const header = Object.fromEntries(headers.map(([name, value]) => [canonicalName(name), [value]]))
  return { url: found.url, header, concurrency: found.maxConnections ?? 0, ...rest }
}

/** As Go writes header names, which is how those proxies look them up. */
function canonicalName(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}

/** The same caller with the whole tree in sight. */
function fromRoot(call: Call): Call {
  const { subject } = call
  return { ...call, subject: { ...subject, basePath: VPath.root } }
}

interface Place {
  readonly call: Call
  readonly path: VPath
  readonly fullPath: VPath
}

function placeOf(call: Call, path: VPath): Place {
  return { call, path, fullPath: call.subject.basePath.join(path) }
}

async function locate(view: View, place: Place, parts: ApiParts): Promise<Located> {
  try {
    return await view.locate(place.path, place.call.ctx)
  } catch (error) {
    // A file in the middle of the path: what was asked for is not there either.
    const missing = isStorageError(error, 'NotADirectory') ? new ApiError(500, 'object not found') : error
    throw refuseFs(missing, place, 'failed get obj', parts)
  }
}

function refuseFs(error: unknown, place: Place, steps: string, parts: ApiParts): Error {
  const { subject, language } = place.call
  // 403 opens a password dialog in front ends, so only our own refusal may be one.
  if (isStorageError(error, 'PermissionDenied') && !subject.can('read', place.fullPath)) return noPermission()
  if (isStorageError(error, 'NotFound') && !parts.storages.mounts().find(place.fullPath)) {
    return noStorage(parts, place)
  }
  return refuse(error, steps, language)
}

function noPermission(): ApiError {
  return new ApiError(403, 'password is incorrect or you have no permission')
}

/** `path` as the caller sees it: where the caller's own tree hangs is nobody's business. */
function noStorage(parts: ApiParts, { path }: Place): ApiError {
  const isEmpty = parts.storages.mounts().isEmpty
  const why = isEmpty ? 'please add a storage first' : `rawPath: ${path}`
  return new ApiError(500, `failed get storage: storage not found; ${why}`)
}

/** Front ends offer to upload wherever this is true. */
function takesUploads({ storage }: Located, { storages }: ApiParts): boolean {
  const driver = storages.drivers.find(({ definition }) => definition.name === storage?.record.driver)
  return driver?.definition.takesUploads === true
}

function providerOf({ storage }: Located): string {
  return storage?.record.driver ?? 'unknown'
}

import type { Ctx } from '../../core/ctx.ts'
import type { Pan115Host } from './addresses.ts'
import type { Ask, Pan115Client } from './client.ts'
import { protocolError } from './codes.ts'
import { decodeCharrefs } from './crypto/charref.ts'
import { asArray, asCount, asFlag, asId, asObject, asText, readFileRow } from './wire.ts'
import type { FileRow, WireObject } from './wire.ts'

/** 115 gives no more rows than this at once. */
export const maxPageSize = 1150

const orderConflict = '20130827'

/** In which order rows come, and from where. */
export interface ListOrder {
  /** 115's word: `user_ptime`, `file_name` … */
  readonly by: string
  readonly isAscending: boolean
  /** Directories with a stored order by name are served by another host. */
  readonly host: Extract<Pan115Host, 'webapi.115.com' | 'aps.115.com'>
}

/** Oldest first: what is added while we page lands behind everything and moves no offset. */
export const oldestFirst: ListOrder = { by: 'user_ptime', isAscending: true, host: 'webapi.115.com' }

export interface ListQuery {
  readonly cid: string
  readonly offset: number
  readonly limit: number
  readonly order: ListOrder
  /** What it is for; completes "Cannot …". */
  readonly action: string
  /** `files`: no directories, but the files of the whole subtree. */
  readonly of?: 'children' | 'files'
}

interface Ancestor {
  readonly id: string
  readonly name: string
}

/** A part of a listing as 115 gave it. */
export interface ListPage {
  /** The directory that was really listed: 115 lists the drive's root when it does not know the one asked for. */
  readonly cid: string
  /** As echoed; null when it was not. */
  readonly offset: number | null
  /** Rows per page as echoed; null when it was not. */
  readonly limit: number | null
  /** How many rows there are in all; null when it was not said. */
  readonly count: number | null
  readonly rows: readonly FileRow[]
  /** Rows that came but could not be read. */
  readonly unreadable: number
  /** From the drive's root to the directory itself; empty when it was not said. */
  readonly ancestors: readonly Ancestor[]
  /** The order that was really used. */
  readonly order: ListOrder
}

/** One page of a directory. Asks again, in the order that 115 insists on, when it insists on one. */
export async function listPage(client: Pan115Client, query: ListQuery, ctx: Ctx): Promise<ListPage> {
  const first = await client.call(listAsk(query), ctx)
  if (!('insists' in first)) return first
  const second = await client.call(listAsk({ ...query, order: first.insists }), ctx)
  if (!('insists' in second)) return second
  // Twice refused: names are ordered by a host of their own.
  const third = await client.call(
    listAsk({ ...query, order: { ...second.insists, host: 'aps.115.com' } }),
    ctx,
  )
  if (!('insists' in third)) return third
  throw protocolError(query.action, '115 refuses every order of the listing', { code: orderConflict })
}

interface Insistence {
  readonly insists: ListOrder
}

function listAsk(query: ListQuery): Ask<ListPage | Insistence> {
  return {
    name: 'files list',
    action: query.action,
    host: query.order.host,
    path: query.order.host === 'aps.115.com' ? '/natsort/files.php' : '/files',
    query: listParameters(query),
    bucket: 'list',
    repeatable: true,
    accepts: [orderConflict],
    read: (answer) => readListing(query, answer),
  }
}

function listParameters({ cid, offset, limit, order, of }: ListQuery): Record<string, string> {
  const hasChildren = of !== 'files'
  return {
    aid: '1',
    cid,
    offset: String(offset),
    limit: String(limit),
    o: order.by,
    asc: order.isAscending ? '1' : '0',
    // Files and directories mixed: with directories first, a new one would move every file behind it.
    fc_mix: '1',
    // The order given here wins over the one stored with the directory.
    custom_order: '1',
    show_dir: hasChildren ? '1' : '0',
    cur: hasChildren ? '1' : '0',
    snap: '0',
    natsort: '0',
    // Looking is not opening: the user's list of recently opened directories stays his.
    record_open_time: '0',
    format: 'json',
  }
}

function readListing(query: ListQuery, answer: WireObject): ListPage | Insistence {
  if (asText(answer.errNo) === orderConflict || asText(answer.errno) === orderConflict) {
    const by = asText(answer.order) || query.order.by
    const isAscending = answer.is_asc === undefined ? query.order.isAscending : asFlag(answer.is_asc)
    return { insists: { by, isAscending, host: query.order.host } }
  }
  if (!Array.isArray(answer.data)) throw protocolError(query.action, '115 sent no rows')
  const rows = answer.data.map(readFileRow).filter((row) => row !== null)
  const ancestors = asArray(answer.path)
    .map(readAncestor)
    .filter((each) => each !== null)
  const cid = listedCid(answer, ancestors)
  if (cid === '') throw protocolError(query.action, '115 does not say which directory it listed')
  return {
    cid,
    offset: asCount(answer.offset),
    limit: asCount(answer.limit) ?? asCount(answer.page_size),
    count: asCount(answer.count),
    rows,
    unreadable: answer.data.length - rows.length,
    ancestors,
    order: query.order,
  }
}

function readAncestor(value: unknown): Ancestor | null {
  const step = asObject(value)
  const id = asId(step?.cid)
  return step && id !== '' ? { id, name: decodeCharrefs(asText(step.name)) } : null
}

/** The echo says it; failing that the path, or the parent that a row names. Empty when nothing does. */
function listedCid(answer: WireObject, ancestors: readonly Ancestor[]): string {
  const row = asObject(asArray(answer.data)[0])
  const parent = row && asId(row.fid) === '' ? row.pid : row?.cid
  return asId(answer.cid) || ancestors.at(-1)?.id || asId(parent)
}

/** The id of the directory at `path` (names from the drive's root, joined by `/`); null when there is none. */
export function findDirectoryId(client: Pan115Client, path: string, ctx: Ctx): Promise<string | null> {
  return client.call(
    {
      name: 'files getid',
      action: `find directory "${path}"`,
      host: 'webapi.115.com',
      path: '/files/getid',
      query: { path },
      bucket: 'list',
      repeatable: true,
      read: (answer) => {
        const id = asId(answer.id)
        // Not found is a success with id 0.
        return id === '' || id === '0' ? null : id
      },
    },
    ctx,
  )
}

/** The row of one file or directory. Throws NotFound. */
export function fileInfo(client: Pan115Client, id: string, ctx: Ctx): Promise<FileRow> {
  const action = `look up "${id}"`
  return client.call(
    {
      name: 'files get_info',
      action,
      host: 'webapi.115.com',
      path: '/files/get_info',
      query: { file_id: id },
      bucket: 'list',
      repeatable: true,
      read: (answer) => {
        const row = readFileRow(asArray(answer.data)[0])
        if (!row) throw protocolError(action, '115 sent no row')
        return row
      },
    },
    ctx,
  )
}

/** What 115 knows about a directory beside its rows. */
export interface DirectoryInfo {
  readonly name: string
  /** Files in the whole subtree; null when it is not said. */
  readonly fileCount: number | null
  readonly directoryCount: number | null
  /** From the drive's root to the parent; the directory itself is not among them. */
  readonly ancestors: readonly Ancestor[]
}

/** Counts the whole subtree, so it is slow for large ones. Throws NotFound; useless for the drive's root. */
export function directoryInfo(client: Pan115Client, id: string, ctx: Ctx): Promise<DirectoryInfo> {
  const action = `look up directory "${id}"`
  return client.call(
    {
      name: 'category get',
      action,
      host: 'webapi.115.com',
      path: '/category/get',
      query: { cid: id, aid: '1' },
      bucket: 'list',
      repeatable: true,
      read: (answer) => readDirectoryInfo(action, answer),
    },
    ctx,
  )
}

function readDirectoryInfo(action: string, answer: WireObject): DirectoryInfo {
  const name = decodeCharrefs(asText(answer.file_name))
  if (name === '') throw protocolError(action, '115 sent no name')
  const steps = asArray(answer.paths).map((value) => {
    const step = asObject(value)
    return readAncestor({ cid: step?.file_id, name: step?.file_name })
  })
  return {
    name,
    fileCount: asCount(answer.count),
    directoryCount: asCount(answer.folder_count),
    ancestors: steps.filter((step) => step !== null),
  }
}

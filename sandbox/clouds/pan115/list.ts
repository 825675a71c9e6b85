import type { Answer } from '../../server/answer.ts'
import type { Account, Session } from '../../state/accounts.ts'
import { numberOf, textOf } from '../../state/faults.ts'
import { extensionOf, type Listing, type ListingQuery, nextTurn } from '../../state/listing.ts'
import type { Directory, Entry } from '../../state/tree.ts'
import { Refusal } from './errors.ts'
import { LIST_PARAMS, type ListRequest, orderOf, readListRequest } from './list-query.ts'
import { changeAfterPage, distort, type Page } from './list-faults.ts'
import { json, jsonAsHtml, raw } from './reply.ts'
import type { Call, Route } from './route.ts'
import { appEntry, oldAppEntry, pathRows, webEntry } from './wire.ts'

type ShowEntry = (entry: Entry, account: Account) => object

interface Sorting {
  readonly order: string
  readonly isAscending: boolean
}

const DEFAULT_SORTING: Sorting = { order: 'user_ptime', isAscending: false }
/** An extension longer than this breaks the app listing of its whole folder. The length is guessed, 2026-10. */
const MAX_APP_EXTENSION = 128
// Between two turns of the event loop.
const ROWS_AT_ONCE = 250
const ENTRIES_AT_ONCE = 5000

/** The listings of the four back ends that can list. */
export function listRoutes(): readonly Route[] {
  const list = { class: 'list', params: LIST_PARAMS } as const
  return [
    { ...list, family: 'web', path: '/files', dialect: 'web', guarded: listWeb },
    { ...list, family: 'natsort', path: '/natsort/files.php', dialect: 'web', guarded: listNatural },
    { ...list, family: 'app', path: '/:app/2.0/ufile/files', dialect: 'app', guarded: listApp },
    { ...list, family: 'app', path: '/:app/files', dialect: 'app', guarded: listOldApp },
  ]
}

async function listWeb(call: Call, { account }: Session): Promise<Answer> {
  const request = readListRequest(call.exchange.params, pageCapOf(call, call.cloud.limits.webPage))
  const directory = directoryOf(account, request)
  const conflict = findConflict(call, request, directory)
  if (conflict) return refuseOrder(conflict)
  const sorting = sortingOf(request, directory)
  const listing = await listingOf(account, directory, request, sorting, request.isNatural)
  const page = cutPage(call, request, listing)
  return json(await describePage(call, account, directory, request, { sorting, page, show: webEntry }))
}

/** Names in natural order; only the first rows can be reached, and behind them the listing starts over. */
async function listNatural(call: Call, { account }: Session): Promise<Answer> {
  const cap = call.cloud.limits.natsortRows
  const request = readListRequest(call.exchange.params, pageCapOf(call, cap))
  const directory = directoryOf(account, request)
  const sorting: Sorting = { order: 'file_name', isAscending: request.isAscending ?? true }
  const listing = await listingOf(account, directory, request, sorting, true)
  const startsOver = listing.entries.length > cap && request.offset >= cap
  const offset = startsOver ? 0 : request.offset
  const reachable = { ...request, offset, limit: Math.min(request.limit, Math.max(0, cap - offset)) }
  const page = cutPage(call, reachable, listing)
  const shown = { ...reachable, isMixed: startsOver || request.isMixed }
  return jsonAsHtml(await describePage(call, account, directory, shown, { sorting, page, show: webEntry }))
}

function listApp(call: Call, session: Session): Promise<Answer> {
  return listForApp(call, session, appEntry)
}

function listOldApp(call: Call, session: Session): Promise<Answer> {
  return listForApp(call, session, oldAppEntry)
}

/** Pages of thousands, always directories first; HTTP 500 instead of a page that does not fit. */
async function listForApp(call: Call, { account }: Session, show: ShowEntry): Promise<Answer> {
  const asked = readListRequest(call.exchange.params, Number.MAX_SAFE_INTEGER)
  const request = { ...asked, limit: Math.min(asked.limit, pageCapOf(call, asked.limit)), isMixed: false }
  const directory = directoryOf(account, request)
  const sorting = sortingOf(request, directory)
  const listing = await listingOf(account, directory, request, sorting, request.isNatural)
  const page = cutPage(call, request, listing)
  if (page.rows.length > call.cloud.limits.appPage || (await hasLongExtension(listing.entries))) {
    return raw(500, { 'content-type': 'text/html' }, '<html><body>500 Internal Server Error</body></html>')
  }
  return json(await describePage(call, account, directory, request, { sorting, page, show }))
}

/** Of all rows, not only those of the page: one such file breaks every page of its folder. */
async function hasLongExtension(entries: readonly Entry[]): Promise<boolean> {
  for (const [i, entry] of entries.entries()) {
    if (i % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) await nextTurn()
    if (entry.kind === 'file' && extensionOf(entry.name).length > MAX_APP_EXTENSION) return true
  }
  return false
}

/** The page cap, lower while a fault says so. */
function pageCapOf({ exchange, cloud }: Call, cap: number): number {
  const fault = cloud.world.faults.take('list.cap', exchange.facts())
  return fault ? Math.min(cap, numberOf(fault, 'n', cap)) : cap
}

/** What does not exist, and what is a file, lists as the root, without an error. */
function directoryOf(account: Account, request: ListRequest): Directory {
  return account.tree.findDirectory(request.cid) ?? account.tree.root
}

function sortingOf(request: ListRequest, directory: Directory): Sorting {
  const stored = request.customOrder === '0' ? directory.storedOrder : null
  const order = stored?.order ?? request.order ?? DEFAULT_SORTING.order
  const known = orderOf(order) ? order : DEFAULT_SORTING.order
  return {
    order: known,
    isAscending: stored?.ascending ?? request.isAscending ?? DEFAULT_SORTING.isAscending,
  }
}

/**
 * The order the folder insists on, when the client wants another one and did not say that its own one wins.
 * Evidence: read-from-client (elevengo repeats the call with what it is told), 2026-10. That `custom_order` silences
 * it is read-from-client too (p115client), so a fault can make the folder insist all the same.
 */
function findConflict({ exchange, cloud }: Call, request: ListRequest, directory: Directory): Sorting | null {
  if (request.order === null) return null
  const stubborn = cloud.world.faults.peek('list.order', exchange.facts())?.params['always'] === true
  if (request.customOrder !== '0' && !stubborn) return null
  const fault = cloud.world.faults.take('list.order', exchange.facts())
  const stored = fault
    ? { order: textOf(fault, 'order', 'user_ptime'), isAscending: numberOf(fault, 'asc', 0) === 1 }
    : directory.storedOrder && {
        order: directory.storedOrder.order,
        isAscending: directory.storedOrder.ascending,
      }
  if (!stored) return null
  const agrees =
    stored.order === request.order &&
    stored.isAscending === (request.isAscending ?? DEFAULT_SORTING.isAscending)
  return agrees ? null : stored
}

function refuseOrder({ order, isAscending }: Sorting): Answer {
  const refusal = new Refusal(20130827)
  return json({
    state: false,
    error: refusal.message,
    errNo: refusal.code,
    order,
    is_asc: isAscending ? 1 : 0,
    count: 0,
    offset: 0,
    limit: 0,
    page_size: 0,
    aid: '1',
    cid: '0',
    data: [],
  })
}

function listingOf(
  account: Account,
  directory: Directory,
  request: ListRequest,
  sorting: Sorting,
  isNatural: boolean,
): Promise<Listing> {
  const order = orderOf(sorting.order) ?? 'created'
  const query: ListingQuery = {
    order: order === 'name' && isNatural ? 'natural' : order,
    ascending: sorting.isAscending,
    mixed: request.isMixed,
    recursive: request.isRecursive,
    filter: request.filter,
  }
  return account.listings.list(directory, query)
}

function cutPage(call: Call, request: ListRequest, { entries, fileCount }: Listing): Page {
  const { offset, limit } = request
  const page = {
    offset,
    limit,
    count: entries.length,
    fileCount,
    rows: entries.slice(offset, offset + limit),
  }
  return distort(call, page, entries)
}

async function showRows(entries: readonly Entry[], account: Account, show: ShowEntry): Promise<unknown[]> {
  const rows: unknown[] = []
  for (const entry of entries) {
    if (rows.length % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await nextTurn()
    rows.push(show(entry, account))
  }
  return rows
}

interface Shown {
  readonly sorting: Sorting
  readonly page: Page
  readonly show: ShowEntry
}

async function describePage(
  call: Call,
  account: Account,
  directory: Directory,
  request: ListRequest,
  { sorting, page, show }: Shown,
): Promise<object> {
  const rows = await showRows(page.rows, account, show)
  // A row that no client can read: no id, no name, and the wrong kinds of value.
  if (page.badRowAt !== undefined && page.badRowAt < rows.length)
    rows[page.badRowAt] = { fid: {}, cid: [], n: null }
  const reply = {
    data: rows,
    count: page.count,
    file_count: page.fileCount,
    folder_count: Math.max(0, page.count - page.fileCount),
    sys_count: 0,
    data_source: 'DB',
    aid: '1',
    cid: directory.id,
    offset: page.offset,
    limit: page.limit,
    page_size: page.limit,
    order: sorting.order,
    is_asc: sorting.isAscending ? 1 : 0,
    fc_mix: request.isMixed ? 1 : 0,
    natsort: request.isNatural ? 1 : 0,
    type: request.echo.type,
    suffix: request.echo.suffix,
    star: request.echo.star,
    cur: request.echo.cur,
    uid: account.userId,
    min_size: 0,
    max_size: 0,
    record_open_time: '1',
    is_share: '',
    stdir: request.echo.showDir ? 1 : 0,
    is_q: '',
    hidden: '',
    path: pathRows(directory, account.tree.ancestors(directory)),
    state: true,
    error: '',
    errNo: 0,
    errno: 0,
  }
  changeAfterPage(call, account, directory)
  return reply
}

import type { Answer } from '../../server/answer.ts'
import type { Account, Session } from '../../state/accounts.ts'
import { extensionOf, type Listing } from '../../state/listing.ts'
import type { Directory, Entry } from '../../state/tree.ts'
import { NotEmulated, Refusal } from './errors.ts'
import { isOfType } from './file-types.ts'
import { json } from './reply.ts'
import type { Call, Route } from './route.ts'
import { webEntry } from './wire.ts'

const DEFAULT_LIMIT = 32
const MAX_REACH = 10_000
const SHA1 = /^[0-9a-f]{40}$/i
const DAY_MS = 86_400_000
const UTC_PLUS_8_MS = 8 * 3600 * 1000

/** Finding by name and by hash. */
export function searchRoutes(): readonly Route[] {
  const search = {
    class: 'info',
    params: (
      'search_value cid aid limit offset type suffix file_label fc gte_day lte_day show_dir count_folders star ' +
      'pick_code date source o asc'
    ).split(' '),
    guarded: searchFiles,
  } as const
  return [
    { ...search, family: 'web', path: '/files/search', dialect: 'web' },
    {
      class: 'info',
      family: 'web',
      path: '/files/shasearch',
      dialect: 'web',
      params: ['sha1'],
      guarded: findBySha1,
    },
  ]
}

/** The whole tree below `cid`; without a text nothing is found. Order parameters do not matter. */
async function searchFiles(call: Call, { account }: Session): Promise<Answer> {
  const { params } = call.exchange
  if (params.get('file_label')) throw new NotEmulated('parameter "file_label"')
  const offset = Math.max(0, params.integer('offset', 0))
  const limit = Math.max(1, params.integer('limit', DEFAULT_LIMIT))
  if (offset + limit > MAX_REACH) throw new Refusal(990002)
  const directory = account.tree.findDirectory(params.get('cid') || '0') ?? account.tree.root
  const found = params.get('search_value') ? await findMatching(call, account, directory) : null
  const entries = found?.entries ?? []
  const rows = entries.slice(offset, offset + limit)
  return json({
    state: true,
    error: '',
    errNo: 0,
    folder: { cid: directory.id, pid: directory.parent?.id ?? '0', name: directory.name },
    count: entries.length,
    file_count: found?.fileCount ?? 0,
    folder_count: entries.length - (found?.fileCount ?? 0),
    order: 'user_ptime',
    is_asc: 0,
    offset,
    page_size: limit,
    data: rows.map((entry) => ({ ...webEntry(entry, account), dp: pathOf(entry, account) })),
  })
}

/** Text and filters are part of the remembered listing's key, so that paging through hits scans once. */
function findMatching({ exchange }: Call, account: Account, directory: Directory): Promise<Listing> {
  const { params } = exchange
  const wanted = {
    text: (params.get('search_value') ?? '').toLowerCase(),
    kind: params.get('fc') ?? '',
    type: params.get('type') ?? '',
    suffix: (params.get('suffix') ?? '').toLowerCase(),
    starred: params.flag('star'),
    from: dayStartS(params.get('gte_day')),
    to: dayStartS(params.get('lte_day')),
  }
  return account.listings.list(directory, {
    order: 'created',
    ascending: false,
    mixed: true,
    recursive: true,
    filter: { key: `search ${JSON.stringify(wanted)}`, accepts: (entry) => isHit(entry, wanted) },
  })
}

interface Wanted {
  readonly text: string
  readonly kind: string
  readonly type: string
  readonly suffix: string
  readonly starred: boolean
  readonly from: number | null
  readonly to: number | null
}

function isHit(entry: Entry, wanted: Wanted): boolean {
  if (wanted.kind === '1' && entry.kind !== 'directory') return false
  if (wanted.kind === '2' && entry.kind !== 'file') return false
  if (wanted.starred && !entry.starred) return false
  if (wanted.from !== null && entry.modifiedAtS < wanted.from) return false
  if (wanted.to !== null && entry.modifiedAtS >= wanted.to + DAY_MS / 1000) return false
  const extension = extensionOf(entry.name)
  if (wanted.suffix !== '' && (entry.kind !== 'file' || extension !== wanted.suffix)) return false
  if (
    wanted.type !== '' &&
    wanted.type !== '0' &&
    (entry.kind !== 'file' || !isOfType(extension, wanted.type))
  ) {
    return false
  }
  if (SHA1.test(wanted.text)) return entry.kind === 'file' && entry.sha1.toLowerCase() === wanted.text
  return entry.name.toLowerCase().includes(wanted.text)
}

function dayStartS(day: string | null): number | null {
  const at = day ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(at) ? null : (at - UTC_PLUS_8_MS) / 1000
}

function pathOf(entry: Entry, account: Account): string {
  return account.tree
    .ancestors(entry)
    .map((each) => each.name)
    .join('/')
}

/** A miss has a text and no code. Evidence: read-from-client (p115client), 2026-10. */
async function findBySha1({ exchange }: Call, { account }: Session): Promise<Answer> {
  const sha1 = (exchange.params.get('sha1') ?? '').toLowerCase()
  const { entries } = await account.listings.list(account.tree.root, {
    order: 'created',
    ascending: false,
    mixed: true,
    recursive: true,
    filter: {
      key: `sha1 ${sha1}`,
      accepts: (entry) => entry.kind === 'file' && entry.sha1.toLowerCase() === sha1,
    },
  })
  const [first] = entries
  if (!first) return json({ state: false, error: '文件错误' })
  return json({ state: true, error: '', errno: 0, data: webEntry(first, account) })
}

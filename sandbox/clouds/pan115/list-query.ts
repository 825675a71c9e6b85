import type { PhpParams } from '../../server/php-params.ts'
import { extensionOf, type ListingQuery, type Order, sizeOf } from '../../state/listing.ts'
import type { Entry } from '../../state/tree.ts'
import { NotEmulated } from './errors.ts'
import { isOfType } from './file-types.ts'

/** A listing as it was asked for. */
export interface ListRequest {
  readonly cid: string
  readonly offset: number
  readonly limit: number
  /** Null when the client left it open. */
  readonly order: string | null
  readonly isAscending: boolean | null
  readonly isMixed: boolean
  readonly customOrder: string
  readonly isNatural: boolean
  readonly isRecursive: boolean
  readonly filter: ListingQuery['filter']
  /** The values that the reply repeats. */
  readonly echo: { type: string; suffix: string; star: string; cur: number; showDir: boolean }
}

/** Every parameter of the listings. */
export const LIST_PARAMS: readonly string[] = (
  'aid cid offset limit o asc fc_mix show_dir cur custom_order natsort snap record_open_time count_folders type ' +
  'suffix star is_share is_q nf min_size max_size stdir fields hidden last_utime r_all scid source qid sys_dir ' +
  'suffix_type oof_token show_hidden use_cache version is_asc order'
).split(' ')

const DEFAULT_LIMIT = 32
const ORDERS: ReadonlyMap<string, Order> = new Map<string, Order>([
  ['file_name', 'name'],
  ['file_size', 'size'],
  ['file_type', 'type'],
  ['user_ptime', 'created'],
  ['user_utime', 'modified'],
  ['user_otime', 'opened'],
])

/** The order's own name here; null for one that 115 does not know. */
export function orderOf(name: string): Order | null {
  return ORDERS.get(name) ?? null
}

/** Reads the parameters. Throws NotEmulated for areas other than the drive itself. */
export function readListRequest(params: PhpParams, pageCap: number): ListRequest {
  const area = params.get('aid') ?? '1'
  if (area !== '1' && area !== '0' && area !== '') throw new NotEmulated(`area "${area}"`)
  for (const name of ['is_share', 'is_q']) {
    if (params.flag(name)) throw new NotEmulated(`parameter "${name}=1"`)
  }
  const asked = params.integer('limit', DEFAULT_LIMIT)
  const asc = params.get('asc')
  return {
    cid: params.get('cid') || '0',
    offset: Math.max(0, params.integer('offset', 0)),
    limit: Math.min(pageCap, asked > 0 ? asked : DEFAULT_LIMIT),
    order: params.get('o') || null,
    isAscending: asc === null || asc === '' ? null : asc === '1',
    isMixed: params.flag('fc_mix'),
    customOrder: params.get('custom_order') ?? '0',
    isNatural: params.flag('natsort'),
    ...readFilter(params),
  }
}

function readFilter(params: PhpParams): Pick<ListRequest, 'isRecursive' | 'filter' | 'echo'> {
  const type = params.get('type') ?? ''
  const suffix = (params.get('suffix') ?? '').toLowerCase()
  const showDir = params.get('show_dir') !== '0'
  const cur = params.get('cur')
  const hasStar = params.flag('star')
  const narrows = suffix !== '' || (type !== '' && type !== '0')
  // A filter makes the listing deep by itself; so does asking for files only. `cur=1` always keeps it flat.
  const isRecursive = cur !== '1' && (narrows || !showDir || (hasStar && (params.get('cid') || '0') === '0'))
  const size = { min: params.integer('min_size', 0), max: params.integer('max_size', 0) }
  const showsFiles = !params.flag('nf')
  const showsDirectories = showDir && (!narrows || params.flag('stdir'))
  return {
    isRecursive,
    filter: {
      key: [type, suffix, hasStar, showsFiles, showsDirectories, size.min, size.max].join(','),
      accepts: (entry) => {
        if (hasStar && !entry.starred) return false
        if (entry.kind === 'directory') return showsDirectories
        return showsFiles && isWanted(entry, type, suffix) && isWithin(entry, size)
      },
    },
    echo: { type, suffix, star: params.get('star') ?? '', cur: cur === '0' ? 0 : 1, showDir },
  }
}

function isWanted(entry: Entry, type: string, suffix: string): boolean {
  const extension = extensionOf(entry.name)
  // `suffix` beats `type`. Evidence: read-from-client (p115client), 2026-10.
  if (suffix !== '') return extension === suffix
  return type === '' || type === '0' || isOfType(extension, type)
}

function isWithin(entry: Entry, size: { min: number; max: number }): boolean {
  const bytes = sizeOf(entry)
  return bytes >= size.min && (size.max <= 0 || bytes <= size.max)
}

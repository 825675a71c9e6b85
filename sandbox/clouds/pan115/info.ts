import type { Answer } from '../../server/answer.ts'
import { bareNumber } from '../../server/php-json.ts'
import type { Account, Session } from '../../state/accounts.ts'
import { measure, sizeOf } from '../../state/listing.ts'
import type { Directory, Entry } from '../../state/tree.ts'
import { decodePickcode } from './crypto/pickcode.ts'
import { Refusal } from './errors.ts'
import { json } from './reply.ts'
import type { Call, Route } from './route.ts'
import { pickcodeOf, webEntry } from './wire.ts'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']
/** The largest id that a JSON reader with doubles still gets right. */
const MAX_SAFE_DIGITS = 15

/** One entry's properties, and the way from a path to an id. */
export function infoRoutes(): readonly Route[] {
  const web = { family: 'web', class: 'info', dialect: 'web' } as const
  return [
    { ...web, path: '/files/get_info', params: ['file_id', 'pick_code'], guarded: getInfo },
    { ...web, path: '/files/file', params: ['file_id'], guarded: getBriefInfo },
    { ...web, path: '/category/get', params: ['cid', 'fid', 'aid', 'status'], guarded: getCategory },
    {
      family: 'app',
      class: 'info',
      dialect: 'app',
      path: '/:app/2.0/category/get',
      params: ['cid', 'aid', 'status'],
      guarded: getCategory,
    },
    { ...web, path: '/files/getid', params: ['path'], guarded: getId },
    { ...web, path: '/files/get_path_id', params: ['path', 'parent_id', 'is_create'], guarded: getPathId },
  ]
}

/** Not found is 20018; the code is guessed from the family. The root is not allowed. */
function getInfo({ exchange }: Call, { account }: Session): Answer {
  const pickcode = exchange.params.get('pick_code')
  const id = pickcode ? decodePickcode(pickcode) : (exchange.params.list('file_id')[0] ?? null)
  const entry = id === null ? null : account.tree.find(id)
  if (!entry?.parent) throw new Refusal(20018, undefined, { data: [] })
  return json({ state: true, data: [webEntry(entry, account)], code: 0, message: '' })
}

/** Unknown ids are left out. */
function getBriefInfo({ exchange }: Call, { account }: Session): Answer {
  const entries = exchange.params
    .list('file_id')
    .map((id) => account.tree.find(id))
    .filter((entry): entry is Entry => entry !== null && entry.parent !== null)
  if (entries.length === 0) throw new Refusal(20018, undefined, { data: [] })
  return json({
    state: true,
    error: '',
    errno: 0,
    data: entries.map((entry) => describeBriefly(entry, account)),
  })
}

function describeBriefly(entry: Entry, account: Account): object {
  return {
    file_id: entry.id,
    file_name: entry.name,
    file_size: String(sizeOf(entry)),
    parent_id: entry.parent?.id ?? '0',
    pick_code: pickcodeOf(entry, account),
    sha1: entry.kind === 'file' ? entry.sha1 : '',
    file_category: entry.kind === 'file' ? '1' : '0',
  }
}

/** The failure body is guessed: clients only agree that it carries no `file_name`, 2026-10. */
async function getCategory({ exchange }: Call, { account }: Session): Promise<Answer> {
  const id = exchange.params.get('cid') ?? exchange.params.get('fid') ?? '0'
  const entry = account.tree.find(id)
  if (!entry?.parent) throw new Refusal(20018, undefined, { data: [] })
  const below =
    entry.kind === 'directory' ? await measure(entry) : { files: 0, directories: 0, bytes: sizeOf(entry) }
  return json({
    state: true,
    count: String(below.files),
    size: formatSize(below.bytes),
    folder_count: String(below.directories),
    play_long: 0,
    show_play_long: 1,
    ptime: String(entry.createdAtS),
    utime: String(entry.modifiedAtS),
    is_share: '0',
    file_name: entry.name,
    pick_code: pickcodeOf(entry, account),
    sha1: entry.kind === 'file' ? entry.sha1 : '',
    is_mark: entry.starred ? '1' : '0',
    open_time: entry.openedAtS,
    desc: '',
    file_category: entry.kind === 'file' ? '1' : '0',
    paths: account.tree.ancestors(entry).map((each) => ({ file_id: numericId(each), file_name: each.name })),
  })
}

/** `paths[].file_id` is one of the places where 115 prints 19 digits as a bare number. */
function numericId(directory: Directory): unknown {
  return directory.id.length > MAX_SAFE_DIGITS ? bareNumber(directory.id) : Number(directory.id)
}

/** `1.02GB`; the exact bytes are not given anywhere in this reply. */
function formatSize(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024
    unit++
  }
  return `${unit === 0 ? amount : amount.toFixed(2)}${UNITS[unit] ?? ''}`
}

/** Directories only; a path that does not exist has the id 0, and so has the root. */
function getId({ exchange }: Call, { account }: Session): Answer {
  const found = account.tree.resolve(segments(exchange.params.get('path')))
  const id = found?.kind === 'directory' ? found.id : '0'
  return json({ state: true, errno: 0, error: '', id, is_private: '0' })
}

function getPathId({ exchange, cloud }: Call, { account }: Session): Answer {
  const parent = account.tree.findDirectory(exchange.params.get('parent_id') || '0')
  if (!parent) throw new Refusal(20009)
  const names = segments(exchange.params.get('path'))
  const nowS = Math.floor(cloud.world.clock.now() / 1000)
  const found = exchange.params.flag('is_create')
    ? makeDirectories(account, parent, names, nowS)
    : account.tree.resolve(names, parent)
  if (found?.kind !== 'directory') throw new Refusal(20018, undefined, { data: [] })
  return json({ state: true, error: '', errno: 0, data: { file_id: found.id } })
}

function makeDirectories(
  account: Account,
  from: Directory,
  names: readonly string[],
  nowS: number,
): Directory {
  let at = from
  for (const name of names) {
    const next = account.tree.resolve([name], at)
    at =
      next?.kind === 'directory'
        ? next
        : account.tree.addDirectory(at, { name, createdAtS: nowS, modifiedAtS: nowS })
  }
  return at
}

function segments(path: string | null): string[] {
  return (path ?? '').split('/').filter((name) => name !== '')
}

import type { Account } from '../../state/accounts.ts'
import { extensionOf, sizeOf } from '../../state/listing.ts'
import type { Directory, Entry, File } from '../../state/tree.ts'
import { encodePickcode } from './crypto/pickcode.ts'
import { classOf, isVideo } from './file-types.ts'

const PICKCODE_PREFIXES = ['a', 'b', 'c', 'd', 'e']
const UTC_PLUS_8_MS = 8 * 3600 * 1000

/** The pickcode of an entry; which of the five prefixes an account has is the server's choice. Empty for the root. */
export function pickcodeOf(entry: Entry, account: Account): string {
  const letter = PICKCODE_PREFIXES[account.number % PICKCODE_PREFIXES.length] ?? 'a'
  return encodePickcode(entry.id, account.stable, entry.kind === 'file' ? letter : `f${letter}`)
}

/** `YYYY-MM-DD HH:mm` in UTC+8, as `t` of a file has it: no seconds and no zone. */
function formatMinute(epochS: number): string {
  return new Date(epochS * 1000 + UTC_PLUS_8_MS).toISOString().slice(0, 16).replace('T', ' ')
}

/** An entry as `/files`, `get_info` and the searches of the web API show it. */
export function webEntry(entry: Entry, account: Account): object {
  return entry.kind === 'file' ? webFile(entry, account) : webDirectory(entry, account)
}

function webDirectory(entry: Directory, account: Account): object {
  const modified = String(entry.modifiedAtS)
  return {
    cid: entry.id,
    aid: '1',
    pid: entry.parent?.id ?? '0',
    n: entry.name,
    m: entry.starred ? 1 : 0,
    cc: '',
    sh: '0',
    pc: pickcodeOf(entry, account),
    t: modified,
    te: modified,
    tu: String(entry.updatedAtS),
    tp: String(entry.createdAtS),
    to: String(entry.openedAtS),
    e: '',
    p: 0,
    ns: entry.name,
    u: '',
    ico: 'folder',
    fc: 0,
    hdf: 0,
    is_top: 0,
    ispl: 1,
    iv: 0,
    play_long: 0,
    fl: [],
    issct: 0,
    score: 0,
    fvs: 0,
    fuuid: Number(account.userId),
  }
}

function webFile(entry: File, account: Account): object {
  const extension = extensionOf(entry.name)
  return {
    fid: entry.id,
    uid: Number(account.userId),
    aid: 1,
    cid: entry.parent?.id ?? '0',
    n: entry.name,
    s: sizeOf(entry),
    sta: 1,
    pt: '0',
    pid: '0',
    pc: pickcodeOf(entry, account),
    p: '0',
    m: entry.starred ? 1 : 0,
    t: formatMinute(entry.modifiedAtS),
    te: String(entry.modifiedAtS),
    tp: String(entry.createdAtS),
    tu: String(entry.updatedAtS),
    to: String(entry.openedAtS),
    d: 1,
    c: 0,
    sh: 0,
    e: '',
    ico: extension,
    class: classOf(extension),
    sha: entry.sha1,
    q: 0,
    hdf: 0,
    et: 0,
    is_top: 0,
    ...videoFields(extension),
    current_time: 0,
    played_end: 0,
    last_time: '0',
    fl: [],
    u: '',
    ispl: 0,
    issct: 0,
    score: 0,
  }
}

/** How long a made-up film is does not matter; that it is a number does. */
function videoFields(extension: string): object {
  return isVideo(extension) ? { iv: 1, vdi: 4, play_long: 5400 } : { iv: 0, vdi: 0, play_long: 0 }
}

/** An entry as the app listing of the 2.0 generation shows it: `fid` is the own id of files and directories. */
export function appEntry(entry: Entry, account: Account): object {
  const extension = extensionOf(entry.name)
  const isFile = entry.kind === 'file'
  return {
    fid: entry.id,
    aid: '1',
    pid: entry.parent?.id ?? '0',
    fc: isFile ? '1' : '0',
    fn: entry.name,
    fs: isFile ? String(sizeOf(entry)) : '0',
    sha1: isFile ? entry.sha1 : '',
    pc: pickcodeOf(entry, account),
    upt: String(entry.modifiedAtS),
    uet: String(entry.updatedAtS),
    uppt: String(entry.createdAtS),
    ico: isFile ? extension : '',
    fta: '1',
    ism: entry.starred ? '1' : '0',
    isp: 0,
    ic: 0,
    isv: isFile && isVideo(extension) ? 1 : 0,
    is_top: 0,
    issct: 0,
    thumb: '',
    fco: '',
    fdesc: '',
    fl: [],
    fuuid: Number(account.userId),
  }
}

/** An entry as the older app listing shows it. */
export function oldAppEntry(entry: Entry, account: Account): object {
  if (entry.kind === 'directory') {
    return {
      category_id: entry.id,
      category_name: entry.name,
      parent_id: entry.parent?.id ?? '0',
      category_cover: '',
      category_desc: '',
      pick_code: pickcodeOf(entry, account),
      user_ptime: String(entry.modifiedAtS),
      user_pptime: String(entry.createdAtS),
      user_utime: String(entry.updatedAtS),
      file_category: '0',
      area_id: '1',
    }
  }
  return {
    file_id: entry.id,
    file_name: entry.name,
    category_id: entry.parent?.id ?? '0',
    file_size: String(sizeOf(entry)),
    sha1: entry.sha1,
    pick_code: pickcodeOf(entry, account),
    user_ptime: String(entry.modifiedAtS),
    user_pptime: String(entry.createdAtS),
    user_utime: String(entry.updatedAtS),
    file_category: '1',
    area_id: '1',
    thumb_url: '',
    is_collect: '0',
    file_description: '',
  }
}

/** The ancestors and the directory itself, as the `path` of a listing. */
export function pathRows(directory: Directory, ancestors: readonly Directory[]): object[] {
  return [...ancestors, directory].map((each) =>
    each.parent
      ? { name: each.name, aid: '1', cid: each.id, pid: each.parent.id, isp: '0' }
      : { name: each.name, aid: 1, cid: 0, pid: 0, isp: 0 },
  )
}

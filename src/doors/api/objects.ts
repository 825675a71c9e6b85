import type { Entry, Hashes } from '../../core/entry.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Located } from '../../vfs/view.ts'
import type { Obj, ObjType } from './contract.ts'
import type { ApiParts } from './parts.ts'

/** What Go prints for a time that was never set. */
const noTime = '0001-01-01T00:00:00Z'

/**
 * RFC 3339 in local time with a numeric offset: older Pythons refuse `Z`, and take three fraction digits but not
 * one, so a fraction is left away or whole.
 */
export function formatTime(date: Date | null): string {
  if (!date || Number.isNaN(date.getTime())) return noTime
  const offsetMinutes = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString()
  const clock = local.endsWith('.000Z') ? local.slice(0, -5) : local.slice(0, -1)
  const minutes = Math.abs(offsetMinutes)
  const offset = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'))
  return `${clock}${offsetMinutes < 0 ? '-' : '+'}${offset.join(':')}`
}

/** Extensions in lower case to what front ends open them with. */
export type FileTypes = ReadonlyMap<string, ObjType>

export function readFileTypes(settings: Settings): FileTypes {
  const lists = [
    [settings.get('image_types'), 5],
    [settings.get('text_types'), 4],
    [settings.get('audio_types'), 3],
    [settings.get('video_types'), 2],
  ] as const
  return new Map(
    lists.flatMap(([list, type]) =>
      list.split(',').map((each) => [each.trim().toLowerCase(), type] as const),
    ),
  )
}

/** By the name alone; 0 when the extension says nothing. */
export function typeOfName(name: string, types: FileTypes): ObjType {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? 0 : (types.get(name.slice(dot + 1).toLowerCase()) ?? 0)
}

/** Whether a download of `file` needs a signature. */
export function needsSign(settings: Settings, { storage }: Located): boolean {
  return settings.get('sign_all') || storage?.record.requiresSign === true
}

/** Makes rows of what a view found; settings are read once for all of them. */
export function createShaper(
  parts: Pick<ApiParts, 'settings' | 'signer' | 'clock'>,
): (located: Located) => Obj {
  const types = readFileTypes(parts.settings)
  const nowMs = parts.clock.now()
  return (located) => {
    const { entry } = located
    const isDirectory = entry.kind === 'directory'
    const isSigned = !isDirectory && needsSign(parts.settings, located)
    return {
      name: entry.name,
      size: entry.size ?? 0,
      is_dir: isDirectory,
      ...timesOf(entry),
      sign: isSigned ? parts.signer.sign(located.fullPath, nowMs) : '',
      thumb: '',
      type: isDirectory ? 1 : typeOfName(entry.name, types),
      ...hashesOf(entry.hashes),
    }
  }
}

function timesOf(entry: Entry): Pick<Obj, 'modified' | 'created'> {
  const modified = formatTime(entry.modifiedAt)
  return { modified, created: entry.createdAt ? formatTime(entry.createdAt) : modified }
}

/** SHA-1 in upper case, as the clouds that have it write it; clients compare it letter by letter. */
function hashesOf(hashes: Hashes): Pick<Obj, 'hashinfo' | 'hash_info'> {
  const { sha1, md5, sha256 } = hashes
  if (!sha1 && !md5 && !sha256) return { hashinfo: 'null', hash_info: null }
  const info = {
    ...(md5 && { md5 }),
    ...(sha1 && { sha1: sha1.toUpperCase() }),
    ...(sha256 && { sha256 }),
  }
  return { hashinfo: JSON.stringify(info), hash_info: info }
}

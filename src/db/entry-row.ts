import type { Entry, EntryId, Hashes, HashKind } from '../core/entry.ts'
import { entriesPerGeneration } from './migrations/tree.ts'
import type { SqlValue } from './sqlite.ts'

/** A row of the tree's `entry` table, as `entryColumns` selects it. */
export interface EntryRow {
  readonly id: string
  readonly parent: string | number | null
  readonly name: string
  readonly is_directory: number
  readonly size: number | null
  readonly modified_at: number | null
  readonly created_at: number | null
  readonly sha1: Uint8Array | string | null
  readonly md5: Uint8Array | string | null
  readonly sha256: Uint8Array | string | null
  readonly native: string | null
}

export const entryColumns =
  // As text: an integer of 19 digits does not fit a JavaScript number.
  'CAST(e.id AS TEXT) AS id, e.parent, e.name, e.is_directory, e.size, e.modified_at, e.created_at, e.sha1, e.md5, e.sha256, e.native'

/** Takes what `entryParams` gives. */
export const insertEntry =
  'INSERT INTO entry (key, name_hash, id, parent, name, is_directory, size, ' +
  'modified_at, created_at, sha1, md5, sha256, native) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'

/** `key`: from `entryKey`. `directory`: whose listing the entry is of. */
export function entryParams(entry: Entry, key: number, directory: EntryId): SqlValue[] {
  return [
    key,
    textHash(entry.name),
    idValue(entry.id),
    entry.parentId === directory ? null : (entry.parentId ?? 0),
    entry.name,
    entry.kind === 'directory' ? 1 : 0,
    entry.size,
    timeOf(entry.modifiedAt),
    timeOf(entry.createdAt),
    hashValue(entry.hashes.sha1),
    hashValue(entry.hashes.md5),
    hashValue(entry.hashes.sha256),
    entry.native === undefined ? null : JSON.stringify(entry.native),
  ]
}

/** `directory`: whose listing the row is of. */
export function toEntry(row: EntryRow, directory: EntryId): Entry {
  return {
    id: row.id as EntryId,
    parentId:
      row.parent === null ? directory : typeof row.parent === 'string' ? (row.parent as EntryId) : null,
    name: row.name,
    kind: row.is_directory === 1 ? 'directory' : 'file',
    size: row.size,
    modifiedAt: row.modified_at === null ? null : new Date(row.modified_at),
    createdAt: row.created_at === null ? null : new Date(row.created_at),
    hashes: toHashes(row),
    ...(row.native === null ? {} : { native: JSON.parse(row.native) as Record<string, string> }),
  }
}

/** The key of a generation's entry; at position 0 also where its keys begin, and where the one before ends. */
export function entryKey(generation: number, position: number): number {
  return generation * entriesPerGeneration + position
}

/** An id as it is stored: half the bytes for the decimal numbers that most clouds use, which read back unchanged. */
export function idValue(id: EntryId): SqlValue {
  if (!/^(0|[1-9]\d{0,18})$/.test(id)) return id
  const number = BigInt(id)
  return number <= maxInteger ? number : id
}

const maxInteger = 2n ** 63n - 1n

/** FNV-1a over UTF-16 code units, as a signed 32-bit number: SQLite stores small magnitudes in fewer bytes. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash | 0
}

/** An entry as one text, for the few that are kept outside listings. */
export function entryToText(entry: Entry): string {
  return JSON.stringify({
    ...entry,
    modifiedAt: timeOf(entry.modifiedAt),
    createdAt: timeOf(entry.createdAt),
  })
}

/** The reverse of `entryToText`. */
export function entryFromText(text: string): Entry {
  const plain = JSON.parse(text) as Omit<Entry, 'modifiedAt' | 'createdAt'> & {
    modifiedAt: number | null
    createdAt: number | null
  }
  return {
    ...plain,
    modifiedAt: plain.modifiedAt === null ? null : new Date(plain.modifiedAt),
    createdAt: plain.createdAt === null ? null : new Date(plain.createdAt),
  }
}

function timeOf(date: Date | null): number | null {
  const time = date?.getTime()
  return time === undefined || Number.isNaN(time) ? null : time
}

function hashValue(hex: string | undefined): SqlValue {
  if (hex === undefined) return null
  // Whatever would not come back from bytes as it was is kept as the text it is.
  return hex.length % 2 === 0 && /^[0-9a-f]+$/.test(hex) ? Buffer.from(hex, 'hex') : hex
}

function toHashes(row: EntryRow): Hashes {
  const hashes: Partial<Record<HashKind, string>> = {}
  for (const kind of ['sha1', 'md5', 'sha256'] as const) {
    const value = row[kind]
    if (value !== null) hashes[kind] = typeof value === 'string' ? value : toHex(value)
  }
  return hashes
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

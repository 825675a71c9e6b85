import { entryId, toSegment } from '../../core/entry.ts'
import type { Entry, EntryId } from '../../core/entry.ts'
import type { FileRow } from '../../upstream/pan115/wire.ts'

/** A row of 115 as a child of `parentId`. The pickcode travels along because links are asked for by it. */
export function toEntry(row: FileRow, parentId: EntryId): Entry {
  return {
    id: entryId(row.id),
    parentId,
    name: toSegment(row.name),
    kind: row.isDirectory ? 'directory' : 'file',
    size: row.size,
    modifiedAt: row.modifiedAt,
    createdAt: row.createdAt,
    hashes: row.sha1 === '' ? {} : { sha1: row.sha1 },
    ...(row.pickCode === '' ? {} : { native: { pick_code: row.pickCode } }),
  }
}

/** A directory of which only id and name are known. */
export function toBareDirectory(id: string, name: string, parentId: EntryId | null): Entry {
  return {
    id: entryId(id),
    parentId,
    name: toSegment(name),
    kind: 'directory',
    size: null,
    modifiedAt: null,
    createdAt: null,
    hashes: {},
  }
}

// What `toSegment` writes in place of something else, and what 115 keeps as a reference: 115 knows such a
// name under another spelling.
const respelt = /[／＼␀．"<>]|\p{Extended_Pictographic}/u

/** Whether `name`, as we show it, is surely also what 115 calls it in a path; nobody knows what it trims. */
export function isSpeltAlike(name: string): boolean {
  return !respelt.test(name) && name.trim() === name
}

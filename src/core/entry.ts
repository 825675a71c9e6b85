/** Opaque outside its own driver: never parsed, joined or compared by order above it. */
export type EntryId = string & { readonly __entryId: unique symbol }

export type HashKind = 'sha1' | 'md5' | 'sha256'

/** Lower-case hex. A kind that is absent is not known. */
export type Hashes = Readonly<Partial<Record<HashKind, string>>>

export interface Entry {
  readonly id: EntryId
  /** Null for the root of a storage. */
  readonly parentId: EntryId | null
  /** One path segment: not empty, not `.` or `..`, without `/`, `\` and NUL (`toSegment` makes it so). */
  readonly name: string
  readonly kind: 'file' | 'directory'
  /** Bytes; null when the cloud does not say, and for directories. */
  readonly size: number | null
  /** UTC; null when the cloud does not say. */
  readonly modifiedAt: Date | null
  /** UTC; null when the cloud does not say. */
  readonly createdAt: Date | null
  readonly hashes: Hashes
  /** The driver's own notes (texts only): carried and remembered by everybody, read by the driver alone. */
  readonly native?: Readonly<Record<string, string>>
}

export function entryId(text: string): EntryId {
  return text as EntryId
}

const replacements: Readonly<Record<string, string>> = { '/': '／', '\\': '＼', '\0': '␀' }

/**
 * A name as a path segment. Clouds allow what a path cannot hold: separators and NUL become their
 * look-alikes, and names that mean "here" or "up" get full-width dots. Never empty.
 */
export function toSegment(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
  const safe = name.replaceAll(/[/\\\0]/g, (char) => replacements[char] ?? char)
  if (safe === '') return '␀'
  if (safe === '.' || safe === '..') return safe.replaceAll('.', '．')
  return safe
}

/** A Content-Range of bytes; both ends count. */
export interface ContentRange {
  readonly start: number
  readonly end: number
  /** Bytes of the whole; null when the other side does not know (`*`). */
  readonly total: number | null
}

/** Null for everything that is not one valid range of bytes (RFC 9110, 14.4). */
export function parseContentRange(value: unknown): ContentRange | null {
  if (typeof value !== 'string') return null
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(value.trim())
  if (!match) return null
  const start = Number(match[1])
  const end = Number(match[2])
  const total = match[3] === '*' ? null : Number(match[3])
  return start > end || (total !== null && end >= total) ? null : { start, end, total }
}

/** The total of `bytes *\/N`, as a 416 carries it; null when it is something else. */
export function parseUnsatisfiedRange(value: unknown): number | null {
  const match = typeof value === 'string' ? /^bytes \*\/(\d{1,15})$/i.exec(value.trim()) : null
  return match ? Number(match[1]) : null
}

/** The facts of a stored file that tell one version of it from another. */
export interface VersionFacts {
  /** Bytes; null when unknown. */
  readonly size: number | null
  readonly modifiedAt: Date | null
  /** Lower-case hex. */
  readonly hashes: { readonly sha1?: string | undefined }
}

/** What a response says about the version it carries. */
export interface Validators {
  /** Quoted and strong; null when nothing is known to tell versions apart. */
  readonly etag: string | null
  readonly modifiedAt: Date | null
}

/**
 * The entity tag: the SHA-1 where the cloud knows it, else time and size. A size alone is no version, so
 * there is none without either.
 */
export function etagOf({ size, modifiedAt, hashes }: VersionFacts): string | null {
  if (hashes.sha1) return `"${hashes.sha1}"`
  if (modifiedAt === null || size === null) return null
  return `"${modifiedAt.getTime().toString(16)}-${size.toString(16)}"`
}

export function validatorsOf(facts: VersionFacts): Validators {
  return { etag: etagOf(facts), modifiedAt: facts.modifiedAt }
}

/** IMF-fixdate, the only form a server may send. */
export function httpDate(date: Date): string {
  return date.toUTCString()
}

const datePatterns = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  // Sunday, 06-Nov-94 08:49:37 GMT
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
]
// Sun Nov  6 08:49:37 1994
const asctime = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** Milliseconds since the epoch of one of the three forms a server must accept; null for anything else. */
export function parseHttpDate(text: string): number | null {
  // asctime names no zone and means UTC; Date.parse would take this machine's.
  const dated = asctime.test(text) ? `${text} GMT` : text
  if (dated === text && !datePatterns.some((pattern) => pattern.test(text))) return null
  const ms = Date.parse(dated)
  return Number.isNaN(ms) ? null : ms
}

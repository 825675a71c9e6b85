import type { IncomingHttpHeaders } from 'node:http'
import { parseHttpDate, type Validators } from './http-validators.ts'

/** What the preconditions of a request leave to be done. */
export type Verdict = 'proceed' | 'not-modified' | 'failed'

/**
 * Evaluates the preconditions of a GET or HEAD on something that exists, in the order of RFC 9110 section
 * 13.2.2. If-Range is the range's matter: see `rangeApplies`.
 */
export function evaluatePreconditions(headers: IncomingHttpHeaders, current: Validators): Verdict {
  return isRefused(headers, current) ? 'failed' : isKnown(headers, current) ? 'not-modified' : 'proceed'
}

/**
 * Whether a Range header still counts: true without If-Range and when it names this very version. Otherwise
 * the client must get the whole, or it would join parts of two versions.
 */
export function rangeApplies(headers: IncomingHttpHeaders, current: Validators): boolean {
  // Node gives this header as a text although its types leave room for more.
  const ifRange = headers['if-range'] as string | undefined
  if (ifRange === undefined) return true
  const dateMs = parseHttpDate(ifRange)
  if (dateMs !== null) return dateMs === wholeSeconds(current.modifiedAt)
  return ifRange === current.etag
}

/** If-Match, or If-Unmodified-Since where there is none. */
function isRefused(headers: IncomingHttpHeaders, { etag, modifiedAt }: Validators): boolean {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined) return !matches(ifMatch, etag, 'strong')
  const sinceMs = parseDate(headers['if-unmodified-since'])
  const modifiedMs = wholeSeconds(modifiedAt)
  return sinceMs !== null && modifiedMs !== null && modifiedMs > sinceMs
}

/** If-None-Match, or If-Modified-Since where there is none. */
function isKnown(headers: IncomingHttpHeaders, { etag, modifiedAt }: Validators): boolean {
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, etag, 'weak')
  const sinceMs = parseDate(headers['if-modified-since'])
  const modifiedMs = wholeSeconds(modifiedAt)
  return sinceMs !== null && modifiedMs !== null && modifiedMs <= sinceMs
}

function matches(header: string, etag: string | null, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true
  // Tags may hold commas, so a list is not split at them.
  for (const [tag] of header.matchAll(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g)) {
    if (tag === etag) return true
    if (comparison === 'weak' && tag.replace(/^W\//, '') === etag) return true
  }
  return false
}

function parseDate(header: string | undefined): number | null {
  return header === undefined ? null : parseHttpDate(header)
}

/** HTTP dates know no fractions, so both sides are compared without them. */
function wholeSeconds(date: Date | null): number | null {
  return date === null ? null : Math.floor(date.getTime() / 1000) * 1000
}

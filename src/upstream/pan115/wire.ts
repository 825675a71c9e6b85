/*
 * What 115 sends changes its types without notice: numbers arrive as texts, objects as `[]`, sizes as floats.
 * Nothing here trusts a type. Field names are the cloud's. Source: docs/protocols/pan115.md, "types".
 */
import { decodeCharrefs } from './crypto/charref.ts'
import { parsePickcode } from './crypto/pickcode.ts'

export type WireObject = Readonly<Record<string, unknown>>

/** Null for everything that is no object; PHP writes an empty object as `[]`. */
export function asObject(value: unknown): WireObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WireObject) : null
}

/** Empty for everything that is no array. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Texts and numbers as text; empty for everything else. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : ''
}

/** Numbers and texts that are one; null for everything else. */
export function asNumber(value: unknown): number | null {
  const text = asText(value).trim()
  const number = text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : null
}

/** A whole number of things or bytes; fractions are cut. Null for what is none, negative or too large. */
export function asCount(value: unknown): number | null {
  const number = asNumber(value)
  if (number === null || number < 0) return null
  const whole = Math.trunc(number)
  return Number.isSafeInteger(whole) ? whole : null
}

/** The digits of an id; empty when there are none. A float has lost digits and is no id. */
export function asId(value: unknown): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return ''
  const text = asText(value).trim()
  return /^\d+$/.test(text) ? text : ''
}

/** Epoch seconds; null for 0, which 115 uses for "never". */
export function asTime(value: unknown): Date | null {
  const seconds = asNumber(value)
  return seconds !== null && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000) : null
}

/** True, 1 and their texts. */
export function asFlag(value: unknown): boolean {
  return value === true || value === 'true' || asNumber(value) === 1
}

/** One row of a listing of `/files`, checked. */
export interface FileRow {
  readonly id: string
  readonly isDirectory: boolean
  /** As people see it; may hold anything but is never empty. */
  readonly name: string
  /** Bytes; null for directories and when it is not said. */
  readonly size: number | null
  /** Lower-case hex, or empty. */
  readonly sha1: string
  /** Empty when it is not said. */
  readonly pickCode: string
  readonly modifiedAt: Date | null
  readonly createdAt: Date | null
}

/** Null when the row has no id or no name: then it is no entry anybody could use. */
export function readFileRow(value: unknown): FileRow | null {
  const row = asObject(value)
  if (!row) return null
  const isDirectory = isDirectoryRow(row)
  const pickCode = asText(row.pc)
  // The pickcode holds the id too, for the day the id arrives in a form that lost its digits.
  const id = asId(isDirectory ? row.cid : row.fid) || (parsePickcode(pickCode)?.id ?? '')
  const name = decodeCharrefs(asText(row.n) || asText(row.ns))
  if (id === '' || name === '') return null
  const sha1 = asText(row.sha).toLowerCase()
  return {
    id,
    isDirectory,
    name,
    size: isDirectory ? null : asCount(row.s),
    sha1: /^[0-9a-f]{40}$/.test(sha1) ? sha1 : '',
    pickCode,
    modifiedAt: asTime(row.te) ?? readShownTime(row.t) ?? asTime(row.tu),
    createdAt: asTime(row.tp),
  }
}

/** `fc` says it where it is present. Otherwise only files have an id of their own beside `cid`, or a SHA-1. */
function isDirectoryRow(row: WireObject): boolean {
  const category = asNumber(row.fc)
  if (category === 0 || category === 1) return category === 0
  return asId(row.fid) === '' && asText(row.sha) === ''
}

/** The `t` of a row: epoch seconds for directories, `YYYY-MM-DD HH:mm` in China's time for files. */
export function readShownTime(value: unknown): Date | null {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?$/.exec(asText(value).trim())
  if (!match) return asTime(value)
  const date = new Date(`${match[1]}T${match[2]}${match[3] ?? ':00'}+08:00`)
  return Number.isNaN(date.getTime()) ? null : date
}

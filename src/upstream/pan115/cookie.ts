import { StorageError } from '../../core/errors.ts'

/** The cookies that make a login of 115. */
export interface Pan115Cookie {
  readonly uid: string
  readonly cid: string
  readonly seid: string
  /** Null in logins from before December 2024, which 115 may refuse by now. */
  readonly kid: string | null
  readonly userId: string
  /** The login slot (`ssoent`): a newer login of the same slot replaces this one. */
  readonly slot: string
  readonly loggedInAt: Date
}

const names = ['UID', 'CID', 'SEID', 'KID'] as const
type Name = (typeof names)[number]
type Found = Partial<Record<Name, string>>

// A name that does not continue another one, a separator, and a value that a header can carry.
const pair = /(?<![A-Za-z0-9_-])(UID|CID|SEID|KID)["']?\s*[=:]\s*["']?([!#-&(-+\--:<-~]+)/gi

/**
 * Reads a login in any form people paste: a header line, `k=v` pairs in any order with any separators, or
 * the JSON that browser extensions export (a list of `{name, value}`, or an object). Other cookies are ignored.
 * Throws InvalidInput that names what is missing and never quotes a value.
 */
export function parseCookie(text: string): Pan115Cookie {
  const found = findInJson(text) ?? findInText(text)
  const { UID: uid, CID: cid, SEID: seid, KID: kid } = found
  if (!uid || !cid || !seid) {
    const missing = names.filter((name) => name !== 'KID' && !found[name]).join(', ')
    throw new StorageError('InvalidInput', `Cookie lacks ${missing}: it must have UID, CID, SEID and KID`)
  }
  const [, userId, slot, seconds] = /^(\d+)_([A-Za-z]\d+)_(\d+)$/.exec(uid) ?? []
  if (!userId || !slot || !seconds) {
    throw new StorageError('InvalidInput', 'Cookie has a UID that is not user id, client and login time')
  }
  const loggedInAt = new Date(Number(seconds) * 1000)
  return { uid, cid, seid, kid: kid ?? null, userId, slot: slot.toUpperCase(), loggedInAt }
}

/** `UID=…; CID=…; SEID=…; KID=…`, the form that other programs for 115 read too. */
export function printCookie(cookie: Pan115Cookie): string {
  const kid = cookie.kid === null ? '' : `; KID=${cookie.kid}`
  return `UID=${cookie.uid}; CID=${cookie.cid}; SEID=${cookie.seid}${kid}`
}

function findInText(text: string): Found {
  const found: Found = {}
  for (const [, name, value] of text.matchAll(pair)) keep(found, name, value)
  return found
}

/** Null when `text` is not JSON. */
function findInJson(text: string): Found | null {
  if (!/^\s*[[{]/.test(text)) return null
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // A list cut in the middle still shows its pairs as text, or the error names what is missing.
    return null
  }
  const found: Found = {}
  collect(parsed, found)
  return found
}

/** Exports nest the list differently (`[…]`, `{cookies: […]}`), so every level is looked at. */
function collect(value: unknown, found: Found): void {
  if (typeof value !== 'object' || value === null) return
  if ('name' in value && 'value' in value) keep(found, value.name, value.value)
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string') keep(found, name, inner)
    else collect(inner, found)
  }
}

/** The first of several wins, as it does in a browser's header. */
function keep(found: Found, name: unknown, value: unknown): void {
  const known = names.find((each) => each === String(name).toUpperCase())
  if (known && typeof value === 'string' && value.trim() !== '') found[known] ??= value.trim()
}

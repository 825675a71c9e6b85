/**
 * Name and password of an `Authorization: Basic` field, in UTF-8 as our challenges ask for; null for anything
 * else. A name holds no colon, a password may (RFC 7617).
 */
export function parseBasic(authorization: string | undefined): { name: string; password: string } | null {
  const [, credentials] = /^\s*basic\s+([\w+/=-]+)\s*$/i.exec(authorization ?? '') ?? []
  if (credentials === undefined) return null
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** What to send with a 401 so that clients ask for a password. */
export const basicChallenge = 'Basic realm="panport", charset="UTF-8"'

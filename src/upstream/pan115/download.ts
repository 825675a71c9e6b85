import type { Ctx } from '../../core/ctx.ts'
import type { StorageError } from '../../core/errors.ts'
import { parseLossless } from '../../lib/lossless-json.ts'
import type { Reply } from '../../transport/transport.ts'
import type { Pan115Client } from './client.ts'
import { protocolError } from './codes.ts'
import type { Meaning } from './codes.ts'
import { asNumber, asObject, asText } from './wire.ts'
import type { WireObject } from './wire.ts'

export interface DownloadQuery {
  readonly pickCode: string
  /** Of whoever will read; most links serve no other. */
  readonly userAgent: string
  /** What it is for; completes "Cannot …". */
  readonly action: string
  /**
   * The client whose download interface is asked. `chrome`, the default, takes every login; the others refuse
   * web logins and also serve files of 115's "instant" area.
   */
  readonly app?: 'chrome' | 'android' | 'ios' | 'os_windows' | 'os_mac' | 'os_linux'
}

/** Where a file's bytes are and what must come with a request for them. */
export interface DownloadLink {
  readonly url: string
  /** Null when the link does not say. */
  readonly expiresAt: Date | null
  /** How many requests at once; 0 is no limit, null when the link does not say. */
  readonly maxConnections: number | null
  readonly demands: 'nothing' | 'user-agent' | 'user-agent-and-cookie'
  /** `k=v; k=v` of the cookies issued with the link, never those of the account; empty when there are none. */
  readonly cookie: string
}

/**
 * "Log in again" here is no proof that the login is dead: the download interface refuses logins that may list.
 * The advice keeps the transport from giving up on the cookie.
 */
const mayNotDownload: Meaning = {
  kind: 'AuthExpired',
  says: "115's download interface does not accept this login",
  advice: 'scan-with-app-client',
}

/** Null: 115 has no bytes to give, as for a directory or a file that is not available. */
export function downloadLink(
  client: Pan115Client,
  query: DownloadQuery,
  ctx: Ctx,
): Promise<DownloadLink | null> {
  const app = query.app ?? 'chrome'
  const isChrome = app === 'chrome'
  const question = isChrome ? { pickcode: query.pickCode } : { pick_code: query.pickCode }
  const { data, key } = client.m115.seal(Buffer.from(JSON.stringify(question)))
  return client.call(
    {
      name: 'download url',
      action: query.action,
      host: 'proapi.115.com',
      path: isChrome ? '/app/chrome/downurl' : `/${app}/2.0/ufile/download`,
      query: { t: client.epochSeconds },
      form: { data },
      bucket: 'link',
      repeatable: true,
      userAgent: query.userAgent,
      reading: { means: { '99': mayNotDownload } },
      read: (answer, reply) => {
        const opened = openData(client, query.action, { answer, key })
        return readLink(isChrome ? offerOf(opened, query.pickCode) : opened, reply)
      },
    },
    ctx,
  )
}

function openData(
  client: Pan115Client,
  action: string,
  sealed: { readonly answer: WireObject; readonly key: Buffer },
): WireObject {
  const data = sealed.answer.data
  if (typeof data !== 'string') throw protocolError(action, '115 sent no enciphered data')
  try {
    return asObject(parseLossless(client.m115.open(data, sealed.key).toString('utf8'))) ?? {}
  } catch (error) {
    throw undecipherable(action, error)
  }
}

/** Whatever OpenSSL or the JSON parser said: the key or the cipher is not the one we know. */
function undecipherable(action: string, error: unknown): StorageError {
  const what = error instanceof Error ? error.name : 'unknown error'
  return protocolError(action, `the enciphered data cannot be read (${what})`)
}

/** Keyed by file id, which the asker need not know. */
function offerOf(opened: WireObject, pickCode: string): WireObject {
  const offers = Object.values(opened)
    .map(asObject)
    .filter((each) => each !== null)
  return offers.find((each) => asText(each.pick_code) === pickCode) ?? offers[0] ?? {}
}

/** `url` is a text for apps, an object for the browser, and false for a directory. */
function readLink(offer: WireObject, reply: Reply): DownloadLink | null {
  const holder = asObject(offer.url)
  const url = asText(holder?.url ?? offer.url)
  // A file that is not available has a link without a host.
  const hasHost = /^https?:\/\/[^/?#]/i.test(url)
  if (!hasHost || (asNumber(offer.file_size) ?? 0) < 0) return null
  const cookies = [...readSetCookies(reply), ...readAuthCookie(holder?.auth_cookie)]
  return { url, ...readPolicy(url), cookie: joinCookies(cookies) }
}

/** The link's own query says its rules: `t` until when, `c` how many at once, `f` what must come along. */
export function readPolicy(url: string): Pick<DownloadLink, 'expiresAt' | 'maxConnections' | 'demands'> {
  const query = new URL(url).searchParams
  const until = asNumber(query.get('t'))
  const connections = asNumber(query.get('c'))
  return {
    expiresAt: until !== null && until > 0 ? new Date(until * 1000) : null,
    maxConnections: connections !== null && connections >= 0 ? Math.trunc(connections) : null,
    demands: demandsOf(query.get('f') ?? ''),
  }
}

function demandsOf(f: string): DownloadLink['demands'] {
  if (f === '') return 'nothing'
  // What a number means that nobody has seen is unknown; sending everything satisfies most rules.
  return f === '1' ? 'user-agent' : 'user-agent-and-cookie'
}

type CookiePair = readonly [name: string, value: string]

function readSetCookies(reply: Reply): CookiePair[] {
  const header = reply.headers['set-cookie'] ?? []
  const lines = typeof header === 'string' ? [header] : header
  return lines.flatMap((line) => splitPair(line.split(';', 1)[0] ?? ''))
}

/** Seen as `name=value`, as `{name, value}` and as a map. */
function readAuthCookie(value: unknown): CookiePair[] {
  if (typeof value === 'string') return value.split(';').flatMap(splitPair)
  const cookie = asObject(value)
  if (!cookie) return []
  if ('name' in cookie && 'value' in cookie) return [[asText(cookie.name), asText(cookie.value)]]
  return Object.entries(cookie).map(([name, inner]) => [name, asText(inner)])
}

function splitPair(text: string): CookiePair[] {
  const at = text.indexOf('=')
  return at > 0 ? [[text.slice(0, at).trim(), text.slice(at + 1).trim()]] : []
}

/** Links travel to readers and proxies; the account's own cookies must never be among what travels. */
function joinCookies(pairs: readonly CookiePair[]): string {
  const own = pairs.filter(([name]) => name !== '' && !/^(UID|CID|SEID|KID)$/i.test(name))
  return [...new Map(own)].map(([name, value]) => `${name}=${value}`).join('; ')
}

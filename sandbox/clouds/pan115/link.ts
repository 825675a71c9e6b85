import type { Answer } from '../../server/answer.ts'
import { printPhpJson } from '../../server/php-json.ts'
import type { Account, Session } from '../../state/accounts.ts'
import { numberOf, textOf } from '../../state/faults.ts'
import { sizeOf } from '../../state/listing.ts'
import type { Entry, File } from '../../state/tree.ts'
import { decryptBody, encryptBody, openToken } from './crypto/ec115.ts'
import { decodeRequest, encodeResponse } from './crypto/m115.ts'
import { decodePickcode } from './crypto/pickcode.ts'
import { isWebSlot } from './devices.ts'
import { Refusal } from './errors.ts'
import { CDN_HOST } from './hosts.ts'
import type { IssuedLink, LinkBinding, LinkPolicy } from './link-desk.ts'
import { json, raw } from './reply.ts'
import type { Call, Route } from './route.ts'
import { pickcodeOf } from './wire.ts'

const WEB_DOWNLOAD_BYTES = 200 * 1024 * 1024
const COOKIE_SECONDS = 978

/** The calls that turn a pickcode into an address of the CDN. */
export function linkRoutes(): readonly Route[] {
  const app = { family: 'app', class: 'link', dialect: 'app', params: ['data'] } as const
  return [
    { ...app, path: '/app/chrome/downurl', guarded: linkForChrome },
    { ...app, path: '/:app/2.0/ufile/download', guarded: linkForApp },
    { ...app, path: '/:app/2.0/ufile/downurl', params: ['k_ec'], guarded: linkForDesktop },
    {
      family: 'web',
      class: 'link',
      dialect: 'web',
      path: '/files/download',
      params: ['pickcode', 'dl', 'data'],
      guarded: linkForWeb,
    },
    {
      family: 'home',
      class: 'link',
      dialect: 'web',
      path: '/',
      select: { ct: 'download', ac: 'video' },
      params: ['pickcode'],
      guarded: redirectForWeb,
    },
  ]
}

/** Several pickcodes at once, keyed by file id; a directory has `url` false and no size. */
function linkForChrome(call: Call, { account }: Session): Answer {
  const { fields, reply } = openM115(call, call.exchange.params.get('data'))
  return reply(...describeLinks(call, account, fields))
}

/**
 * What the browser's call answers, sealed a second time: ec115 around the form and around the reply. Refusals are
 * plain. Evidence: read-from-client (p115client, whose usual call this is); that browser logins may is guessed, 2026-11.
 */
function linkForDesktop(call: Call, { account }: Session): Answer {
  const { exchange, cloud } = call
  const agreed = decode(() => openToken(cloud.ec115, exchange.params.get('k_ec') ?? ''))
  const form = new URLSearchParams(decode(() => decryptBody(agreed, exchange.body)))
  const { fields, seal } = openM115(call, form.get('data'))
  const [value, headers] = describeLinks(call, account, fields)
  const body = encryptBody(agreed, printPhpJson(seal(value)))
  return raw(200, { 'content-type': 'application/json; charset=utf-8', ...headers }, body)
}

function describeLinks(
  call: Call,
  account: Account,
  fields: M115Call['fields'],
): [value: object, headers: Record<string, string[]>] {
  const codes = textField(fields, 'pickcode')
    .split(',')
    .filter((code) => code !== '')
  if (codes.length === 0) throw new Refusal(50001)
  refuseByFault(call)
  const entries = codes.map((code) => findByPickcode(account, code)).filter((entry) => entry !== null)
  if (entries.length === 0) throw new Refusal(50003)
  const links = entries.map((entry) => ({ entry, link: issueFor(call, account, entry) }))
  const described = links.map(({ entry, link }) => [entry.id, describeForChrome(call, account, entry, link)])
  return [Object.fromEntries(described), setCookies(links.map(({ link }) => link))]
}

function describeForChrome(call: Call, account: Account, entry: Entry, link: IssuedLink | null): object {
  const url = link && {
    url: addressOf(call, link),
    client: 1,
    oss_id: `fhnfile/${link.key}`,
    ...(link.cookie && {
      auth_cookie: { ...link.cookie, path: `/${link.key}/`, expire: String(link.expiresAtS) },
    }),
  }
  return {
    file_name: entry.name,
    file_size: link ? String(sizeOf(entry)) : 0,
    pick_code: pickcodeOf(entry, account),
    sha1: entry.kind === 'file' ? entry.sha1 : '',
    url: url ?? false,
  }
}

/** Browser logins are turned away as if they had run out. Evidence: recorded in a thread of 115driver, 2025-03. */
function linkForApp(call: Call, session: Session): Answer {
  if (isWebSlot(session.slot)) throw new Refusal(99)
  const { fields, reply } = openM115(call, call.exchange.params.get('data'))
  const code = textField(fields, 'pick_code')
  if (code === '') throw new Refusal(50001)
  refuseByFault(call)
  const entry = findByPickcode(session.account, code)
  if (!entry) throw new Refusal(50003)
  const link = issueFor(call, session.account, entry)
  return reply({ url: link ? addressOf(call, link) : false }, setCookies([link]))
}

/**
 * Small files only; the link wants a cookie, unless it is a one-shot. Asked with a sealed body it answers sealed.
 * Evidence of the sealed form: read-from-client (a client that poses as the macOS app), 2026-10.
 */
function linkForWeb(call: Call, { account }: Session): Answer {
  const { params } = call.exchange
  const data = params.get('data')
  if (data === null) {
    const { value, cookies } = describeForWeb(call, account, params.get('pickcode') ?? '')
    return json(value, cookies)
  }
  const { fields, reply } = openM115(call, data)
  const { value, cookies } = describeForWeb(call, account, textField(fields, 'pickcode'))
  return reply(value, cookies)
}

function describeForWeb(
  call: Call,
  account: Account,
  code: string,
): { value: { readonly file_url: string }; cookies: Record<string, string[]> } {
  if (code === '') throw new Refusal(50001)
  refuseByFault(call)
  const entry = findByPickcode(account, code)
  if (!entry) throw new Refusal(50003)
  if (entry.kind === 'directory') throw new Refusal(70004)
  if (sizeOf(entry) > WEB_DOWNLOAD_BYTES) throw new Refusal(50028)
  const link = issueLink(call, account, entry, { binding: '3' })
  const oneShot = call.exchange.params.flag('dl')
    ? issueLink(call, account, entry, { binding: '', isOneShot: true })
    : null
  const value = {
    state: true,
    msg: '',
    msg_code: 0,
    is_snap: 0,
    file_id: entry.id,
    file_name: entry.name,
    file_size: String(sizeOf(entry)),
    pickcode: pickcodeOf(entry, account),
    is_115chrome: 0,
    file_url: addressOf(call, link),
    file_url_302: oneShot ? addressOf(call, oneShot) : '',
    user_id: account.userId,
  }
  return { value, cookies: setCookies([link]) }
}

/** The video page's way to a small file. Evidence: read-from-client (p115client); its refusals are guessed, 2026-11. */
function redirectForWeb(call: Call, { account }: Session): Answer {
  const { value, cookies } = describeForWeb(call, account, call.exchange.params.get('pickcode') ?? '')
  return raw(302, { location: value.file_url, ...cookies }, '')
}

interface M115Call {
  readonly fields: Readonly<Record<string, unknown>>
  /** A successful envelope around the sealed value. */
  readonly seal: (value: object) => object
  readonly reply: (value: object, headers: Record<string, string[]>) => Answer
}

/** Decodes the request, and seals the reply with the key that came in it. Throws Refusal when it does not decode. */
function openM115({ cloud }: Call, sealed: string | null): M115Call {
  const { plain, clientKey } = decode(() => decodeRequest(cloud.m115, sealed ?? ''))
  const fields: unknown = decode(() => JSON.parse(plain))
  if (typeof fields !== 'object' || fields === null) throw new Refusal(1001)
  const seal = (value: object) => {
    const data = encodeResponse(cloud.m115, clientKey, JSON.stringify(value))
    return { state: true, msg: '', errno: 0, data }
  }
  return {
    fields: fields as Record<string, unknown>,
    seal,
    reply: (value, headers) => json(seal(value), headers),
  }
}

function decode<T>(attempt: () => T): T {
  try {
    return attempt()
  } catch (cause) {
    throw new Refusal(1001, `参数错误 (${cause instanceof Error ? cause.message : String(cause)})`)
  }
}

function textField(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Any stable point will do: the service reads the id out of the code. Evidence: read-from-client (p115client). */
function findByPickcode(account: Account, code: string): Entry | null {
  const id = decodePickcode(code)
  return id === null || id === '0' ? null : account.tree.find(id)
}

function refuseByFault({ exchange, cloud }: Call): void {
  const fault = cloud.world.faults.take('link.refuse', exchange.facts())
  if (!fault) return
  const code = numberOf(fault, 'errno', 50003)
  const refusal = new Refusal(code)
  throw new Refusal(code, textOf(fault, 'error', refusal.message))
}

/** Null for directories, and while a fault takes the links away. */
function issueFor(call: Call, account: Account, entry: Entry): IssuedLink | null {
  if (entry.kind === 'directory') return null
  if (call.cloud.world.faults.take('link.none', call.exchange.facts())) return null
  return issueLink(call, account, entry, {})
}

function issueLink(call: Call, account: Account, file: File, wanted: Partial<LinkPolicy>): IssuedLink {
  const { exchange, cloud } = call
  return cloud.links.issue(file, account, {
    userAgent: exchange.userAgent,
    pickcode: pickcodeOf(file, account),
    nowMs: cloud.world.clock.now(),
    policy: policyOf(call, wanted),
  })
}

function policyOf({ exchange, cloud }: Call, wanted: Partial<LinkPolicy>): LinkPolicy {
  const fault = cloud.world.faults.peek('link.policy', exchange.facts())
  const usual: LinkPolicy = {
    lifeMs: cloud.limits.linkLifeMs,
    connections: cloud.limits.linkConnections,
    binding: '1',
    isOneShot: false,
    ...wanted,
  }
  if (!fault) return usual
  return {
    ...usual,
    lifeMs: numberOf(fault, 'lifeMs', usual.lifeMs),
    connections: numberOf(fault, 'c', usual.connections),
    binding: bindingOf(textOf(fault, 'f', usual.binding)),
  }
}

function bindingOf(f: string): LinkBinding {
  return f === '1' || f === '3' ? f : ''
}

function addressOf({ exchange }: Call, link: IssuedLink): string {
  return exchange.urlOf(CDN_HOST) + link.target
}

function setCookies(links: readonly (IssuedLink | null)[]): Record<string, string[]> {
  const cookies = links.flatMap((link) => (link?.cookie ? [setCookie(link, link.cookie)] : []))
  return cookies.length > 0 ? { 'set-cookie': cookies } : {}
}

function setCookie(link: IssuedLink, cookie: { name: string; value: string }): string {
  const expires = new Date(link.expiresAtS * 1000).toUTCString()
  return `${cookie.name}=${cookie.value}; expires=${expires}; Max-Age=${COOKIE_SECONDS}; path=/${link.key}/; domain=115.com`
}

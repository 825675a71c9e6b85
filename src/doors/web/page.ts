import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import { isAuthError } from '../../auth/auth-error.ts'
import type { User } from '../../auth/user.ts'
import { basicChallenge, parseBasic } from '../../lib/http-basic.ts'
import { type Language, preferredLanguage } from '../../lib/language.ts'
import type { Settings } from '../../settings/settings.ts'
import type { StorageRecord } from '../../vfs/storage-record.ts'
import type { Storages } from '../../vfs/storages.ts'
import type { Subject } from '../../vfs/subject.ts'
import { VPath } from '../../core/path.ts'
import { icon, style } from './style.ts'
import { texts } from './texts.ts'

/** What the app gives the page. */
export interface PageParts {
  readonly settings: Pick<Settings, 'get'>
  readonly storages: Pick<Storages, 'list' | 'status'>
  /** The account of everybody who does not log in. */
  readonly guest: () => Promise<User>
  /** Counts failures. Throws AuthError. */
  readonly byPassword: (given: { name: string; password: string; network: string }) => Promise<User>
  /** The client's address behind trusted proxies. */
  readonly clientIp: (request: IncomingMessage) => string
  readonly subjectOf: (user: User) => Subject
  /** Scheme, host and prefix by which this client reaches us, without a slash at the end. */
  readonly originOf: (request: IncomingMessage) => string
  readonly version: string
}

interface ShownMount {
  readonly path: string
  readonly state: 'works' | 'starting' | 'failed'
  /** Why it failed, for administrators; empty for others. */
  readonly reason: string
}

/**
 * One plain page at `/` that says what this is, where to connect and what to do next, and the icon it shows.
 * It has no session: what is mounted is told only as far as the guest account may see it.
 */
export function createPage(parts: PageParts): FastifyPluginCallback {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

  async function send(request: FastifyRequest, reply: FastifyReply, user: User): Promise<FastifyReply> {
    const language = preferredLanguage(request.headers['accept-language'])
    const html = render({
      language,
      title: parts.settings.get('site_title').trim() || 'panport',
      origin: parts.originOf(request.raw),
      version: parts.version,
      mounts: await mountsFor(parts, user),
    })
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-language': language,
        vary: 'Accept-Language, Authorization',
      })
      .send(html)
  }

  return (app, _options, done) => {
    app.get('/', async (request, reply) => send(request, reply, await parts.guest()))
    // The browser's own dialog asks for the password: there is no session and no form to guard yet.
    app.get('/mounts', async (request, reply) => {
      const user = await signIn(parts, request)
      if (user) return send(request, reply, user)
      return send(request, reply.code(401).header('www-authenticate', basicChallenge), await parts.guest())
    })
    app.get('/favicon.svg', async (_request, reply) =>
      reply
        .headers({
          'content-type': 'image/svg+xml',
          'x-content-type-options': 'nosniff',
          'cache-control': 'public, max-age=86400',
        })
        .send(icon),
    )
    done()
  }
}

/** Null: not signed in, or not with what opens this door. */
async function signIn(parts: PageParts, request: FastifyRequest): Promise<User | null> {
  const given = parseBasic(request.headers.authorization)
  if (!given) return null
  try {
    return await parts.byPassword({ ...given, network: parts.clientIp(request.raw) })
  } catch (error) {
    if (isAuthError(error)) return null
    throw error
  }
}

/** Null when the account is shut: while the guest's is, nobody without a login learns what there is. */
async function mountsFor(parts: PageParts, user: User): Promise<readonly ShownMount[] | null> {
  if (user.disabled) return null
  const subject = parts.subjectOf(user)
  const records = await parts.storages.list()
  return records.flatMap((record) => showMount(record, subject, parts.storages) ?? [])
}

/** Null when `subject` may not see it. */
function showMount(
  record: StorageRecord,
  subject: Subject,
  storages: PageParts['storages'],
): ShownMount | null {
  const status = storages.status(record)
  const { state } = status
  const fullPath = VPath.parse(record.mountPath)
  const path = subject.basePath.relative(fullPath)
  if (state === 'disabled' || !path || !subject.can('read', fullPath)) return null
  const reason = status.state === 'failed' && subject.isAdmin ? status.error.message : ''
  return { path: path.toString(), state: state === 'work' ? 'works' : state, reason }
}

interface PageFacts {
  readonly language: Language
  readonly title: string
  readonly origin: string
  readonly version: string
  readonly mounts: readonly ShownMount[] | null
}

function render(facts: PageFacts): string {
  const say = (key: keyof typeof texts) => escape(texts[key][facts.language])
  const address = (name: string, url: string, help: string) =>
    `<dt>${name}</dt><dd><code>${escape(url)}</code><small>${help}</small></dd>`
  const title = escape(facts.title)
  return `<!doctype html>
<html lang="${facts.language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="favicon.svg" type="image/svg+xml">
<style>${style}</style>
</head>
<body>
<main>
<header><img src="favicon.svg" alt=""><div><h1>${title}</h1><p>${say('tagline')}</p></div></header>
<section><h2>${say('addresses')}</h2><dl>
${address(say('dav'), `${facts.origin}/dav`, say('davHelp'))}
${address(say('api'), facts.origin, say('apiHelp'))}
</dl></section>
${renderMounts(facts.mounts, say)}<section><h2>${say('next')}</h2>
<ol><li>${say('stepPlay')}</li><li>${say('stepMount')}</li><li>${say('stepManage')}</li></ol></section>
<footer>panport · ${say('version')} ${escape(facts.version)}</footer>
</main>
</body>
</html>
`
}

function renderMounts(mounts: PageFacts['mounts'], say: (key: keyof typeof texts) => string): string {
  if (!mounts) {
    return `<section><h2>${say('mounts')}</h2><p><a href="mounts">${say('seeMounts')}</a></p></section>\n`
  }
  const rows = mounts.map(({ path, state, reason }) => {
    const why = reason === '' ? '' : `<small>${escape(reason)}</small>`
    return `<li><span>${escape(path)}${why}</span><span class="${state}">${say(state)}</span></li>`
  })
  const list = rows.length === 0 ? `<p>${say('noMounts')}</p>` : `<ul>${rows.join('')}</ul>`
  return `<section><h2>${say('mounts')}</h2>${list}</section>\n`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? mark)
}

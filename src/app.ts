// The composition root: the one place that knows every room and puts them together.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { pino } from 'pino'
import { Authenticator } from './auth/authenticator.ts'
import { LoginGate } from './auth/login-gate.ts'
import { loadPasswords } from './auth/passwords.ts'
import { Sessions } from './auth/sessions.ts'
import { Signer } from './auth/signer.ts'
import { subjectOf } from './auth/subjects.ts'
import { adminId, guestId, Users } from './auth/users.ts'
import { openClouds } from './clouds.ts'
import type { Config } from './config.ts'
import type { Logger } from './core/ctx.ts'
import { errorFields } from './core/error-fields.ts'
import { type Databases, openDatabases } from './db/databases.ts'
import { createApi } from './doors/api/api.ts'
import { createDav } from './doors/dav/dav.ts'
import { createDownloads } from './doors/download/downloads.ts'
import { createServeFile } from './doors/download/serve-file.ts'
import { createPage } from './doors/web/page.ts'
import { systemClock } from './lib/clock.ts'
import { below, parseTarget } from './lib/http-target.ts'
import { createFront, createOutside, type Door } from './server.ts'
import { Settings } from './settings/settings.ts'
import { createReader } from './vfs/reader.ts'
import { Storages } from './vfs/storages.ts'
import type { Subject } from './vfs/subject.ts'
import { View } from './vfs/view.ts'

/** The gateway's own version; AList's clients are told another one, which they know. */
export const version = '0.1.0'

const clock = systemClock

/** How long a start is not called ready while storages are still being tried. */
const startPatienceMs = 3000

export interface Gateway {
  readonly url: string
  readonly davUrl: string
  /** The administrator's password when this start made it up; null otherwise. */
  readonly firstPassword: string | null
  readonly storages: Storages
  /** Gives the administrator another random password and tells it, once. */
  renewPassword(): Promise<string>
  close(): Promise<void>
}

/** Starts everything; what was started before a failure is stopped again. Throws StorageError. */
export async function startGateway(config: Config): Promise<Gateway> {
  const log = pino(
    // Errors have no message in JSON, and all the properties that other people gave them.
    { level: config.logLevel, serializers: { error: errorFields } },
    pino.destination({ fd: 2, sync: true }),
  )
  const undo: (() => Promise<void>)[] = []
  const close = async () => {
    for (const each of undo.splice(0).reverse()) await each()
  }
  try {
    const { folder, secretKey } = config
    const databases = await openDatabases({ folder, secretKey, exclusive: true, log })
    undo.push(() => databases.close())
    const clouds = await openClouds(config.sandbox, log)
    undo.push(() => clouds.close())
    const { accounts, firstPassword } = await openAccounts(databases, config)
    const { entries } = databases
    const storages = new Storages({
      store: databases.storages,
      drivers: clouds.drivers,
      entries: (id) => entries.forStorage(id),
      clock,
      log,
    })
    undo.push(() => storages.dispose())
    const reader = createReader({ openUrl: clouds.openUrl, userAgent: clouds.userAgent })
    const viewFor = (subject: Subject) => new View({ subject, mounts: () => storages.mounts(), reader })
    const started = storages.start()
    // Looked at below; a failure before that must not end the process unasked.
    started.catch(() => undefined)
    const front = await openDoors({ accounts, storages, viewFor, qrLogin: clouds.qrLogin, log })
    const { port } = await front.listen(config.host, config.port)
    undo.push(() => front.close())
    await startedOrLate(started)
    const url = `http://${addressOf(config.host)}:${port}`
    return {
      url,
      davUrl: `${url}/dav`,
      firstPassword,
      storages,
      async renewPassword() {
        const password = randomBytes(12).toString('base64url')
        await accounts.users.setPassword(adminId, password)
        return password
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A cloud that hangs goes on being tried behind the gateway's back: the others, and whoever wants to stop, wait no more. */
async function startedOrLate(started: Promise<void>): Promise<void> {
  const inTime = new AbortController()
  try {
    await Promise.race([started, clock.sleep(startPatienceMs, inTime.signal)])
  } finally {
    inTime.abort()
  }
}

type Accounts = Awaited<ReturnType<typeof openAccounts>>['accounts']

async function openAccounts(databases: Databases, config: Config) {
  const settings = await Settings.load(databases.settings)
  const passwords = await loadPasswords()
  const users = new Users({ store: databases.users, passwords, clock })
  const { firstPassword } = await users.ensureBuiltIn(config.adminPassword?.reveal())
  const sessions = new Sessions({
    key: databases.deriveKey('sessions'),
    users,
    settings,
    tokens: databases.tokens,
    clock,
  })
  const authenticator = new Authenticator({ users, passwords, sessions, gate: new LoginGate() })
  const accounts = { settings, users, sessions, authenticator, signer: new Signer(settings) }
  return { accounts, firstPassword }
}

interface DoorParts {
  readonly accounts: Accounts
  readonly storages: Storages
  readonly viewFor: (subject: Subject) => View
  readonly qrLogin: Parameters<typeof createApi>[0]['qrLogin']
  readonly log: Logger
}

async function openDoors({ accounts, storages, viewFor, qrLogin, log }: DoorParts) {
  const { settings, users, sessions, authenticator, signer } = accounts
  const outside = createOutside(() => settings.get('trusted_proxies'))
  const clientIp = (req: IncomingMessage) => outside(req).clientIp
  const siteUrl = () => settings.get('site_url').replace(/\/+$/, '')
  // What the owner says about the site counts where no proxy says anything of this request.
  const sitePrefix = (req: IncomingMessage) => {
    const { prefix } = outside(req)
    return prefix === '' && siteUrl() !== '' ? new URL(siteUrl()).pathname.replace(/\/+$/, '') : prefix
  }
  const originOf = (req: IncomingMessage) => {
    const { origin, prefix } = outside(req)
    return siteUrl() === '' ? `${origin}${prefix}` : siteUrl()
  }
  const serveFile = createServeFile({ signer, clock })
  const downloads = createDownloads({
    mounts: () => storages.mounts(),
    viewFor,
    signer: { verify: (path, sign) => signer.verify(path, sign, clock.now()) },
    settings,
    serveFile,
    clientIp,
    sitePrefix,
    log,
  })
  const dav = createDav({ viewFor, authenticator, serveFile, clientIp, sitePrefix, log })
  const front = createFront([davDoor(dav, sitePrefix), downloads])
  front.server.on('doorError', (error: unknown) => log.error({ error }, 'a door failed'))
  const api = await createApi({
    authenticator,
    sessions,
    users,
    subjectOf,
    signer,
    settings,
    storages,
    viewOf: viewFor,
    qrLogin,
    clock,
    log,
    clientIp,
    originOf,
    version,
    serverFactory: front.serverFactory,
  })
  await api.register(
    createPage({
      settings,
      storages,
      guest: () => users.get(guestId),
      byPassword: (given) => authenticator.byPassword(given),
      subjectOf,
      originOf,
      clientIp,
      version,
    }),
  )
  await api.ready()
  return front
}

/** WebDAV sees its own requests only, with or without the prefix of a proxy in front. */
function davDoor(dav: ReturnType<typeof createDav>, sitePrefix: (req: IncomingMessage) => string): Door {
  return async (req, res) => {
    const { path } = parseTarget(req.url ?? '')
    if (below('/dav', below(sitePrefix(req), path) ?? path) === null) return false
    await dav(req, res)
    return true
  }
}

/** An address to show: a host that means "all addresses" is none to connect to. */
function addressOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

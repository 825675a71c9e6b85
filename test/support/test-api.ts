import type { FastifyInstance } from 'fastify'
import { Authenticator } from '../../src/auth/authenticator.ts'
import { LoginGate } from '../../src/auth/login-gate.ts'
import { Passwords } from '../../src/auth/passwords.ts'
import { Sessions } from '../../src/auth/sessions.ts'
import { Signer } from '../../src/auth/signer.ts'
import { subjectOf } from '../../src/auth/subjects.ts'
import { Users } from '../../src/auth/users.ts'
import { type Logger, silentLogger } from '../../src/core/ctx.ts'
import type { EntryStore } from '../../src/core/entry-store.ts'
import { StorageError } from '../../src/core/errors.ts'
import type { QrLogin } from '../../src/core/qr-login.ts'
import { Secret } from '../../src/core/secret.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import { Settings } from '../../src/settings/settings.ts'
import type { StorageStore } from '../../src/vfs/storage-record.ts'
import { available, Storages } from '../../src/vfs/storages.ts'
import { View } from '../../src/vfs/view.ts'
import { createApi } from '../../src/doors/api/api.ts'
import { fakeScheme, fakeTokenStore, fakeUserStore } from './fake-stores.ts'
import { cloudDriver, localDriver, TestCloud } from './test-cloud.ts'

/** The sign vectors of the reference are made with this one. */
export const staticToken = 'alist-11111111-2222-3333-4444-555555555555DEMOTOKEN'
export const adminPassword = 'Passw0rd!'

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly code: number
  readonly message: string
  // Tests look into answers without declaring each shape again.
  readonly data: never
}

interface Asked {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestApi {
  readonly app: FastifyInstance
  readonly cloud: TestCloud
  readonly clock: ManualClock
  readonly users: Users
  readonly settings: Settings
  readonly storages: Storages
  readonly qrLogin: ScriptedQrLogin
  readonly logged: unknown[]
  /** By default in English and with the admin's static token. */
  get(url: string, asked?: Asked): Promise<Reply>
  /** A body that is not text is sent as JSON. */
  post(url: string, body?: unknown, asked?: Asked): Promise<Reply>
  /** Creates a storage of the tests' cloud at `mountPath`; gives its id. */
  mount(mountPath: string, more?: Readonly<Record<string, unknown>>): Promise<number>
}

/** The whole door over real users, sessions, settings and storages; only stores and clouds are made up. */
export async function startTestApi(stores: {
  readonly store: StorageStore
  readonly entries: () => EntryStore
}): Promise<TestApi> {
  const cloud = new TestCloud()
  const clock = new ManualClock()
  const logged: unknown[] = []
  const log: Logger = { ...silentLogger, error: (fields) => void logged.push(fields) }
  const settings = await Settings.load({ load: async () => new Map(), save: async () => {} })
  await settings.save({ token: staticToken })
  const { users, authenticator, sessions } = await makeAuth(settings, clock)
  const storages = new Storages({
    store: stores.store,
    drivers: [available(cloudDriver(cloud), lendNothing), available(localDriver(cloud), lendNothing)],
    entries: stores.entries,
    clock,
    log,
  })
  const qrLogin = new ScriptedQrLogin()
  const app = await createApi({
    authenticator,
    sessions,
    users,
    subjectOf,
    signer: new Signer(settings),
    settings,
    storages,
    viewOf: (subject) => new View({ subject, mounts: () => storages.mounts(), reader: { open: cannotOpen } }),
    qrLogin,
    clock,
    log,
    clientIp: (request) => String(request.headers['x-test-ip'] ?? '192.0.2.1'),
    originOf: (request) => `https://pan.example${String(request.headers['x-test-prefix'] ?? '')}`,
    version: '0.1.0',
  })

  const ask = async (method: 'GET' | 'POST', url: string, body: unknown, asked: Asked): Promise<Reply> => {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const response = await app.inject({
      method,
      url,
      headers: { authorization: asked.token ?? staticToken, 'accept-language': 'en', ...asked.headers },
      ...(payload !== undefined && { payload }),
    })
    const isJson = String(response.headers['content-type']).startsWith('application/json')
    const envelope = isJson ? response.json() : {}
    return { ...envelope, status: response.statusCode, headers: response.headers, text: response.body }
  }
  const post: TestApi['post'] = (url, body, asked = {}) => ask('POST', url, body, asked)
  return {
    app,
    cloud,
    clock,
    users,
    settings,
    storages,
    qrLogin,
    logged,
    get: (url, asked = {}) => ask('GET', url, undefined, asked),
    post,
    async mount(mountPath, more = {}) {
      const addition = JSON.stringify({ cookie: 'UID=1; CID=2; SEID=3' })
      const reply = await post('/api/admin/storage/create', {
        mount_path: mountPath,
        driver: '115 Cloud',
        addition,
        ...more,
      })
      if (reply.code !== 200) throw new Error(`cannot mount: ${reply.message}`)
      return (reply.data as { id: number }).id
    },
  }
}

const lendNothing = () => ({ extra: {}, release() {} })

async function cannotOpen(): Promise<never> {
  throw new Error('this door reads no bytes')
}

/** Real accounts over a map, with a hash that costs nothing. */
async function makeAuth(settings: Settings, clock: ManualClock) {
  const passwords = new Passwords([fakeScheme()])
  const users = new Users({ store: fakeUserStore(), passwords, clock })
  await users.ensureBuiltIn(adminPassword)
  const tokens = fakeTokenStore()
  const sessions = new Sessions({ key: new Uint8Array(32).fill(7), users, settings, tokens, clock })
  return {
    users,
    sessions,
    authenticator: new Authenticator({ users, passwords, sessions, gate: new LoginGate() }),
  }
}

/** A cloud's login whose phone is the test. */
export class ScriptedQrLogin implements QrLogin {
  readonly apps = [
    {
      name: 'alipaymini',
      slot: 'R2',
      label: { zh: '支付宝小程序', en: 'Alipay mini program' },
      standing: 'advised',
    },
    { name: 'web', slot: 'A1', label: { zh: '网页端', en: 'Web' }, standing: 'discouraged' },
  ] as const
  /** What each question about a ticket is answered with; the last one again and again. */
  states: Awaited<ReturnType<QrLogin['poll']>>[] = ['waiting']
  /** Held until the question is given up, when true. */
  holds = false
  exchangeFailure: StorageError | null = null
  exchanges = 0
  readonly asked: Parameters<QrLogin['raw']>[0][] = []
  rawAnswer = { status: 200, contentType: 'application/json', body: Buffer.from('{"state":1}') }
  #tickets = 0

  async start(app: string) {
    this.#tickets += 1
    const uid = `uid${this.#tickets}${app}`
    return { uid, time: '1700000000', sign: 'abcdef', text: `https://115.com/scan/dg-${uid}` }
  }

  async poll(_ticket: unknown, { signal }: { readonly signal: AbortSignal }) {
    if (this.holds) {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    }
    const [state = 'waiting'] = this.states
    if (this.states.length > 1) this.states.shift()
    return state
  }

  async exchange(uid: string) {
    this.exchanges += 1
    if (this.exchangeFailure) throw this.exchangeFailure
    return { cookie: new Secret(`UID=9; CID=secret-of-${uid}; SEID=3; KID=4`), userId: '9', userName: '张三' }
  }

  async raw(question: Parameters<QrLogin['raw']>[0]) {
    this.asked.push(question)
    return this.rawAnswer
  }
}

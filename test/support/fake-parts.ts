import { PassThrough } from 'node:stream'
import { Users } from '../../src/auth/users.ts'
import type { DriverDefinition } from '../../src/core/driver-definition.ts'
import { StorageError } from '../../src/core/errors.ts'
import type { QrApp, QrLogin, QrState } from '../../src/core/qr-login.ts'
import { Secret } from '../../src/core/secret.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import type { StorageInput, StorageRecord } from '../../src/vfs/storage-record.ts'
import { runCli } from '../../src/doors/cli/cli.ts'
import type { Administration, CliParts, StopSignal } from '../../src/doors/cli/parts.ts'
import { fakeUserStore } from './fake-stores.ts'

/** What a run of the command line did, as somebody outside sees it. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Parts whose every effect is written down; a part that a test does not give fails when it is used. */
export class FakeProcess {
  readonly clock = new ManualClock()
  readonly stdin = new PassThrough() as PassThrough & { isTTY?: boolean }
  readonly parts: CliParts
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #handlers = new Set<(signal: StopSignal) => void>()

  constructor(given: Partial<CliParts> = {}) {
    const unused = (name: string) => () => Promise.reject(new Error(`${name} was not expected`))
    this.parts = {
      version: '9.8.7',
      env: {},
      stdout: collector(this.#stdout),
      stderr: collector(this.#stderr),
      stdin: this.stdin,
      isTty: false,
      columns: 100,
      locale: 'en',
      clock: this.clock,
      onSignal: (handler) => {
        this.#handlers.add(handler)
        return () => this.#handlers.delete(handler)
      },
      startGateway: unused('startGateway'),
      startDemo: unused('startDemo'),
      startSandbox: unused('startSandbox'),
      qrLogin: unused('qrLogin'),
      openAdministration: unused('openAdministration'),
      openFile: unused('openFile'),
      writeFile: unused('writeFile'),
      tempFile: unused('tempFile'),
      ...given,
    }
  }

  async run(...argv: string[]): Promise<Outcome> {
    const exitCode = await runCli(argv, this.parts)
    return { exitCode, stdout: this.stdout, stderr: this.stderr }
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString()
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString()
  }

  /** How many are listening for signals: 0 once a command has ended. */
  get listeners(): number {
    return this.#handlers.size
  }

  signal(name: StopSignal = 'SIGTERM'): void {
    for (const handler of this.#handlers) handler(name)
  }
}

function collector(chunks: Buffer[]): PassThrough {
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return stream
}

export const fakeApps: readonly QrApp[] = [
  { name: 'web', slot: 'A1', label: { zh: '网页端', en: 'Web page' }, standing: 'discouraged' },
  {
    name: 'alipaymini',
    slot: 'R2',
    label: { zh: '支付宝小程序', en: 'Alipay mini program' },
    standing: 'advised',
  },
  {
    name: 'windows',
    slot: 'P1',
    label: { zh: 'Windows 客户端', en: 'Windows client' },
    standing: 'withdrawn',
  },
]

/** A phone that goes through `states`; each question is held for half a minute of the clock, as 115 holds it. */
export function scriptedLogin(
  clock: ManualClock,
  states: readonly (QrState | Error)[],
  exchange: QrLogin['exchange'] = () =>
    Promise.resolve({
      cookie: new Secret('UID=1_R2_1; CID=c; SEID=s; KID=k'),
      userId: '1',
      userName: '小明',
    }),
): QrLogin {
  const left = [...states]
  return {
    apps: fakeApps,
    start: () => Promise.resolve({ uid: 'u1', time: '1', sign: 's', text: 'https://115.com/scan/dg-u1' }),
    poll: async () => {
      await clock.advance(30_000)
      const next = left.shift()
      if (next === undefined) throw new Error('asked again after the login was decided')
      if (next instanceof Error) throw next
      return next
    },
    exchange,
    raw: () => Promise.reject(new Error('raw was not expected')),
  }
}

const fakeDriver: DriverDefinition = {
  name: 'Fake Cloud',
  options: [
    { name: 'cookie', type: 'text', default: '', secret: true, help: { zh: '饼干', en: 'cookie' } },
    {
      name: 'page_size',
      type: 'number',
      default: 100,
      min: 1,
      max: 1150,
      integer: true,
      help: { zh: '页', en: 'page' },
    },
    { name: 'root', type: 'string', default: '0', required: true, help: { zh: '根', en: 'root' } },
  ],
  rootOption: 'root',
  mustProxy: false,
  create: () => {
    throw new Error('the command line makes no driver')
  },
}

/** Databases in memory with the real rules about users. */
export class FakeAdministration implements Administration {
  readonly drivers = [fakeDriver]
  readonly records: StorageRecord[] = []
  firstPassword: string | null = null
  /** What the driver says of the options; null: nothing. */
  refusal: Error | null = null
  readonly users: Users
  isClosed = false

  constructor() {
    const passwords = {
      hash: (text: string) => Promise.resolve(`hashed:${text}`),
      verify: () => Promise.resolve(false),
    }
    // Only `hash` is used here; a real one would cost 20 ms a call.
    this.users = new Users({
      store: fakeUserStore(),
      passwords: passwords as never,
      clock: new ManualClock(),
    })
  }

  async checkOptions(): Promise<void> {
    if (this.refusal) throw this.refusal
  }

  readonly storages: Administration['storages'] = {
    list: () => Promise.resolve(this.records),
    get: (id) => Promise.resolve(this.records.find((record) => record.id === id) ?? null),
    create: (input) => Promise.resolve(this.#add(input)),
    delete: (id) => {
      this.records.splice(
        this.records.findIndex((record) => record.id === id),
        1,
      )
      return Promise.resolve()
    },
    setDisabled: (id, disabled) => {
      for (const [at, record] of this.records.entries()) {
        if (record.id === id) this.records[at] = { ...record, disabled }
      }
      return Promise.resolve()
    },
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }

  #add(input: StorageInput): StorageRecord {
    if (this.records.some(({ mountPath }) => mountPath === input.mountPath)) {
      throw new StorageError('AlreadyExists', `Cannot save storage: mount path "${input.mountPath}" is taken`)
    }
    const record = { ...input, id: this.records.length + 1, modifiedAt: new Date(0) }
    this.records.push(record)
    return record
  }
}

// A gateway as users run it: the built program in a process of its own, reached over HTTP alone. Nothing of
// src is imported here, so these tests cannot share our misunderstandings.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '../..')
export const program = join(projectFolder, 'dist/panport.js')
const password = 'Test-Passw0rd'

export interface Envelope<T = unknown> {
  readonly code: number
  readonly message: string
  readonly data: T
}

export interface TestGateway {
  /** `http://127.0.0.1:PORT` of the running process. */
  readonly url: string
  readonly davUrl: string
  readonly folder: string
  readonly user: string
  readonly password: string
  /** The process; another one after each `start`. */
  readonly process: ChildProcess
  /** Everything it has written to stdout and stderr. */
  readonly output: () => string
  /** Ends the process: SIGTERM unless another signal is given; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same data folder. */
  start(): Promise<void>
  /** Signed in as the administrator. POST with a body, GET without. */
  api<T = unknown>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Envelope<T>>
  close(): Promise<void>
}

/** Starts a gateway on a fresh data folder, its clouds in the sandbox at `sandboxUrl`. */
export async function startTestGateway(given: {
  readonly sandboxUrl: string
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'panport-test-'))
  let child: ChildProcess
  let url = ''
  let token = ''
  let text = ''

  async function start(): Promise<void> {
    const args = ['serve', '--listen', '127.0.0.1:0', '--data', folder, '--sandbox', given.sandboxUrl]
    child = spawn(process.execPath, [...(given.nodeArgs ?? []), program, ...args], {
      env: { ...process.env, ...given.env, PANPORT_ADMIN_PASSWORD: password, LANG: 'en_US.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stderr?.on('data', (chunk) => {
      text += String(chunk)
    })
    url = await new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
      lines.on('line', (line) => {
        text += `${line}\n`
        const ready = /^ready (http\S+)/.exec(line)
        if (ready?.[1]) resolve(ready[1].replace(/\/$/, ''))
      })
      child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}:\n${text}`)))
    })
    token = ''
  }

  async function call<T>(
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Envelope<T>> {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Envelope<T>
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  await start()
  return {
    get url() {
      return url
    },
    get davUrl() {
      return `${url}/dav`
    },
    folder,
    user: 'admin',
    password,
    get process() {
      return child
    },
    output: () => text,
    stop,
    start,
    async api<T>(path: string, body?: unknown, headers: Record<string, string> = {}) {
      if (token === '') {
        const login = await call<{ token: string }>('/api/auth/login', { username: 'admin', password })
        if (login.code !== 200) throw new Error(`login failed: ${login.message}`)
        token = login.data.token
      }
      return call<T>(path, body, { authorization: token, ...headers })
    },
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Mounts a 115 drive; fields of `given` win over the defaults. Gives the whole envelope. */
export function mount115(
  gateway: TestGateway,
  cookie: string,
  given: { mountPath?: string; addition?: Record<string, unknown> } & Record<string, unknown> = {},
): Promise<Envelope<{ id: number; checks?: unknown; notices?: unknown }>> {
  const { mountPath = '/115', addition = {}, ...fields } = given
  return gateway.api('/api/admin/storage/create', {
    mount_path: mountPath,
    driver: '115 Cloud',
    cache_expiration: 30,
    webdav_policy: '302_redirect',
    addition: JSON.stringify({ cookie, root_folder_id: '0', limit_rate: 100, ...addition }),
    ...fields,
  })
}

/** Basic credentials of the administrator. */
export function basic(gateway: Pick<TestGateway, 'user' | 'password'>): string {
  return `Basic ${Buffer.from(`${gateway.user}:${gateway.password}`).toString('base64')}`
}

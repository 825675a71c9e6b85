// The demo as a newcomer starts it, driven from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type Envelope, program } from './gateway.ts'
import { SandboxControl, type TrueEntry } from './sandbox.ts'

export interface TestDemo {
  readonly url: string
  readonly davUrl: string
  readonly user: string
  readonly password: string
  /** The demo's account in its sandbox. */
  readonly account: string
  readonly control: SandboxControl
  readonly process: ChildProcess
  readonly output: () => string
  api<T = unknown>(path: string, body?: unknown): Promise<Envelope<T>>
  /** Address of a file by way of a door, with its signature. */
  signedUrl(door: 'd' | 'p', folder: string, name: string): Promise<string>
  /** Paths of everything the sandbox's account holds, relative, folders without a slash. */
  truth(): Promise<string[]>
  /** Asks it to stop, and gives its exit code. */
  close(): Promise<number | null>
}

export async function startTestDemo(
  command: readonly string[] = [process.execPath, program],
): Promise<TestDemo> {
  const [file = process.execPath, ...before] = command
  const args = [...before, 'demo', '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0']
  const child = spawn(file, args, {
    env: { ...process.env, LANG: 'en_US.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += String(chunk)
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      text += `${line}\n`
      const ready = /^ready (http\S+)/.exec(line)
      if (ready?.[1]) resolve(ready[1].replace(/\/$/, ''))
    })
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${text}`)))
  })
  const fact = (name: string) => new RegExp(`^\\s*${name}\\s+(\\S+)`, 'm').exec(text)?.[1] ?? ''
  const password = fact('Password')
  const control = new SandboxControl(fact('Sandbox'))
  const account = (await control.accounts())[0]?.account ?? ''
  let token = ''

  async function call<T>(path: string, body: unknown, authorization: string): Promise<Envelope<T>> {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Envelope<T>
  }

  async function api<T>(path: string, body?: unknown): Promise<Envelope<T>> {
    if (token === '') {
      const login = await call<{ token: string }>('/api/auth/login', { username: 'admin', password }, '')
      if (login.code !== 200) throw new Error(`login failed: ${login.message}`)
      token = login.data.token
    }
    return call<T>(path, body, token)
  }

  return {
    url,
    davUrl: fact('WebDAV').replace(/\/$/, ''),
    user: fact('User'),
    password,
    account,
    control,
    process: child,
    output: () => text,
    api,
    async signedUrl(door, folder, name) {
      const { data } = await api<{ content: { name: string; sign: string }[] }>('/api/fs/list', {
        path: folder,
      })
      const sign = data.content.find((entry) => entry.name === name)?.sign
      if (sign === undefined) throw new Error(`no "${name}" in ${folder}`)
      const path = `${folder}/${name}`.split('/').map(encodeURIComponent).join('/')
      return `${url}/${door}${path}?sign=${encodeURIComponent(sign)}`
    },
    async truth() {
      const root = await control.tree(account, '/', 40)
      const paths: string[] = []
      const walk = (nodes: readonly TrueEntry[], before: string) => {
        for (const node of nodes) {
          paths.push(`${before}${node.name}`)
          walk(node.children ?? [], `${before}${node.name}/`)
        }
      }
      walk(root.children ?? [], '')
      return paths
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        await gone
      }
      return child.exitCode
    },
  }
}

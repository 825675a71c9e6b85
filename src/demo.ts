// The main job with nothing but this machine: a sandbox with a seeded account, and a gateway with it mounted.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { startGateway, type Gateway } from './app.ts'
import { readConfig } from './config.ts'
import { StorageError } from './core/errors.ts'
import { newStorage } from './vfs/storage-record.ts'

export interface DemoOptions {
  readonly listen: string
  readonly sandboxListen: string
  /** Null: a temporary folder, removed at the end. */
  readonly data: string | null
}

export interface Demo {
  readonly url: string
  readonly davUrl: string
  readonly sandboxUrl: string
  readonly user: string
  readonly password: string
  readonly mounts: readonly { readonly path: string; readonly driver: string }[]
  close(): Promise<void>
}

/** Quicker than the real thing should be, and below what the sandbox's firewall takes for an attack. */
const demoRate = 5

/** Resolves when everything answers. What was started before a failure is stopped again. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const undo: (() => Promise<void>)[] = []
  const close = async () => {
    for (const each of undo.splice(0).reverse()) await each()
  }
  try {
    const folder = options.data ?? (await mkdtemp(join(tmpdir(), 'panport-demo-')))
    if (options.data === null) undo.push(() => rm(folder, { recursive: true, force: true }))
    const sandbox = await startSandbox({ listen: options.sandboxListen, scenario: 'demo', loose: true })
    undo.push(() => sandbox.close())
    const gateway = await startGateway(
      readConfig({ listen: options.listen, data: folder, sandbox: sandbox.url, logLevel: 'warn' }),
    )
    undo.push(() => gateway.close())
    const password = gateway.firstPassword ?? (await gateway.renewPassword())
    await mountAll(gateway, sandbox.url, folder)
    const mounts = (await gateway.storages.list()).map((each) => ({
      path: each.mountPath,
      driver: each.driver,
    }))
    const { url, davUrl } = gateway
    return { url, davUrl, sandboxUrl: sandbox.url, user: 'admin', password, mounts, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A kept data folder has its storages already. */
async function mountAll(gateway: Gateway, sandboxUrl: string, folder: string): Promise<void> {
  const known = new Set((await gateway.storages.list()).map(({ mountPath }) => mountPath))
  const local = join(folder, 'local')
  await writeLocalFiles(local)
  const wanted = [
    newStorage({
      mountPath: '/115',
      driver: '115 Cloud',
      options: { cookie: await demoCookie(sandboxUrl), limit_rate: demoRate },
    }),
    newStorage({
      mountPath: '/本地',
      driver: 'Local',
      order: 1,
      options: { root_folder_path: local },
      davMode: 'proxy',
    }),
  ]
  for (const each of wanted) {
    if (known.has(each.mountPath)) continue
    const { initError } = await gateway.storages.create(each)
    if (initError) throw initError
  }
}

async function writeLocalFiles(folder: string): Promise<void> {
  await mkdir(join(folder, '文档'), { recursive: true })
  await writeFile(join(folder, '你好.txt'), '这是本机的一个文件夹。\nThis is a folder of this machine.\n')
  await writeFile(join(folder, '文档', '空.txt'), '')
}

/**
 * The login that the demo's account has already. A new login ends the older one of its kind, so this is none of
 * those that people are told to try.
 */
async function demoCookie(sandboxUrl: string): Promise<string> {
  const response = await fetch(`${sandboxUrl}/__sandbox/accounts`)
  const { accounts } = (await response.json()) as { accounts: { cookies: Record<string, string> }[] }
  const cookie = accounts[0]?.cookies['tv']
  if (cookie !== undefined) return cookie
  throw new StorageError('Internal', 'Cannot mount "/115": the sandbox has no demo account')
}

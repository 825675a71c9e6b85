// What a PROPFIND of depth 1 on a long remembered folder costs: time to the first byte and to the last, growth
// of memory, and how long others wait for the event loop meanwhile. The door, the vfs and its cache are the real
// ones, the memory is this process's own; curl is the client, so that its work is not counted here.
//
//   npx esbuild bench/propfind.ts --bundle --platform=node --format=esm --packages=external \
//     --outfile=dist/bench/propfind.mjs && node --expose-gc dist/bench/propfind.mjs 10000 100000
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import type { User } from '../src/auth/user.ts'
import { makeCtx, silentLogger } from '../src/core/ctx.ts'
import { VPath } from '../src/core/path.ts'
import { createDav } from '../src/doors/dav/dav.ts'
import { MemoryDriver } from '../src/drivers/memory/driver.ts'
import { createMemoryEntryStore } from '../src/layers/memory-entry-store.ts'
import { systemClock } from '../src/lib/clock.ts'
import { Mounts } from '../src/vfs/mounts.ts'
import { buildStack } from '../src/vfs/stack.ts'
import { Storage } from '../src/vfs/storage.ts'
import type { StorageRecord } from '../src/vfs/storage-record.ts'
import { View } from '../src/vfs/view.ts'

const rounds = 7
const mountPath = '/drive'

const record: StorageRecord = {
  id: 1,
  mountPath,
  order: 0,
  driver: 'Memory',
  options: {},
  remark: '',
  disabled: false,
  listingTtlMinutes: 30,
  webMode: 'redirect',
  davMode: 'redirect',
  proxyUrl: '',
  signProxyUrl: true,
  requiresSign: false,
  orderBy: '',
  orderDirection: '',
  directoriesPlace: '',
  modifiedAt: new Date(),
  extra: {},
}

const user: User = {
  id: 1,
  name: 'admin',
  role: 'admin',
  basePath: VPath.root,
  permission: 0xffff,
  disabled: false,
  passwordChangedAt: new Date(),
  allowsLdap: false,
  ssoId: '',
}

/** A storage with one folder of `count` files whose names are half Chinese, as on real drives. */
async function createStorage(count: number): Promise<Storage> {
  const driver = new MemoryDriver()
  const folder = driver.makeDirectory(await driver.root(makeCtx()), 'folder')
  for (let i = 0; i < count; i++)
    driver.put(folder, `电视剧 第${i}集 & 花絮 S01E${i}.1080p.mkv`, Buffer.alloc(0))
  const store = createMemoryEntryStore()
  const listingTtlMs = 30 * 60_000
  const layered = buildStack(driver, { storage: mountPath, store, clock: systemClock, listingTtlMs })
  return new Storage({ record, mountPath: VPath.parse(mountPath), driver: layered, store, mustProxy: true })
}

async function listen(storage: Storage): Promise<{ url: string; close: () => void }> {
  const unused = async () => {
    throw new Error('Nothing is read here')
  }
  const mounts = () => new Mounts([storage])
  const dav = createDav({
    viewFor: (subject) => new View({ subject, mounts, reader: { open: unused } }),
    authenticator: { byPassword: async () => user, byStaticToken: async () => user },
    serveFile: unused,
    clientIp: () => null,
    sitePrefix: () => '',
    log: silentLogger,
  })
  const server = createServer((req, res) => {
    dav(req, res).catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/dav${mountPath}/folder/`, close: () => server.close() }
}

/** Milliseconds to the first and to the last byte, and the bytes. */
async function ask(url: string): Promise<{ firstMs: number; totalMs: number; bytes: number }> {
  const format = '%{time_starttransfer} %{time_total} %{size_download}'
  const args = ['-s', '-o', '/dev/null', '-w', format, '-X', 'PROPFIND', '-H', 'Depth: 1', '-u', 'a:b', url]
  const { stdout } = await promisify(execFile)('curl', args)
  const [first = 0, total = 0, bytes = 0] = stdout.split(' ').map(Number)
  return { firstMs: first * 1000, totalMs: total * 1000, bytes }
}

function median(values: number[]): number {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

async function measure(count: number): Promise<void> {
  const { url, close } = await listen(await createStorage(count))
  // The first one fills the cache and warms the compiler up.
  const { bytes } = await ask(url)
  await ask(url)
  globalThis.gc?.()
  const rssBefore = process.memoryUsage().rss
  let rssPeak = rssBefore
  const sampling = setInterval(() => {
    rssPeak = Math.max(rssPeak, process.memoryUsage().rss)
  }, 5)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpuBefore = process.cpuUsage()
  const answers = []
  for (let round = 0; round < rounds; round++) answers.push(await ask(url))
  const cpu = process.cpuUsage(cpuBefore)
  delay.disable()
  clearInterval(sampling)
  close()
  const show = (value: number) => value.toFixed(1)
  console.log(
    `${count} entries, ${show(bytes / 1e6)} MB: first byte ${show(median(answers.map((a) => a.firstMs)))} ms, ` +
      `total ${show(median(answers.map((a) => a.totalMs)))} ms, ` +
      `CPU ${show((cpu.user + cpu.system) / 1000 / rounds)} ms, ` +
      `RSS +${show((rssPeak - rssBefore) / 2 ** 20)} MiB, ` +
      `loop delay p99 ${show(delay.percentile(99) / 1e6)} ms, max ${show(delay.max / 1e6)} ms`,
  )
}

const counts = process.argv.slice(2).map(Number)
for (const count of counts.length > 0 ? counts : [10_000]) await measure(count)

// What a byte costs that passes through the gateway: CPU seconds per GiB and growth of memory of the gateway's
// own process, beside nginx with `proxy_pass` to the same link. The source is the sandbox's CDN, curl the client.
// Both are asked in turn, round by round; the first round only warms up. Build the program first.
//
//   npx esbuild bench/proxy.ts --bundle --platform=node --format=esm --packages=external \
//     --outfile=dist/bench/proxy.mjs && node dist/bench/proxy.mjs 512
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { mount115, startTestGateway } from '../test/support/gateway.ts'
import { startTestSandbox } from '../test/support/sandbox.ts'

const rounds = 5
const userAgent = 'panport-bench'
const mebibytes = Number(process.argv[2] ?? 512)
/** Of /proc, on every Linux that people run. */
const ticksPerSecond = 100

interface Server {
  readonly name: string
  readonly url: string
  readonly pid: number
}

interface Run {
  readonly cpuSecondsPerGib: number
  readonly mibPerSecond: number
}

function cpuSeconds(pid: number): number {
  // The name, second of the fields, may hold spaces; it ends at the last parenthesis.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
}

async function run({ url, pid }: Server): Promise<Run> {
  const before = cpuSeconds(pid)
  const format = '%{http_code} %{size_download} %{time_total}'
  const args = ['-s', '-o', '/dev/null', '-w', format, '-A', userAgent, url]
  const { stdout } = await promisify(execFile)('curl', args)
  const [status, bytes = 0, seconds = 1] = stdout.split(' ').map(Number)
  if (status !== 200 || bytes !== mebibytes * 2 ** 20) throw new Error(`curl got ${stdout} from ${url}`)
  const gib = bytes / 2 ** 30
  return { cpuSecondsPerGib: (cpuSeconds(pid) - before) / gib, mibPerSecond: bytes / 2 ** 20 / seconds }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function startNginx(link: string): Promise<{ server: Server; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'panport-bench-'))
  const port = await freePort()
  const conf = `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log stderr;
    events { worker_connections 64; }
    http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder};
      fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:${port}; location / {
        proxy_pass ${link}; proxy_set_header User-Agent ${userAgent}; proxy_max_temp_file_size 0;
      } } }`
  await writeFile(join(folder, 'nginx.conf'), conf)
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] })
  await sleep(500)
  return {
    server: { name: 'nginx', url: `http://127.0.0.1:${port}/`, pid: child.pid ?? 0 },
    async close() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function median(values: number[]): number {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

const cloud = await startTestSandbox()
const gateway = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
const { account, cookies } = await cloud.control.createAccount({ devices: ['alipaymini'] })
await cloud.control.seed(account, [{ name: 'film.mkv', size: mebibytes * 2 ** 20 }])
const common = { cookie: cookies['alipaymini'] ?? '' }
await mount115(gateway, common.cookie, { mountPath: '/redirect' })
await mount115(gateway, common.cookie, { mountPath: '/proxied', web_proxy: true })
await gateway.api('/api/admin/setting/save', [{ key: 'sign_all', value: 'false' }])

const redirected = await fetch(`${gateway.url}/d/redirect/film.mkv`, {
  redirect: 'manual',
  headers: { 'user-agent': userAgent },
})
const link = redirected.headers.get('location')
if (!link) throw new Error(`No link to give to nginx: ${redirected.status}`)
const nginx = await startNginx(link)

const pid = gateway.process.pid ?? 0
const servers: Server[] = [{ name: 'panport', url: `${gateway.url}/d/proxied/film.mkv`, pid }, nginx.server]
const runs = new Map<string, Run[]>(servers.map(({ name }) => [name, []]))
let rssBefore = 0
try {
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers) {
      const result = await run(server)
      if (round > 0) runs.get(server.name)?.push(result)
    }
    if (round === 0) rssBefore = memoryMib(pid, 'VmRSS')
  }
  for (const [name, results] of runs) {
    const cpu = median(results.map((each) => each.cpuSecondsPerGib))
    const speed = median(results.map((each) => each.mibPerSecond))
    console.log(`${name}: ${cpu.toFixed(2)} CPU-s/GiB, ${speed.toFixed(0)} MiB/s`)
  }
  const [ours = [], theirs = []] = [...runs.values()]
  const ratios = ours.map((each, i) => each.cpuSecondsPerGib / (theirs[i]?.cpuSecondsPerGib ?? Number.NaN))
  console.log(`panport / nginx: ${median(ratios).toFixed(2)}`)
  console.log(`panport: RSS +${(memoryMib(pid, 'VmHWM') - rssBefore).toFixed(1)} MiB after the first round`)
} finally {
  await nginx.close()
  await gateway.close()
  await cloud.close()
}

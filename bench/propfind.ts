// What a PROPFIND of depth 1 on a long remembered folder costs the running program: time to the first byte and to
// the last, growth of its memory, and how long others wait meanwhile. The gateway is the built one in a process of
// its own with its database; curl is the client, so that its work is not counted here. Ends with 1 when the first
// byte takes 20 ms or memory grows by 16 MiB.
//
//   npm run build && npx esbuild bench/propfind.ts --bundle --platform=node --format=esm --packages=external \
//     --outfile=dist/bench/propfind.mjs && node dist/bench/propfind.mjs 10000 100000
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { mount115, startTestGateway, type TestGateway } from '../test/support/gateway.ts'
import { startTestSandbox } from '../test/support/sandbox.ts'

const rounds = 9
const most = { firstMs: 20, growthMiB: 16 }

interface Answer {
  readonly firstMs: number
  readonly totalMs: number
  readonly bytes: number
}

async function ask(gateway: TestGateway, name: string): Promise<Answer> {
  const format = '%{time_starttransfer} %{time_total} %{size_download}'
  const login = `${gateway.user}:${gateway.password}`
  const url = `${gateway.davUrl}/115/${name}/`
  const args = ['-sf', '-o', '/dev/null', '-w', format, '-X', 'PROPFIND', '-H', 'Depth: 1', '-u', login, url]
  const { stdout } = await promisify(execFile)('curl', args)
  const [first = 0, total = 0, bytes = 0] = stdout.split(' ').map(Number)
  return { firstMs: first * 1000, totalMs: total * 1000, bytes }
}

/** `VmRSS` now or `VmHWM`, the most it ever was, in MiB. */
async function memory(gateway: TestGateway, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${gateway.process.pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
}

/** The longest of many small requests made while `work` runs: what everybody else notices. */
async function longestWait(gateway: TestGateway, work: () => Promise<void>): Promise<number> {
  const over = new AbortController()
  let longestMs = 0
  const others = (async () => {
    while (!over.signal.aborted) {
      const begin = performance.now()
      await (await fetch(`${gateway.url}/ping`)).text()
      longestMs = Math.max(longestMs, performance.now() - begin)
    }
  })()
  await work()
  over.abort()
  await others
  return longestMs
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

async function measure(count: number): Promise<boolean> {
  const cloud = await startTestSandbox()
  const { account, cookies } = await cloud.control.createAccount({ devices: ['tv'] })
  const name = `n${count}`
  const [folder] = (await cloud.control.seed(account, [{ name, children: [] }])).ids
  await cloud.control.seed(account, { flat: count }, folder)
  const gateway = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
  await mount115(gateway, cookies['tv'] ?? '')
  // Fills the memory of the tree and warms the compiler up.
  for (let round = 0; round < 5; round += 1) await ask(gateway, name)
  const before = await memory(gateway, 'VmRSS')
  let peak = before
  const answers: Answer[] = []
  for (let round = 0; round < rounds; round += 1) {
    answers.push(await ask(gateway, name))
    peak = Math.max(peak, await memory(gateway, 'VmRSS'))
  }
  const waitMs = await longestWait(gateway, async () => {
    for (let round = 0; round < 3; round += 1) await ask(gateway, name)
  })
  await gateway.close()
  await cloud.close()
  const firstMs = median(answers.map((answer) => answer.firstMs))
  const growthMiB = peak - before
  const show = (value: number) => value.toFixed(1)
  console.log(
    `${count} entries, ${show((answers[0]?.bytes ?? 0) / 1e6)} MB: first byte ${show(firstMs)} ms, ` +
      `total ${show(median(answers.map((answer) => answer.totalMs)))} ms, RSS +${show(growthMiB)} MiB, ` +
      `others waited ${show(waitMs)} ms at most`,
  )
  return firstMs < most.firstMs && growthMiB < most.growthMiB
}

const counts = process.argv.slice(2).map(Number)
let isGood = true
for (const count of counts.length > 0 ? counts : [10_000]) isGood = (await measure(count)) && isGood
process.exitCode = isGood ? 0 : 1

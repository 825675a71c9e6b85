import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireClient } from '../support/clients.ts'
import { type SeedEntry, startTestSandbox, type TestSandbox } from '../support/sandbox.ts'
import { prepareEnvironment } from './p115client/environment.ts'

interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

const FOLDER = join(import.meta.dirname, 'p115client')

// The program lists 16 entries a page: none, one, and each side of every border up to three pages.
const COUNTS = [0, 1, 15, 16, 17, 32, 33, 48]
const DIRECTORIES = ['/mixed', ...COUNTS.map((count) => `/counts/${count}`)]
const LISTINGS = ['web', 'android', 'aps', 'android-old']
const FILES = ['/files/a film & more.mkv', '/files/一部电影.mp4', '/files/two bytes.txt']
const BIG_FILE = '/big.bin'
const LINKS = ['os_windows', 'chrome', 'android', 'web', 'web2', 'plain', 'range', 'other-agent']

const CHECKS = [
  'keys',
  'login/cookie',
  'login/wrong-cookie',
  'login/qr',
  'login/qr-cancelled',
  'login/own-phone',
  ...DIRECTORIES.flatMap((path) => [...LISTINGS.map((listing) => `list-${listing}${path}`), `info${path}`]),
  'list/missing-directory',
  ...FILES.flatMap((path) => [
    `info${path}`,
    `search${path}`,
    ...LINKS.map((link) => `download-${link}${path}`),
  ]),
  'info/missing',
  'download/several',
  'download/directory',
  'download/too-big',
  'download/browser-login',
  'download/unknown-pickcode',
]

const prepared = await prepareEnvironment(FOLDER).then(
  (python) => ({ python, failure: null }),
  (failure: unknown) => ({ python: '', failure }),
)

function isPrepared(): boolean {
  if (prepared.failure !== null) throw prepared.failure
  return true
}

describe.skipIf(!requireClient('p115client', isPrepared))('p115client takes the sandbox for 115', () => {
  let started: TestSandbox
  let checks: Check[]

  beforeAll(async () => {
    started = await startTestSandbox({ tls: true })
    checks = await runChecks(started)
  }, 120_000)

  afterAll(() => started.close())

  it.each(CHECKS)('%s', (name) => {
    expect(checks.find(({ check }) => check === name)).toMatchObject({ check: name, ok: true })
  })

  it('makes no other check, and none that fails', () => {
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(checks.map(({ check }) => check).toSorted()).toEqual(CHECKS.toSorted())
  })
})

/** Seeds an account and runs the program on it. */
async function runChecks({ sandbox, control }: TestSandbox): Promise<Check[]> {
  const { account, cookies } = await control.createAccount({ devices: ['web'] })
  await control.seed(account, makeTree())
  const login = ['--sandbox', sandbox.url, '--account', account, '--cookie', cookies['web'] ?? '']
  const directories = DIRECTORIES.flatMap((path) => ['--directory', path])
  const files = [...FILES.flatMap((path) => ['--file', path]), '--big', BIG_FILE]
  const args = ['-B', join(FOLDER, 'checks.py'), ...login, ...directories, ...files]
  const env = { ...process.env, SSL_CERT_FILE: sandbox.caFile ?? '', PYTHONIOENCODING: 'utf-8' }
  return new Promise((resolve, reject) => {
    execFile(prepared.python, args, { env, timeout: 100_000 }, (error, stdout, stderr) => {
      // Exit code 1 with checks is a failed one, which its line tells better.
      if (error && (error.code !== 1 || stdout === '')) {
        reject(new Error(`Cannot run checks: ${stderr || error.message}`))
        return
      }
      const lines = stdout.trim().split('\n')
      resolve(lines.map((line): Check => JSON.parse(line)))
    })
  })
}

function makeTree(): SeedEntry[] {
  const files = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `file ${i}.bin`, size: i, seed: `file ${i}` }))
  return [
    { name: 'counts', children: COUNTS.map((count) => ({ name: String(count), children: files(count) })) },
    {
      name: 'mixed',
      children: [
        { name: 'twice.txt', size: 3, seed: 'one' },
        { name: 'twice.txt', size: 4, seed: 'two' },
        { name: '文件夹 😀', children: files(2) },
        { name: `it's & "50%" + #1?.txt`, size: 0, seed: 'none' },
        { name: '空', children: [] },
      ],
    },
    {
      name: 'files',
      children: [
        { name: 'a film & more.mkv', size: 5_000_001, seed: 'film' },
        { name: '一部电影.mp4', size: 300_000, seed: '电影' },
        { name: 'two bytes.txt', size: 2, seed: 'two bytes' },
      ],
    },
    // Nobody reads it; its hash is known to the sandbox.
    { name: 'big.bin', size: 268_435_456, seed: 'large' },
  ]
}

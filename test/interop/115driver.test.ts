import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SeedEntry, startTestSandbox, type TestSandbox } from '../support/sandbox.ts'
import { buildProgram, canBuild, type GoProgram } from './go-program.ts'

interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

const FOLDER = join(import.meta.dirname, '115driver')

// The program lists 32 entries a page: none, one, and each side of every border up to three pages.
const COUNTS = [0, 1, 31, 32, 33, 64, 65, 96]
const DIRECTORIES = ['/mixed', ...COUNTS.map((count) => `/counts/${count}`)]
const FILES = ['/files/a film & more.mkv', '/files/一部电影.mp4', '/files/two bytes.txt']

const CHECKS = [
  'keys',
  'login/cookie',
  'login/wrong-cookie',
  'login/qr',
  'login/qr-cancelled',
  'info/space',
  'info/upload',
  'info/versions',
  ...DIRECTORIES.flatMap((path) => [`list${path}`, `info${path}`]),
  'list-two-hosts/counts/96',
  'list/missing-directory',
  'info/missing-file',
  'info/missing-path',
  ...FILES.flatMap((path) => [
    `info${path}`,
    `download${path}`,
    `download-app${path}`,
    `download-range${path}`,
    `download-other-agent${path}`,
  ]),
  'download/unknown-pickcode',
]

describe.skipIf(!canBuild(FOLDER))('115driver', () => {
  let program: GoProgram

  beforeAll(async () => {
    program = await buildProgram(FOLDER)
  }, 300_000)

  afterAll(() => program.remove())

  describe.each([
    { way: 'through a rewriting transport', tls: false },
    { way: "with real host names, trusting the sandbox's CA", tls: true },
  ])('takes the sandbox for 115, $way', ({ tls }) => {
    let started: TestSandbox
    let checks: Check[]

    beforeAll(async () => {
      started = await startTestSandbox({ tls })
      checks = await runChecks(program, started)
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
})

/** Seeds an account and runs the program on it. */
async function runChecks(program: GoProgram, { sandbox, control }: TestSandbox): Promise<Check[]> {
  const { account, cookies } = await control.createAccount({ devices: ['web'] })
  await control.seed(account, makeTree())
  const args = ['-sandbox', sandbox.url, '-account', account, '-cookie', cookies['web'] ?? '']
  const paths = ['-directories', DIRECTORIES.join(), '-files', FILES.join()]
  const tls = sandbox.caFile === null ? [] : ['-tls']
  const env = { ...process.env, ...(sandbox.caFile !== null && { SSL_CERT_FILE: sandbox.caFile }) }
  return new Promise((resolve, reject) => {
    execFile(
      program.path,
      [...args, ...paths, ...tls],
      { env, timeout: 100_000 },
      (error, stdout, stderr) => {
        // Exit code 1 is a failed check, which its line tells better.
        if (error && error.code !== 1) reject(new Error(`Cannot run checks: ${stderr || error.message}`))
        else
          resolve(
            stdout
              .trim()
              .split('\n')
              .map((line): Check => JSON.parse(line)),
          )
      },
    )
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
  ]
}

import { describe, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import type { StorageRecord } from '../../vfs/storage-record.ts'
import { FakeAdministration, FakeProcess, type Outcome } from '../../../test/support/fake-parts.ts'
import type { CliParts } from './parts.ts'

const cookie = 'UID=1_R2_1; CID=verysecret; SEID=s'

interface Session {
  readonly opened: FakeAdministration
  run(argv: readonly string[], given?: Partial<CliParts>, input?: string): Promise<Outcome>
}

function session(): Session {
  const opened = new FakeAdministration()
  return {
    opened,
    async run(argv, given = {}, input = '') {
      const fake = new FakeProcess({ openAdministration: () => Promise.resolve(opened), ...given })
      fake.stdin.end(input)
      const outcome = await fake.run('storage', ...argv)
      if (outcome.exitCode !== 2) expect(opened.isClosed).toBe(true)
      return outcome
    },
  }
}

const addArgv = [
  'add',
  '--driver',
  'Fake Cloud',
  '--mount',
  '115/',
  '--secret',
  'cookie',
  '-o',
  'page_size=50',
]
const restart = 'A gateway that is running notices this when it is restarted\n'

describe('panport storage', () => {
  test('add takes the secret from standard input and everything else from options and defaults', async () => {
    const it = session()
    const outcome = await it.run(addArgv, {}, `${cookie}\n`)
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `Storage "/115" was added with id 1\n${restart}`,
    })
    expect(it.opened.records).toMatchObject([
      {
        mountPath: '/115',
        driver: 'Fake Cloud',
        options: { cookie, page_size: 50, root: '0' },
        webMode: 'redirect',
        davMode: 'redirect',
        listingTtlMinutes: 30,
        disabled: false,
      },
    ])
  })

  test('add saves nothing when the driver refuses the options', async () => {
    const it = session()
    it.opened.refusal = new StorageError('InvalidInput', 'Cookie has no "UID"')
    const { exitCode, stderr } = await it.run(addArgv, {}, '{"cookie":1')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Cookie has no "UID"')
    expect(it.opened.records).toEqual([])
  })

  test('add asks for the secret on a terminal', async () => {
    const it = session()
    const fake = new FakeProcess({ openAdministration: () => Promise.resolve(it.opened), isTty: true })
    fake.stdin.isTTY = true
    const ended = fake.run('storage', ...addArgv)
    while (!fake.stderr.includes('cookie: ')) await new Promise((resolve) => setImmediate(resolve))
    fake.stdin.write(`${cookie}\r`)
    expect((await ended).exitCode).toBe(0)
    expect(it.opened.records[0]?.options['cookie']).toBe(cookie)
    expect(fake.stdout + fake.stderr).not.toContain('verysecret')
  })

  test.each([
    [
      ['-o', 'cookie=x'],
      'option "cookie" is a secret and would be seen in the process list: use --secret cookie',
    ],
    [['--secret', 'root'], 'option "root" is not a secret: use --option root=value'],
    [['-o', 'colour=red'], 'driver "Fake Cloud" has no option "colour": it has cookie, page_size, root'],
    [['-o', 'root'], 'option "root" is not of the form name=value'],
    [['-o', '=1'], 'option "=1" is not of the form name=value'],
    [['--secret', 'cookie'], 'there is nothing on standard input to read "cookie" from'],
    [['--secret', 'cookie', '--secret', 'cookie'], 'only one secret can be read from standard input'],
    [['--driver', 'Nowhere'], 'unknown driver "Nowhere": there are "Fake Cloud"'],
  ])('add %j is a usage error and saves nothing', async (argv, words) => {
    const it = session()
    const outcome = await it.run(['add', '--driver', 'Fake Cloud', '--mount', '/a', ...argv])
    expect(outcome).toEqual({ exitCode: 2, stdout: '', stderr: `panport: ${words}; see "panport --help"\n` })
    expect(it.opened.records).toEqual([])
  })

  test.each([
    [['-o', 'page_size=5000'], 'Option "page_size" is "5000" and must be a whole number from 1 to 1150'],
    [['-o', 'root='], 'Option "root" must not be empty'],
    [['--mount', '/a/../b'], 'Invalid path segment ".."'],
  ])('add %j is refused before anything is saved', async (argv, words) => {
    const it = session()
    const outcome = await it.run(['add', '--driver', 'Fake Cloud', '--mount', '/a', ...argv])
    expect(outcome.exitCode).toBe(1)
    expect(outcome.stderr).toMatch(/^panport: Cannot add storage ".*": /)
    expect(outcome.stderr).toContain(words)
    expect(it.opened.records).toEqual([])
  })

  test('add says when the mount path is taken', async () => {
    const it = session()
    await it.run(addArgv, {}, cookie)
    const outcome = await it.run(addArgv, { locale: 'zh' }, cookie)
    expect(outcome.stderr).toBe(
      'panport: 无法添加存储「115/」：已经存在（Cannot save storage: mount path "/115" is taken）\n',
    )
    expect(it.opened.records).toHaveLength(1)
  })

  test('list shows a table or JSON, and no way to look shows a secret', async () => {
    const it = session()
    await it.run(addArgv, {}, cookie)
    await it.run(['disable', '1'])
    const outcomes = [
      await it.run(['list']),
      await it.run(['list', '--json']),
      await it.run(['show', '1']),
      await it.run(['show', '/115', '--json']),
      await it.run([...addArgv.slice(0, 4), '/b', ...addArgv.slice(5), '--json'], {}, cookie),
    ]
    expect(outcomes[0]?.stdout).toBe('id  mount  driver      state\n1   /115   Fake Cloud  disabled\n')
    expect(outcomes[2]?.stdout).toContain('  cookie             ***\n')
    expect(JSON.parse(outcomes[3]?.stdout ?? '')).toMatchObject({
      id: 1,
      mountPath: '/115',
      disabled: true,
      options: { cookie: '***', page_size: 50, root: '0' },
    })
    for (const { exitCode, stdout, stderr } of outcomes) {
      expect(exitCode).toBe(0)
      expect(stdout + stderr).not.toContain('verysecret')
    }
  })

  test('show hides options the driver does not declare, and shows that a secret is not set', async () => {
    const it = session()
    await it.run(['add', '--driver', 'Fake Cloud', '--mount', '/a'])
    const [record] = it.opened.records as [StorageRecord]
    it.opened.records[0] = { ...record, options: { cookie: '', old_token: 'verysecret' } }
    const { options } = JSON.parse((await it.run(['show', '1', '--json'])).stdout)
    expect(options).toEqual({ cookie: '', old_token: '***' })
  })

  test('enable, disable and remove find a storage by id or mount path', async () => {
    const it = session()
    await it.run(addArgv, {}, cookie)
    expect((await it.run(['disable', '/115'])).stderr).toBe(`Storage "/115" is disabled\n${restart}`)
    expect((await it.run(['disable', '1'])).stderr).toBe(
      'panport: Cannot change storage "1": it is disabled already\n',
    )
    expect((await it.run(['enable', '1'])).stderr).toBe(`Storage "/115" is enabled\n${restart}`)
    expect(it.opened.records[0]?.disabled).toBe(false)
    expect((await it.run(['remove', '115'])).stderr).toBe(`Storage "/115" was removed\n${restart}`)
    expect(it.opened.records).toEqual([])
  })

  test.each(['show', 'remove', 'enable', 'disable'])(
    '%s of an unknown storage fails with 1',
    async (verb) => {
      const outcome = await session().run([verb, '7'])
      expect(outcome.exitCode).toBe(1)
      expect(outcome.stderr).toContain('no storage has that id or mount path')
    },
  )
})

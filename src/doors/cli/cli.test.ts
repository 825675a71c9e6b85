import { describe, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import { displayWidth } from './display-width.ts'
import { FakeProcess, type Outcome } from '../../../test/support/fake-parts.ts'
import { en } from './messages/en.ts'
import { zh } from './messages/zh.ts'
import type { CliParts } from './parts.ts'

function run(argv: readonly string[], given: Partial<CliParts> = {}): Promise<Outcome> {
  return new FakeProcess(given).run(...argv)
}

const commands = ['demo', 'serve', 'login', 'sandbox', 'user', 'storage']
const leaves = ['list', 'add', 'remove', 'enable', 'disable']

describe('runCli() usage', () => {
  test.each([
    [['frob'], 'unknown command "frob"', '没有命令「frob」'],
    [['serv'], 'unknown command "serv"; did you mean serve?', '没有命令「serv」；是不是想用 serve？'],
    [
      ['serve', '--lsten', '1'],
      'unknown option "--lsten"; did you mean --listen?',
      '没有选项「--lsten」；是不是想用 --listen？',
    ],
    [['serve', '--listen'], 'option "--listen <address>" needs a value', '选项「--listen <address>」缺少值'],
    [['login', 'web', 'tv'], 'too many arguments', '参数太多'],
    [['user', 'remove'], 'argument "name" is missing', '缺少参数「name」'],
    [
      ['storage', 'add', '--mount', '/a'],
      'option "--driver <name>" is required',
      '必须给出选项「--driver <name>」',
    ],
    [
      ['serve', '--listen', 'here'],
      'cannot listen on "here": an address is HOST:PORT with a port from 0 to 65535',
      '无法监听「here」：地址的写法是 主机:端口，端口从 0 到 65535',
    ],
    [
      ['sandbox', '--listen', '127.0.0.1:65536'],
      'cannot listen on "127.0.0.1:65536": an address is HOST:PORT with a port from 0 to 65535',
      '无法监听「127.0.0.1:65536」：地址的写法是 主机:端口，端口从 0 到 65535',
    ],
    [
      ['login', '--sandbox', 'ftp://x'],
      '"ftp://x" is not an address such as http://127.0.0.1:5150',
      '「ftp://x」不是 http://127.0.0.1:5150 这样的地址',
    ],
    [
      ['serve', '--log-level', 'loud'],
      'log level "loud" is not one of silent, error, warn, info, debug',
      '没有日志级别「loud」，可用：silent, error, warn, info, debug',
    ],
  ])('%j ends with 2 and one line in either language', async (argv, english, chinese) => {
    expect(await run(argv)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panport: ${english}; see "panport --help"\n`,
    })
    expect(await run(argv, { locale: 'zh' })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panport: ${chinese}；用法见「panport --help」\n`,
    })
  })

  test('without a command is help on stderr and 2', async () => {
    for (const argv of [[], ['user'], ['storage']]) {
      const outcome = await run(argv)
      expect(outcome).toMatchObject({ exitCode: 2, stdout: '' })
      expect(outcome.stderr).toContain('Usage: panport')
    }
  })
})

describe('runCli() help', () => {
  test.each(['-v', '--version'])('%s prints the version and nothing else', async (flag) => {
    expect(await run([flag])).toEqual({ exitCode: 0, stdout: '9.8.7\n', stderr: '' })
  })

  test('lists every command on stdout', async () => {
    const outcome = await run(['--help'])
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' })
    for (const name of commands) expect(outcome.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(await run(['help'])).toEqual(outcome)
  })

  test('documents the exit codes of login in both languages', async () => {
    const wide = { columns: 300 }
    expect((await run(['login', '--help'], wide)).stdout).toContain(en.login.exitCodes)
    const chinese = await run(['help', 'login'], { ...wide, locale: 'zh' })
    expect(chinese.stdout).toContain(zh.login.exitCodes)
  })

  test('is all Chinese in Chinese: no English word of commander is left', async () => {
    const paths = [
      [],
      ...commands.map((name) => [name]),
      ...['user', 'storage'].flatMap((group) => leaves.map((leaf) => [group, leaf])),
    ]
    for (const path of paths) {
      const { stdout } = await run([...path, '--help'], { locale: 'zh' })
      expect(stdout).toContain('用法：')
      expect(stdout).not.toMatch(
        /Usage|Options|Arguments|Commands|default|display|\[options\]|\[command\]|env:/,
      )
    }
  })

  test.each(['en', 'zh'] as const)('keeps to the width of the terminal (%s)', async (locale) => {
    const { stdout } = await run(['serve', '--help'], { locale, columns: 60 })
    expect(stdout.split('\n').filter((line) => displayWidth(line) > 60)).toEqual([])
  })

  test('does not show a value from the environment, which may be a secret', async () => {
    const env = { PANPORT_DATABASE_URL: 'postgres://me:hunter2@db/x', PANPORT_LISTEN: '10.0.0.1:1' }
    const { stdout } = await run(['serve', '--help'], { env })
    expect(stdout).not.toContain('hunter2')
    expect(stdout).toMatch(/\(env:\s+PANPORT_LISTEN\) \(default:\s+0\.0\.0\.0:5244\)/)
  })
})

describe('runCli() failures', () => {
  const failing = (thrown: unknown): Partial<CliParts> => ({
    openAdministration: () => Promise.reject(thrown),
  })
  const argv = ['storage', 'list']

  test('says a StorageError with its advice, in one line', async () => {
    const error = new StorageError('Conflict', 'data folder "./data" is in use by process 7\n')
    expect(await run(argv, failing(error))).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'panport: Cannot open the data folder: data folder "./data" is in use by process 7 \n',
    })
    expect((await run(argv, { ...failing(error), locale: 'zh' })).stderr).toBe(
      'panport: 无法打开数据文件夹：状态冲突（data folder "./data" is in use by process 7 ）\n',
    )
  })

  test.each([
    [
      { code: 'EADDRINUSE', address: '0.0.0.0', port: 5244 },
      'address 0.0.0.0:5244 is in use; stop the other program or choose another address with --listen',
    ],
    [
      { code: 'EADDRNOTAVAIL', address: '1.2.3.4', port: 80 },
      'this machine has no address 1.2.3.4:80; choose one of its own with --listen',
    ],
    [
      { code: 'EACCES', address: '0.0.0.0', port: 80 },
      'the system does not allow listening on 0.0.0.0:80; choose a port above 1023 with --listen',
    ],
    [
      { code: 'EACCES', path: '/data' },
      'no permission for "/data"; give this user access or choose another --data',
    ],
    [{ code: 'EOTHER' }, 'raw words'],
  ])('turns the system error %j into a next step', async (fields, words) => {
    const startGateway = () => Promise.reject(Object.assign(new Error('raw words'), fields))
    expect(await run(['serve'], { startGateway })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `panport: Cannot start the gateway: ${words}\n`,
    })
  })

  test('shows where a failure came from only at log level debug', async () => {
    const error = new Error('broken')
    expect((await run(argv, failing(error))).stderr.split('\n')).toHaveLength(2)
    const loud = await run(argv, { ...failing(error), env: { PANPORT_LOG_LEVEL: 'debug' } })
    expect(loud.stderr).toContain('cli.test.ts')
  })

  test('survives a thrown value that is no Error', async () => {
    expect((await run(argv, failing('odd'))).stderr).toBe('panport: Cannot open the data folder: odd\n')
  })
})

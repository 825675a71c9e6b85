import { describe, expect, test } from 'vitest'
import { FakeAdministration, FakeProcess, type Outcome } from '../../../test/support/fake-parts.ts'
import type { CliParts } from './parts.ts'

interface Session {
  readonly opened: FakeAdministration
  run(argv: readonly string[], given?: Partial<CliParts>, input?: string): Promise<Outcome>
}

/** Runs commands one after another on the same data folder. */
async function session(): Promise<Session> {
  const opened = new FakeAdministration()
  await opened.users.ensureBuiltIn('first')
  return {
    opened,
    async run(argv, given = {}, input = '') {
      const fake = new FakeProcess({ openAdministration: () => Promise.resolve(opened), ...given })
      fake.stdin.end(input)
      const outcome = await fake.run('user', ...argv)
      expect(opened.isClosed).toBe(true)
      return outcome
    },
  }
}

async function hashOf({ opened }: Session, name: string): Promise<string | undefined> {
  return (await opened.users.find(name))?.passwordHash
}

/** Answers the questions of a command on a terminal, one line each, as they come. */
async function answer(fake: FakeProcess, answers: readonly string[], question: RegExp): Promise<void> {
  for (const [i, text] of answers.entries()) {
    while ((fake.stderr.match(question) ?? []).length < i + 1) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    fake.stdin.write(text)
  }
}

describe('panport user', () => {
  test('list shows who there is, as a table and as JSON', async () => {
    const it = await session()
    expect((await it.run(['list'])).stdout.split('\n')).toEqual([
      'id  name   role   root  state     rights',
      '1   admin  admin  /     enabled   dav-read, dav-write, write, rename, move, copy, remove, offline',
      '2   guest  guest  /     disabled',
      '',
    ])
    expect(JSON.parse((await it.run(['list', '--json'])).stdout)).toEqual([
      {
        id: 1,
        name: 'admin',
        role: 'admin',
        basePath: '/',
        permission: 0xffff,
        rights: ['dav-read', 'dav-write', 'write', 'rename', 'move', 'copy', 'remove', 'offline'],
        disabled: false,
      },
      { id: 2, name: 'guest', role: 'guest', basePath: '/', permission: 0, rights: [], disabled: true },
    ])
  })

  test('add reads the password from standard input and grants what is asked', async () => {
    const it = await session()
    const argv = ['add', 'ann', '--stdin', '--base-path', 'films/', '--allow', 'dav-read,remove', '--json']
    const outcome = await it.run(argv, {}, 'pass word\r\n')
    expect(outcome).toMatchObject({ exitCode: 0, stderr: 'User "ann" was added\n' })
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      id: 3,
      name: 'ann',
      role: 'general',
      basePath: '/films',
      permission: 256 + 128,
    })
    expect(outcome.stdout).not.toContain('pass word')
    const again = await it.run(['password', 'ann', '--stdin'], {}, 'pass word')
    expect(again.exitCode).toBe(0)
    // The line end after the password is not part of it.
    expect(await hashOf(it, 'ann')).toMatch(/^hashed:[0-9a-f]{64}$/)
  })

  test('add --generate prints the password alone and uses it', async () => {
    const it = await session()
    const first = await it.run(['add', 'ann', '--generate'])
    expect(first.stdout).toMatch(/^[\w-]{20}\n$/)
    const hash = await hashOf(it, 'ann')
    await it.run(['password', 'ann', '--stdin'], {}, first.stdout)
    expect(await hashOf(it, 'ann')).toBe(hash)
    const second = await it.run(['add', 'bob', '--generate', '--json'])
    expect(JSON.parse(second.stdout)).toHaveProperty('password')
    expect(second.stdout).not.toContain(first.stdout.trim())
  })

  test('password asks twice on a terminal and shows nothing of the answers', async () => {
    const it = await session()
    const before = await hashOf(it, 'admin')
    const fake = new FakeProcess({ openAdministration: () => Promise.resolve(it.opened), isTty: true })
    fake.stdin.isTTY = true
    const ended = fake.run('user', 'password')
    await answer(fake, ['hunter2\r', 'hunter2\r'], /Password for "admin": |Once more: /g)
    expect(await ended).toEqual({
      exitCode: 0,
      stdout: '',
      stderr:
        'Password for "admin": \nOnce more: \nThe password of "admin" was set; older logins have ended\n',
    })
    expect(await hashOf(it, 'admin')).not.toBe(before)
  })

  test('password refuses two answers that differ, and changes nothing', async () => {
    const it = await session()
    const before = await hashOf(it, 'admin')
    const fake = new FakeProcess({ openAdministration: () => Promise.resolve(it.opened), isTty: true })
    fake.stdin.isTTY = true
    const ended = fake.run('user', 'password')
    await answer(fake, ['one\r', 'two\r'], /Password for "admin": |Once more: /g)
    expect(await ended).toMatchObject({ exitCode: 2, stdout: '' })
    expect(fake.stderr).toContain('panport: the two passwords differ')
    expect(await hashOf(it, 'admin')).toBe(before)
  })

  test('password is broken off by Ctrl-C', async () => {
    const it = await session()
    const fake = new FakeProcess({ openAdministration: () => Promise.resolve(it.opened), isTty: true })
    fake.stdin.isTTY = true
    const ended = fake.run('user', 'password')
    await answer(fake, ['hal\u0003'], /Password for "admin": /g)
    expect(await ended).toMatchObject({ exitCode: 130 })
    expect(fake.stderr).toBe('Password for "admin": \npanport: interrupted\n')
  })

  test.each([
    [['password'], 'there is no terminal to ask for the password: use --stdin or --generate'],
    [['password', '--stdin', '--generate'], 'use either --stdin or --generate, not both'],
    [['password', '--stdin'], 'the password is empty'],
    [
      ['add', 'ann', '--generate', '--allow', 'fly'],
      'unknown right "fly": there are dav-read, dav-write, write, rename, move, copy, remove, offline',
    ],
  ])('%j is a usage error', async (argv, words) => {
    const it = await session()
    it.opened.isClosed = true
    const outcome = await it.run(argv)
    expect(outcome).toEqual({ exitCode: 2, stdout: '', stderr: `panport: ${words}; see "panport --help"\n` })
  })

  test('remove, disable and enable change one user', async () => {
    const it = await session()
    await it.run(['add', 'ann', '--generate'])
    expect(await it.run(['disable', 'ann'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'User "ann" may not log in any more\n',
    })
    expect((await it.opened.users.find('ann'))?.user.disabled).toBe(true)
    const enabled = await it.run(['enable', 'ann', '--json'])
    expect(JSON.parse(enabled.stdout)).toMatchObject({ name: 'ann', disabled: false })
    expect((await it.run(['remove', 'ann'])).stderr).toBe('User "ann" was removed\n')
    expect(await it.opened.users.find('ann')).toBeNull()
  })

  test.each([
    [['remove', 'eve'], 'Cannot remove user "eve": no user is called "eve"'],
    [['password', 'eve', '--generate'], 'Cannot set the password of "eve": no user is called "eve"'],
    [['remove', 'admin'], 'Cannot remove user "admin": cannot delete admin or guest'],
    [['disable', 'admin'], 'Cannot change user "admin": admin user can not be disabled'],
    [['add', 'admin', '--generate'], 'Cannot add user "admin": Cannot save user "admin": name taken'],
    [['add', 'a:b', '--generate'], 'Cannot add user "a:b": Cannot save user "a:b": name is not usable'],
    [
      ['add', 'ann', '--generate', '--base-path', '/a/../b'],
      'Cannot add user "ann": Invalid path segment ".."',
    ],
  ])('%j fails with 1 and says why', async (argv, words) => {
    const it = await session()
    expect(await it.run(argv)).toEqual({ exitCode: 1, stdout: '', stderr: `panport: ${words}\n` })
  })

  test('opens the folder and key that the environment names', async () => {
    const asked: unknown[] = []
    const opened = new FakeAdministration()
    const env = { PANPORT_DATA: '/srv/panport', PANPORT_SECRET_KEY: 'sixteen letters!' }
    const openAdministration: CliParts['openAdministration'] = (options) => {
      asked.push(options)
      return Promise.resolve(opened)
    }
    await new FakeProcess({ env, openAdministration }).run('user', 'list')
    await new FakeProcess({ openAdministration }).run('user', 'list', '--data', 'here')
    expect(asked).toEqual([{ data: '/srv/panport', secretKey: 'sixteen letters!' }, { data: 'here' }])
  })

  test('tells the password of the administrator that opening a new folder made, on stderr', async () => {
    const opened = new FakeAdministration()
    opened.firstPassword = 'made up once'
    const it = new FakeProcess({ openAdministration: () => Promise.resolve(opened) })
    const { exitCode, stdout, stderr } = await it.run('user', 'list', '--json')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('made up once')
    expect(stdout).not.toContain('made up once')
  })
})

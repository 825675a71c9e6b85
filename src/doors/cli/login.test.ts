import { describe, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.ts'
import type { QrLogin, QrState } from '../../core/qr-login.ts'
import { qrTerminal } from '../../lib/qr-image.ts'
import { FakeProcess, fakeApps, type Outcome, scriptedLogin } from '../../../test/support/fake-parts.ts'
import type { CliParts } from './parts.ts'

const drawn = `${qrTerminal('https://115.com/scan/dg-u1').trimEnd()}\n`

async function login(
  argv: readonly string[],
  states: readonly (QrState | Error)[],
  given: Partial<CliParts> & { exchange?: QrLogin['exchange'] } = {},
): Promise<Outcome> {
  const { exchange, ...parts } = given
  const fake: FakeProcess = new FakeProcess({
    qrLogin: () => Promise.resolve(scriptedLogin(fake.clock, states, exchange)),
    ...parts,
  })
  const outcome = await fake.run('login', ...argv)
  expect(fake.listeners).toBe(0)
  return outcome
}

/** Stderr after the code and its text. */
function lines(outcome: Outcome): string[] {
  const all = outcome.stderr.split('\n')
  return all.slice(all.findIndex((line) => line.includes('https://115.com/scan')) + 1, -1)
}

describe('panport login', () => {
  test('draws the code on stderr, says each state once and prints the cookie alone', async () => {
    const states = ['waiting', 'waiting', 'scanned', 'scanned', 'confirmed'] as const
    const outcome = await login(['alipaymini'], states)
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: 'UID=1_R2_1; CID=c; SEID=s; KID=k\n',
      stderr:
        'Signing in as Alipay mini program: this ends an older login of the same kind (slot R2)\n' +
        `Scan this code with the 115 app:\n${drawn}` +
        'The code says: https://115.com/scan/dg-u1\n' +
        '[0] waiting for the scan\n' +
        '[1] scanned, waiting for the confirmation on the phone\n' +
        '[2] signed in as 小明 (1)\n',
    })
  })

  test('says the same in Chinese', async () => {
    const outcome = await login(['alipaymini'], ['waiting', 'scanned', 'confirmed'], { locale: 'zh' })
    expect(outcome.stdout).toBe('UID=1_R2_1; CID=c; SEID=s; KID=k\n')
    expect(outcome.stderr).toBe(
      '将以「支付宝小程序」登录：同类（R2）的旧登录会失效\n' +
        `请用 115 App 扫描二维码：\n${drawn}` +
        '二维码内容：https://115.com/scan/dg-u1\n' +
        '[0] 等待扫码\n[1] 已扫码，请在手机上确认\n[2] 登录成功：小明（1）\n',
    )
  })

  test('is as web without an argument and warns that daily use ends it', async () => {
    const asked: string[] = []
    const fake: FakeProcess = new FakeProcess({
      qrLogin: () => {
        const scripted = scriptedLogin(fake.clock, ['confirmed'])
        return Promise.resolve({
          ...scripted,
          start: (app, ctx) => {
            asked.push(app)
            return scripted.start(app, ctx)
          },
        })
      },
    })
    const outcome = await fake.run('login')
    expect(asked).toEqual(['web'])
    expect(outcome.stderr).toContain('"web" is a client people use every day')
    expect(outcome.exitCode).toBe(0)
  })

  test.each([
    ['expired', 3, '[-1] the code has expired: run the command again'],
    ['cancelled', 4, '[-2] cancelled on the phone'],
  ] as const)('ends with its own code when the code is %s', async (state, exitCode, line) => {
    const outcome = await login(['alipaymini'], ['waiting', state])
    expect(outcome).toMatchObject({ exitCode, stdout: '' })
    expect(lines(outcome)).toEqual(['[0] waiting for the scan', line])
  })

  test('gives the words of 115 and a way out when the client is withdrawn', async () => {
    const exchange = () =>
      Promise.reject(
        new StorageError('AuthExpired', 'Cannot log in as "windows": 115 refuses this client', {
          upstream: { message: '登录失败，系统已下架！' },
          advice: 'choose-other-client',
        }),
      )
    const outcome = await login(['windows'], ['scanned', 'confirmed'], { exchange })
    expect(outcome).toMatchObject({ exitCode: 5, stdout: '' })
    expect(outcome.stderr).toContain('115 has withdrawn the client "windows"')
    expect(lines(outcome)).toEqual([
      '[0] waiting for the scan',
      '[1] scanned, waiting for the confirmation on the phone',
      '[-] aborted',
      'panport: Cannot sign in to 115: Cannot log in as "windows": 115 refuses this client; ' +
        '115 says: "登录失败，系统已下架！"; choose another client, e.g. "panport login alipaymini"; ' +
        '"panport login --list" shows all',
    ])
    const chinese = await login(['windows'], ['confirmed'], { exchange, locale: 'zh' })
    expect(lines(chinese).at(-1)).toBe(
      'panport: 登录 115 失败：登录无效或已过期（Cannot log in as "windows": 115 refuses this client）；' +
        '115 的原话：「登录失败，系统已下架！」；请换一个客户端，例如 panport login alipaymini；panport login --list 列出全部',
    )
  })

  test('is aborted by a failure that is not an answer of 115', async () => {
    const failure = new StorageError('Unavailable', 'Cannot reach "qrcodeapi.115.com"', {
      advice: 'check-network',
    })
    const outcome = await login(['tv'], [], {})
    expect(outcome.exitCode).toBe(2)
    const failed = await login(['alipaymini'], ['waiting', failure])
    expect(failed).toMatchObject({ exitCode: 1, stdout: '' })
    expect(lines(failed)).toEqual([
      '[0] waiting for the scan',
      '[-] aborted',
      'panport: Cannot sign in to 115: Cannot reach "qrcodeapi.115.com"; check the network and the proxy',
    ])
  })

  test('refuses an unknown client with the list of known ones and asks 115 nothing', async () => {
    const outcome = await login(['toaster'], [])
    expect(outcome).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'panport: unknown client "toaster": 115 knows web, alipaymini, windows; see "panport --help"\n',
    })
  })

  test('ends with 130 when it is interrupted, whatever the poll was doing', async () => {
    const fake: FakeProcess = new FakeProcess({
      qrLogin: () =>
        Promise.resolve({
          ...scriptedLogin(fake.clock, []),
          poll: (_ticket, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new StorageError('Cancelled', 'stopped')))
              setImmediate(() => fake.signal('SIGINT'))
            }),
        }),
    })
    const outcome = await fake.run('login', 'alipaymini')
    expect(outcome).toMatchObject({ exitCode: 130, stdout: '' })
    expect(lines(outcome)).toEqual(['[0] waiting for the scan', '[-] aborted', 'panport: interrupted'])
  })

  test('waits between polls that 115 does not hold', async () => {
    let polls = 0
    const fake: FakeProcess = new FakeProcess({
      qrLogin: () =>
        Promise.resolve({
          ...scriptedLogin(fake.clock, []),
          poll: () => {
            polls += 1
            return Promise.resolve(polls < 3 ? 'waiting' : 'cancelled')
          },
        }),
    })
    const ended = fake.run('login', 'alipaymini')
    while (fake.clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(polls).toBe(1)
    await fake.clock.advance(999)
    expect(polls).toBe(1)
    await fake.clock.advance(1)
    expect(polls).toBe(2)
    while (fake.clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
    await fake.clock.advance(1000)
    expect((await ended).exitCode).toBe(4)
  })

  test('-o writes an image and opens it', async () => {
    const written: { path: string; content: Buffer }[] = []
    const opened: string[] = []
    const outcome = await login(['alipaymini', '-o'], ['confirmed'], {
      tempFile: (suffix) => Promise.resolve(`/tmp/code${suffix}`),
      writeFile: (path, content) => {
        written.push({ path, content })
        return Promise.resolve()
      },
      openFile: (path) => {
        opened.push(path)
        return Promise.resolve()
      },
    })
    expect(opened).toEqual(['/tmp/code.png'])
    expect(written.map(({ path }) => path)).toEqual(['/tmp/code.png'])
    expect(written[0]?.content.subarray(1, 4).toString()).toBe('PNG')
    expect(lines(outcome)).toEqual([
      'Image of the code: /tmp/code.png',
      '[0] waiting for the scan',
      '[2] signed in as 小明 (1)',
    ])
  })

  test('--open-qrcode without a viewer, or without a place to write, is a warning', async () => {
    const tempFile = (suffix: string) => Promise.resolve(`/tmp/code${suffix}`)
    const noViewer = await login(['alipaymini', '--open-qrcode'], ['confirmed'], {
      tempFile,
      writeFile: () => Promise.resolve(),
      openFile: () => Promise.reject(new Error('spawn xdg-open ENOENT')),
    })
    expect(noViewer.exitCode).toBe(0)
    expect(lines(noViewer)).toContain('The image was not opened: spawn xdg-open ENOENT')
    const noDisk = await login(['alipaymini', '--open-qrcode'], ['confirmed'], {
      tempFile,
      writeFile: () => Promise.reject(new Error('ENOSPC: no space left on device')),
    })
    expect(noDisk.exitCode).toBe(0)
    expect(lines(noDisk)).toContain('The image was not written: ENOSPC: no space left on device')
  })

  test('says where to scan when it signs in to a sandbox', async () => {
    const asked: (string | null)[] = []
    const fake: FakeProcess = new FakeProcess({
      env: { PANPORT_SANDBOX: 'http://127.0.0.1:5150/' },
      qrLogin: ({ sandbox }) => {
        asked.push(sandbox)
        return Promise.resolve(scriptedLogin(fake.clock, ['confirmed']))
      },
    })
    const outcome = await fake.run('login', 'alipaymini')
    expect(asked).toEqual(['http://127.0.0.1:5150'])
    expect(outcome.stderr).toContain("Scan it on the sandbox's page: http://127.0.0.1:5150/__sandbox/\n")
  })

  test('warns about a terminal that is narrower than the code, only where one is', async () => {
    const narrow = await login(['alipaymini'], ['confirmed'], { columns: 20, isTty: true })
    expect(narrow.stderr).toContain('The terminal is too narrow')
    const piped = await login(['alipaymini'], ['confirmed'], { columns: 20 })
    expect(piped.stderr).not.toContain('The terminal is too narrow')
  })

  test('--list prints every client with its standing', async () => {
    const outcome = await login(['--list'], [], { locale: 'zh' })
    expect(outcome.stderr).toBe('')
    expect(outcome.stdout.split('\n').slice(0, -1)).toEqual([
      '客户端      槽位  说明            备注',
      'web         A1    网页端          不推荐：会挤掉你自己在用的客户端',
      'alipaymini  R2    支付宝小程序    推荐',
      'windows     P1    Windows 客户端  115 已下架',
    ])
    expect(fakeApps).toHaveLength(3)
  })

  test.each(['-v', '--version'])('%s prints the version', async (flag) => {
    expect(await login([flag], [])).toEqual({ exitCode: 0, stdout: '9.8.7\n', stderr: '' })
  })

  test('leaves nothing of one run in the next', async () => {
    const first = await login(['alipaymini'], ['waiting', 'expired'])
    const second = await login(['alipaymini'], ['waiting', 'confirmed'])
    expect([first.exitCode, second.exitCode]).toEqual([3, 0])
    expect(second.stdout).toBe('UID=1_R2_1; CID=c; SEID=s; KID=k\n')
  })
})

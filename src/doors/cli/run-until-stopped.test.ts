import { describe, expect, test } from 'vitest'
import { FakeProcess } from '../../../test/support/fake-parts.ts'
import type {
  CliParts,
  DemoOptions,
  GatewayOptions,
  RunningDemo,
  RunningGateway,
  SandboxOptions,
} from './parts.ts'

const demo: Omit<RunningDemo, 'close'> = {
  url: 'http://127.0.0.1:5244',
  davUrl: 'http://127.0.0.1:5244/dav',
  sandboxUrl: 'http://127.0.0.1:5150',
  user: 'admin',
  password: 'pw',
  mounts: [
    { path: '/115', driver: '115 Cloud' },
    { path: '/本地', driver: 'Local' },
  ],
}
const gateway: Omit<RunningGateway, 'close'> = {
  url: 'http://0.0.0.0:5244',
  davUrl: 'http://0.0.0.0:5244/dav',
  firstPassword: 'first',
}

/** Waits for the line that says a service answers. */
async function ready(fake: FakeProcess): Promise<void> {
  while (!fake.stdout.includes('\nready ')) await new Promise((resolve) => setImmediate(resolve))
}

interface Calls {
  readonly gateway: GatewayOptions[]
  readonly demo: DemoOptions[]
  readonly sandbox: SandboxOptions[]
  closed: number
}

function services(): { calls: Calls; parts: Partial<CliParts> } {
  const calls: Calls = { gateway: [], demo: [], sandbox: [], closed: 0 }
  const close = () => {
    calls.closed += 1
    return Promise.resolve()
  }
  return {
    calls,
    parts: {
      startDemo: (options) => {
        calls.demo.push(options)
        return Promise.resolve({ ...demo, close })
      },
      startGateway: (options) => {
        calls.gateway.push(options)
        return Promise.resolve({ ...gateway, close })
      },
      startSandbox: (options) => {
        calls.sandbox.push(options)
        return Promise.resolve({
          url: 'http://127.0.0.1:5150',
          caFile: options.tls ? '/ca.pem' : null,
          close,
        })
      },
    },
  }
}

async function untilReady(argv: readonly string[], given: Partial<CliParts> = {}) {
  const { calls, parts } = services()
  const fake = new FakeProcess({ ...parts, ...given })
  const ended = fake.run(...argv)
  await Promise.race([ready(fake), ended])
  fake.signal('SIGTERM')
  const outcome = await ended
  expect(fake.listeners).toBe(0)
  return { ...outcome, calls }
}

describe('panport demo', () => {
  test('prints how to get in, the ready line last, and closes on SIGTERM with 0', async () => {
    const { exitCode, stdout, stderr, calls } = await untilReady(['demo'])
    expect(stdout).toBe(
      'panport demo: a simulated 115, no account needed\n' +
        '  Web       http://127.0.0.1:5244\n' +
        '  WebDAV    http://127.0.0.1:5244/dav\n' +
        '  User      admin\n' +
        '  Password  pw\n' +
        '  Sandbox   http://127.0.0.1:5150\n' +
        '  Mounts    /115  (115 Cloud)\n' +
        '            /本地  (Local)\n' +
        'To try the QR login, run "panport login alipaymini --sandbox http://127.0.0.1:5150" ' +
        'and scan on http://127.0.0.1:5150/__sandbox/\n' +
        'ready http://127.0.0.1:5244\n',
    )
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'stopping ...\n' })
    expect(calls.demo).toEqual([{ listen: '127.0.0.1:5244', sandboxListen: '127.0.0.1:5150', data: null }])
    expect(calls.closed).toBe(1)
  })

  test('aligns its columns in Chinese, where a character is two cells', async () => {
    const { stdout } = await untilReady(['demo'], { locale: 'zh' })
    expect(stdout.split('\n').slice(1, 6)).toEqual([
      '  网页      http://127.0.0.1:5244',
      '  WebDAV    http://127.0.0.1:5244/dav',
      '  用户      admin',
      '  密码      pw',
      '  模拟服务  http://127.0.0.1:5150',
    ])
  })

  test('takes addresses and a folder, and never the folder of the real gateway', async () => {
    const env = { PANPORT_DATA: '/real', PANPORT_LISTEN: '127.0.0.1:9' }
    const fromEnv = await untilReady(['demo', '--sandbox-listen', '0'], { env })
    expect(fromEnv.calls.demo).toEqual([{ listen: '127.0.0.1:9', sandboxListen: '127.0.0.1:0', data: null }])
    const fromFlags = await untilReady(['demo', '--listen', '[::1]:7', '--data', '/tmp/d'], { env })
    expect(fromFlags.calls.demo).toEqual([
      { listen: '[::1]:7', sandboxListen: '127.0.0.1:5150', data: '/tmp/d' },
    ])
  })

  test('tells a person on a terminal what goes on, and a pipe nothing', async () => {
    expect((await untilReady(['demo'], { isTty: true })).stderr).toBe(
      'starting the sandbox and the gateway ...\nCtrl-C stops it\nstopping ...\n',
    )
  })
})

describe('panport serve', () => {
  test('prints the first password once, and none when there is none', async () => {
    const first = await untilReady(['serve'])
    expect(first.stdout).toBe(
      '  Web       http://0.0.0.0:5244\n' +
        '  WebDAV    http://0.0.0.0:5244/dav\n' +
        '  User      admin\n' +
        '  Password  first\n' +
        'This password is shown only now; "panport user password" sets another\n' +
        'ready http://0.0.0.0:5244\n',
    )
    const later = await untilReady(['serve'], {
      startGateway: () =>
        Promise.resolve({ ...gateway, firstPassword: null, close: () => Promise.resolve() }),
    })
    expect(later.stdout).not.toContain('assword')
  })

  test('has the documented defaults', async () => {
    expect((await untilReady(['serve'])).calls.gateway).toEqual([
      { listen: '0.0.0.0:5244', data: './data', sandbox: null, logLevel: 'info' },
    ])
  })

  test('takes every setting from the environment; a flag wins, an empty variable counts as unset', async () => {
    const env = {
      PANPORT_LISTEN: '10.0.0.1:80',
      PANPORT_DATA: '/srv/panport',
      PANPORT_DATABASE_URL: 'postgres://db/panport',
      PANPORT_SANDBOX: '',
      PANPORT_LOG_LEVEL: 'warn',
      PANPORT_ADMIN_PASSWORD: 'admin-pw',
      PANPORT_SECRET_KEY: 'a-long-secret-key',
    }
    const { calls } = await untilReady(['serve', '--data', '/elsewhere', '--listen', '8080'], { env })
    expect(calls.gateway).toEqual([
      {
        listen: '0.0.0.0:8080',
        data: '/elsewhere',
        database: 'postgres://db/panport',
        sandbox: null,
        logLevel: 'warn',
        adminPassword: 'admin-pw',
        secretKey: 'a-long-secret-key',
      },
    ])
  })

  test('a failing start is 1 and leaves no listener', async () => {
    const outcome = await untilReady(['serve'], { startGateway: () => Promise.reject(new Error('no disk')) })
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' })
    expect(outcome.stderr).toBe('panport: Cannot start the gateway: no disk\n')
  })

  test('a failing close is 1 and says so', async () => {
    const close = () => Promise.reject(new Error('database is busy'))
    const outcome = await untilReady(['serve'], {
      startGateway: () => Promise.resolve({ ...gateway, close }),
    })
    expect(outcome.exitCode).toBe(1)
    expect(outcome.stderr).toBe('stopping ...\npanport: Cannot stop cleanly: database is busy\n')
  })

  test('a signal during the start closes what started and never says ready', async () => {
    let closed = 0
    const close = () => {
      closed += 1
      return Promise.resolve()
    }
    const fake: FakeProcess = new FakeProcess({
      startGateway: () => {
        fake.signal('SIGINT')
        return Promise.resolve({ ...gateway, close })
      },
    })
    expect(await fake.run('serve')).toEqual({ exitCode: 0, stdout: '', stderr: 'stopping ...\n' })
    expect(closed).toBe(1)
  })

  test('a second signal does not wait for a close that hangs', async () => {
    const close = () => new Promise<void>(() => {})
    const fake = new FakeProcess({ startGateway: () => Promise.resolve({ ...gateway, close }) })
    const ended = fake.run('serve')
    await ready(fake)
    fake.signal()
    fake.signal()
    expect(await ended).toMatchObject({
      exitCode: 1,
      stderr: 'stopping ...\nstopped at once: not everything was closed\n',
    })
  })
})

describe('panport sandbox', () => {
  test('starts the demo scenario and says where its page is', async () => {
    const { stdout, calls } = await untilReady(['sandbox'])
    expect(calls.sandbox).toEqual([
      { listen: '127.0.0.1:5150', tls: false, scenario: 'demo', loose: false, latencyMs: {} },
    ])
    expect(stdout).toBe(
      '  Sandbox  http://127.0.0.1:5150\n' +
        '  Page     http://127.0.0.1:5150/__sandbox/\n' +
        'ready http://127.0.0.1:5150\n',
    )
  })

  test('takes every flag', async () => {
    const argv = ['sandbox', '--tls', '--loose', '--scenario', 'empty', '--latency', 'api=60ms, cdn=20']
    const { stdout, calls } = await untilReady(argv)
    expect(calls.sandbox).toMatchObject([
      { tls: true, scenario: 'empty', loose: true, latencyMs: { api: 60, cdn: 20 } },
    ])
    expect(stdout).toContain('  CA file  /ca.pem\n')
  })

  test.each(['api=fast', 'dns=5ms', 'api', '', 'api=60ms,'])('refuses the latency "%s"', async (text) => {
    const outcome = await untilReady(['sandbox', '--latency', text])
    expect(outcome.exitCode).toBe(2)
    expect(outcome.calls.sandbox).toEqual([])
  })
})

import { spawn } from 'node:child_process'
import { mkdtemp, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { openAdministration } from './administration.ts'
import { startGateway, version } from './app.ts'
import { openClouds } from './clouds.ts'
import { readConfig } from './config.ts'
import { silentLogger } from './core/ctx.ts'
import { startDemo } from './demo.ts'
import { runCli } from './doors/cli/cli.ts'
import { localeOf } from './doors/cli/locale.ts'
import type { CliParts } from './doors/cli/parts.ts'
import { systemClock } from './lib/clock.ts'

function parts(): CliParts {
  const { env, stdout, stderr, stdin } = process
  return {
    version,
    env,
    stdout,
    stderr,
    stdin,
    isTty: stderr.isTTY,
    columns: stderr.columns ?? 80,
    locale: localeOf(env),
    clock: systemClock,
    onSignal,
    startGateway: (options) => startGateway(readConfig(options)),
    startDemo,
    startSandbox: ({ scenario, ...options }) =>
      startSandbox({
        ...options,
        scenario: scenario as 'demo',
        log: (line) => void stderr.write(`${line}\n`),
      }),
    qrLogin: async ({ sandbox }) =>
      (await openClouds(sandbox === null ? null : new URL(sandbox), silentLogger)).qrLogin,
    openAdministration,
    openFile,
    writeFile: writePrivate,
    tempFile: async (suffix) => join(await mkdtemp(join(tmpdir(), 'panport-')), `qrcode${suffix}`),
  }
}

const onSignal: CliParts['onSignal'] = (handler) => {
  const forward = (signal: NodeJS.Signals) => handler(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}

/** The desktop's own viewer; there is none on a server, which is the caller's to bear. */
function openFile(path: string): Promise<void> {
  const [program, ...args] = viewerFor(process.platform)
  return new Promise((resolve, reject) => {
    const viewer = spawn(program, [...args, path], { stdio: 'ignore', detached: true })
    viewer.once('error', reject)
    viewer.once('spawn', () => {
      viewer.unref()
      resolve()
    })
  })
}

function viewerFor(platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return ['xdg-open']
}

async function writePrivate(path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(content)
  } finally {
    await file.close()
  }
}

// Ends also what a second Ctrl-C left hanging; everything written has been flushed by then.
process.exit(await runCli(process.argv.slice(2), parts()))

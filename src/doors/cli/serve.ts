import type { Command } from 'commander'
import type { Cli } from './console.ts'
import type { GatewayOptions, RunningGateway } from './parts.ts'
import { helpNote } from './program.ts'
import type { Run } from './run.ts'
import { runUntilStopped } from './run-until-stopped.ts'
import { parseListen, parseSandbox, setting } from './setting.ts'
import { facts } from './table.ts'
import { UsageError } from './usage-error.ts'

interface ServeFlags {
  readonly listen: string
  readonly data: string
  readonly database?: string
  readonly sandbox?: string
  readonly logLevel: string
}

const logLevels = ['silent', 'error', 'warn', 'info', 'debug']

/** `panport serve`: the gateway itself. */
export function addServe(program: Command, cli: Cli, run: Run): void {
  const { serve } = cli.say
  program
    .command('serve')
    .description(serve.description)
    .addOption(
      setting(cli, {
        flags: '--listen <address>',
        help: serve.listen,
        env: 'PANPORT_LISTEN',
        fallback: '0.0.0.0:5244',
      }),
    )
    .addOption(
      setting(cli, { flags: '--data <folder>', help: serve.data, env: 'PANPORT_DATA', fallback: './data' }),
    )
    .addOption(
      setting(cli, { flags: '--database <address>', help: serve.database, env: 'PANPORT_DATABASE_URL' }),
    )
    .addOption(setting(cli, { flags: '--sandbox <address>', help: serve.sandbox, env: 'PANPORT_SANDBOX' }))
    .addOption(
      setting(cli, {
        flags: '--log-level <level>',
        help: serve.logLevel,
        env: 'PANPORT_LOG_LEVEL',
        fallback: 'info',
      }),
    )
    .addHelpText('after', () => helpNote(cli, serve.environment))
    .action((flags: ServeFlags) => run(runServe(cli, flags)))
}

async function runServe(cli: Cli, flags: ServeFlags): Promise<number> {
  const options = gatewayOptions(cli, flags)
  return runUntilStopped(cli, {
    action: cli.say.serve.action,
    start: () => cli.parts.startGateway(options),
    onReady: (running) => announce(cli, running),
  })
}

function gatewayOptions(cli: Cli, flags: ServeFlags): GatewayOptions {
  if (!logLevels.includes(flags.logLevel)) {
    throw new UsageError(cli.say.usage.logLevel(flags.logLevel, logLevels.join(', ')))
  }
  const adminPassword = cli.parts.env['PANPORT_ADMIN_PASSWORD']
  const secretKey = cli.parts.env['PANPORT_SECRET_KEY']
  return {
    listen: parseListen(cli, flags.listen, '0.0.0.0'),
    data: flags.data,
    sandbox: parseSandbox(cli, flags.sandbox),
    logLevel: flags.logLevel,
    ...(flags.database ? { database: flags.database } : {}),
    ...(adminPassword ? { adminPassword } : {}),
    ...(secretKey ? { secretKey } : {}),
  }
}

function announce(cli: Cli, running: RunningGateway): void {
  const { serve } = cli.say
  const lines: (readonly [string, string])[] = [
    [serve.web, running.url],
    [serve.dav, running.davUrl],
  ]
  if (running.firstPassword !== null) {
    lines.push([serve.user, 'admin'], [serve.password, running.firstPassword])
  }
  for (const line of facts(lines)) cli.print(line)
  if (running.firstPassword !== null) cli.print(serve.passwordOnce)
  cli.print(`ready ${running.url}`)
}

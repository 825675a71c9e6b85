import type { Command } from 'commander'
import type { Cli } from './console.ts'
import type { RunningDemo } from './parts.ts'
import type { Run } from './run.ts'
import { runUntilStopped } from './run-until-stopped.ts'
import { parseListen, setting } from './setting.ts'
import { facts } from './table.ts'

interface DemoFlags {
  readonly listen: string
  readonly sandboxListen: string
  readonly data?: string
}

/** `panport demo`: everything on this machine, without an account. */
export function addDemo(program: Command, cli: Cli, run: Run): void {
  const { demo } = cli.say
  program
    .command('demo')
    .description(demo.description)
    .addOption(
      setting(cli, {
        flags: '--listen <address>',
        help: demo.listen,
        env: 'PANPORT_LISTEN',
        fallback: '127.0.0.1:5244',
      }),
    )
    .addOption(
      setting(cli, {
        flags: '--sandbox-listen <address>',
        help: demo.sandboxListen,
        fallback: '127.0.0.1:5150',
      }),
    )
    // Not from the environment: a demo must never end up in the real gateway's folder.
    .addOption(setting(cli, { flags: '--data <folder>', help: demo.data }))
    .action((flags: DemoFlags) => run(runDemo(cli, flags)))
}

async function runDemo(cli: Cli, flags: DemoFlags): Promise<number> {
  const options = {
    listen: parseListen(cli, flags.listen, '127.0.0.1'),
    sandboxListen: parseListen(cli, flags.sandboxListen, '127.0.0.1'),
    data: flags.data ?? null,
  }
  cli.hint(cli.say.demo.starting)
  return runUntilStopped(cli, {
    action: cli.say.demo.action,
    start: () => cli.parts.startDemo(options),
    onReady: (running) => announce(cli, running),
  })
}

function announce(cli: Cli, running: RunningDemo): void {
  const { demo } = cli.say
  cli.print(demo.title)
  const lines = facts([
    [demo.web, running.url],
    [demo.dav, running.davUrl],
    [demo.user, running.user],
    [demo.password, running.password],
    [demo.sandbox, running.sandboxUrl],
    ...running.mounts.map(
      ({ path, driver }, i) => [i === 0 ? demo.mounts : '', `${path}  (${driver})`] as const,
    ),
  ])
  for (const line of lines) cli.print(line)
  cli.print(demo.scan(running.sandboxUrl))
  cli.hint(demo.stopHint)
  // Programs wait for this line; everything answers when it appears.
  cli.print(`ready ${running.url}`)
}

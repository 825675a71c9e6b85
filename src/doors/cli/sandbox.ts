import type { Command } from 'commander'
import type { Cli } from './console.ts'
import type { Latency, RunningSandbox } from './parts.ts'
import type { Run } from './run.ts'
import { runUntilStopped } from './run-until-stopped.ts'
import { parseListen, setting } from './setting.ts'
import { facts } from './table.ts'
import { UsageError } from './usage-error.ts'

interface SandboxFlags {
  readonly listen: string
  readonly scenario: string
  readonly latency?: string
  readonly tls?: boolean
  readonly loose?: boolean
}

/** `panport sandbox`: the emulator without a gateway. */
export function addSandbox(program: Command, cli: Cli, run: Run): void {
  const { sandbox } = cli.say
  program
    .command('sandbox')
    .description(sandbox.description)
    .addOption(
      setting(cli, { flags: '--listen <address>', help: sandbox.listen, fallback: '127.0.0.1:5150' }),
    )
    .addOption(setting(cli, { flags: '--scenario <name>', help: sandbox.scenario, fallback: 'demo' }))
    .addOption(setting(cli, { flags: '--latency <list>', help: sandbox.latency }))
    .option('--tls', sandbox.tls)
    .option('--loose', sandbox.loose)
    .action((flags: SandboxFlags) => run(runSandbox(cli, flags)))
}

async function runSandbox(cli: Cli, flags: SandboxFlags): Promise<number> {
  const options = {
    listen: parseListen(cli, flags.listen, '127.0.0.1'),
    tls: flags.tls === true,
    scenario: flags.scenario,
    loose: flags.loose === true,
    latencyMs: parseLatency(cli, flags.latency),
  }
  return runUntilStopped(cli, {
    action: cli.say.sandbox.action,
    start: () => cli.parts.startSandbox(options),
    onReady: (running) => announce(cli, running),
  })
}

function announce(cli: Cli, running: RunningSandbox): void {
  const { sandbox } = cli.say
  const lines: (readonly [string, string])[] = [
    [sandbox.address, running.url],
    [sandbox.page, `${running.url}/__sandbox/`],
  ]
  if (running.caFile !== null) lines.push([sandbox.ca, running.caFile])
  for (const line of facts(lines)) cli.print(line)
  cli.print(`ready ${running.url}`)
}

/** `api=60ms,cdn=20ms` as milliseconds by kind of host; the unit may be left out. Throws UsageError. */
function parseLatency({ say }: Cli, text: string | undefined): Latency {
  const latency: Partial<Record<keyof Latency, number>> = {}
  for (const part of text?.split(',') ?? []) {
    const match = /^(api|cdn|oss)=(\d{1,6})(?:ms)?$/.exec(part.trim())
    if (!match) throw new UsageError(say.usage.latency(part.trim() || String(text)))
    latency[match[1] as keyof Latency] = Number(match[2])
  }
  return latency
}

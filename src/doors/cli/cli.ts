import { type Command, CommanderError } from 'commander'
import { type Cli, createCli, flush } from './console.ts'
import { addDemo } from './demo.ts'
import { exitCodes } from './exit-codes.ts'
import { CommandFailure, describeFailure } from './failure.ts'
import { addLogin } from './login.ts'
import type { CliParts } from './parts.ts'
import { createProgram } from './program.ts'
import type { Run } from './run.ts'
import { addSandbox } from './sandbox.ts'
import { addServe } from './serve.ts'
import { addStorage } from './storage.ts'
import { translateUsage, UsageError } from './usage-error.ts'
import { addUser } from './user.ts'

/**
 * Runs the command in `argv` (without node and the script); the exit code, see `exitCodes`. Resolves when
 * everything is written and closed, never rejects, and never ends the process itself.
 */
export async function runCli(argv: readonly string[], parts: CliParts): Promise<number> {
  const cli = createCli(parts)
  const exitCode = await execute(argv, cli)
  await Promise.all([flush(parts.stdout), flush(parts.stderr)])
  return exitCode
}

async function execute(argv: readonly string[], cli: Cli): Promise<number> {
  let exitCode: number = exitCodes.ok
  const run: Run = async (work) => {
    exitCode = await work
  }
  const program = build(cli, run)
  try {
    if (argv.length === 0) program.help({ error: true })
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    return fail(cli, error)
  }
}

function build(cli: Cli, run: Run): Command {
  const program = createProgram(cli)
  for (const add of [addDemo, addServe, addLogin, addSandbox, addUser, addStorage]) add(program, cli, run)
  return program
}

/** Says what went wrong, in one line, and gives the exit code. */
function fail(cli: Cli, error: unknown): number {
  if (error instanceof CommanderError) return failUsage(cli, error)
  const usage = usageErrorOf(error)
  if (usage) return sayUsage(cli, usage.message)
  cli.note(`panport: ${describeFailure(error, cli.say)}`)
  if (cli.parts.env['PANPORT_LOG_LEVEL'] === 'debug') cli.note(stackOf(error))
  return error instanceof CommandFailure ? error.exitCode : exitCodes.failure
}

function failUsage(cli: Cli, error: CommanderError): number {
  // Help and version that were asked for have been printed.
  if (error.exitCode === 0) return exitCodes.ok
  // Help that was printed because no command was given says everything.
  if (error.code === 'commander.help') return exitCodes.usage
  return sayUsage(cli, translateUsage(error, cli.say))
}

function sayUsage(cli: Cli, reason: string): number {
  const { errors, usage } = cli.say
  cli.note(`panport: ${errors.sentence(reason, usage.seeHelp('panport'))}`)
  return exitCodes.usage
}

/** A usage error may be found in the middle of a command's work, inside its failure. */
function usageErrorOf(error: unknown): UsageError | null {
  if (error instanceof UsageError) return error
  return error instanceof CommandFailure ? usageErrorOf(error.cause) : null
}

function stackOf(error: unknown): string {
  const cause = error instanceof CommandFailure ? (error.cause ?? error) : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

import type { Cli } from './console.ts'
import { askSecret, generateSecret, readSecret, terminalOf } from './secret-input.ts'
import { UsageError } from './usage-error.ts'

/** Where a new password comes from. Never from an argument, which others on the machine can read. */
export interface PasswordFlags {
  readonly stdin?: boolean
  readonly generate?: boolean
}

export interface ChosenPassword {
  readonly text: string
  /** Nobody knows it yet, so it must be printed. */
  readonly isGenerated: boolean
}

/** Generates, reads or asks for the password of `name`. Throws UsageError when there is no way to get one. */
export async function choosePassword(cli: Cli, name: string, flags: PasswordFlags): Promise<ChosenPassword> {
  const { usage, user } = cli.say
  if (flags.stdin && flags.generate) throw new UsageError(usage.passwordSources)
  if (flags.generate) return { text: generateSecret(), isGenerated: true }
  const text = flags.stdin ? await readSecret(cli) : await askTwice(cli, name)
  if (text === '') throw new UsageError(user.empty)
  return { text, isGenerated: false }
}

async function askTwice(cli: Cli, name: string): Promise<string> {
  const { usage, user } = cli.say
  const terminal = terminalOf(cli)
  if (!terminal) throw new UsageError(usage.passwordSource)
  const first = await askSecret(cli, terminal, user.askPassword(name))
  const second = await askSecret(cli, terminal, user.askAgain)
  if (first !== second) throw new UsageError(user.differ)
  return first
}

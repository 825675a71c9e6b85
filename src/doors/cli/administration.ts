import type { Command } from 'commander'
import type { Cli } from './console.ts'
import { attempt } from './failure.ts'
import type { Administration } from './parts.ts'
import { setting } from './setting.ts'
import { facts } from './table.ts'

/** Flags of every command that works on a data folder. */
export interface AdministrationFlags {
  readonly data: string
  readonly json?: boolean
}

/** Adds `--data` and `--json`. */
export function withAdministration(command: Command, cli: Cli): Command {
  const { administration } = cli.say
  return command
    .addOption(
      setting(cli, {
        flags: '--data <folder>',
        help: administration.data,
        env: 'PANPORT_DATA',
        fallback: './data',
      }),
    )
    .option('--json', administration.json)
}

/** Opens the data folder for `work` and closes it whatever happens. `action` says what failed. */
export async function administrate<T>(
  cli: Cli,
  flags: AdministrationFlags,
  action: string,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const secretKey = cli.parts.env['PANPORT_SECRET_KEY']
  const adminPassword = cli.parts.env['PANPORT_ADMIN_PASSWORD']
  const opened = await attempt(cli.say.administration.action, () =>
    cli.parts.openAdministration({
      data: flags.data,
      ...(secretKey ? { secretKey } : {}),
      ...(adminPassword ? { adminPassword } : {}),
    }),
  )
  // A folder that did not exist has an administrator now; nobody will be told the password again.
  if (opened.firstPassword !== null) tellFirstPassword(cli, opened.firstPassword)
  try {
    return await attempt(action, () => work(opened))
  } finally {
    await opened.close()
  }
}

function tellFirstPassword(cli: Cli, password: string): void {
  const { serve } = cli.say
  const lines = facts([
    [serve.user, 'admin'],
    [serve.password, password],
  ])
  for (const line of [...lines, serve.passwordOnce]) cli.note(line)
}

/** What a list or a single thing looks like for scripts. */
export function printJson(cli: Cli, value: unknown): void {
  cli.print(JSON.stringify(value, null, 2))
}

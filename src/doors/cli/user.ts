import type { Command } from 'commander'
import { grants } from '../../auth/permission.ts'
import type { User } from '../../auth/user.ts'
import { StorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import type { Right } from '../../vfs/subject.ts'
import { administrate, type AdministrationFlags, printJson, withAdministration } from './administration.ts'
import type { Cli } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import type { Administration } from './parts.ts'
import { choosePassword, type PasswordFlags } from './password.ts'
import type { Run } from './run.ts'
import { setting } from './setting.ts'
import { table } from './table.ts'
import { UsageError } from './usage-error.ts'

interface AddFlags extends AdministrationFlags, PasswordFlags {
  readonly basePath: string
  readonly allow: string
}

const rights: Readonly<Record<string, Right>> = {
  'dav-read': 'davRead',
  'dav-write': 'davWrite',
  write: 'write',
  rename: 'rename',
  move: 'move',
  copy: 'copy',
  remove: 'remove',
  offline: 'offline',
}
const knownRights = Object.keys(rights).join(', ')

/** `panport user …`: who may come in. */
export function addUser(program: Command, cli: Cli, run: Run): void {
  const { user } = cli.say
  const group = program.command('user').description(user.description)
  const command = (name: string, help: string) =>
    withAdministration(group.command(name).description(help), cli)

  command('list', user.list).action((flags: AdministrationFlags) => run(list(cli, flags)))
  command('add', user.add)
    .argument('<name>', user.name)
    .addOption(setting(cli, { flags: '--base-path <path>', help: user.basePath, fallback: '/' }))
    .addOption(
      setting(cli, { flags: '--allow <rights>', help: user.allow(knownRights), fallback: 'dav-read' }),
    )
    .option('--stdin', user.stdin)
    .option('--generate', user.generate)
    .action((name: string, flags: AddFlags) => run(add(cli, name, flags)))
  command('remove', user.remove)
    .argument('<name>', user.name)
    .action((name: string, flags: AdministrationFlags) => run(remove(cli, name, flags)))
  command('password', user.password)
    .argument('[name]', user.name, 'admin')
    .option('--stdin', user.stdin)
    .option('--generate', user.generate)
    .action((name: string, flags: AdministrationFlags & PasswordFlags) => run(setPassword(cli, name, flags)))
  for (const [verb, isDisabled] of [
    ['enable', false],
    ['disable', true],
  ] as const) {
    command(verb, user[verb])
      .argument('<name>', user.name)
      .action((name: string, flags: AdministrationFlags) => run(setDisabled(cli, name, isDisabled, flags)))
  }
}

async function list(cli: Cli, flags: AdministrationFlags): Promise<number> {
  const { user, administration } = cli.say
  const users = await administrate(cli, flags, user.actions.list, ({ users }) => users.list())
  if (flags.json) {
    printJson(cli, users.map(rowOf))
    return exitCodes.ok
  }
  const { columns } = user
  const head = [columns.id, columns.name, columns.role, columns.basePath, columns.state, columns.permission]
  const rows = users.map((each) => [
    String(each.id),
    each.name,
    each.role,
    each.basePath.toString(),
    each.disabled ? administration.disabled : administration.enabled,
    rightsOf(each).join(', '),
  ])
  for (const line of table(head, rows)) cli.print(line)
  return exitCodes.ok
}

async function add(cli: Cli, name: string, flags: AddFlags): Promise<number> {
  const permission = permissionOf(cli, flags.allow)
  const password = await choosePassword(cli, name, flags)
  const { user } = cli.say
  const created = await administrate(cli, flags, user.actions.add(name), ({ users }) =>
    users.create({
      name,
      password: password.text,
      role: 'general',
      basePath: VPath.parse(flags.basePath),
      permission,
      disabled: false,
    }),
  )
  cli.note(user.added(name))
  report(cli, flags, password, rowOf(created))
  return exitCodes.ok
}

async function remove(cli: Cli, name: string, flags: AdministrationFlags): Promise<number> {
  const { user } = cli.say
  await administrate(cli, flags, user.actions.remove(name), async (opened) => {
    await opened.users.delete((await find(opened, name)).id)
  })
  cli.note(user.removed(name))
  return exitCodes.ok
}

async function setPassword(
  cli: Cli,
  name: string,
  flags: AdministrationFlags & PasswordFlags,
): Promise<number> {
  const { user } = cli.say
  const action = user.actions.password(name)
  // Asked for before the password is, so that nobody types one for a user that does not exist.
  await administrate(cli, flags, action, (opened) => find(opened, name))
  const password = await choosePassword(cli, name, flags)
  const changed = await administrate(cli, flags, action, async (opened) =>
    opened.users.setPassword((await find(opened, name)).id, password.text),
  )
  cli.note(user.passwordSet(name))
  report(cli, flags, password, rowOf(changed))
  return exitCodes.ok
}

async function setDisabled(
  cli: Cli,
  name: string,
  disabled: boolean,
  flags: AdministrationFlags,
): Promise<number> {
  const { user } = cli.say
  const changed = await administrate(cli, flags, user.actions.change(name), async ({ users, ...rest }) => {
    const found = await find({ users, ...rest }, name)
    return users.update(found.id, { ...found, disabled })
  })
  cli.note(disabled ? user.disabled(name) : user.enabled(name))
  if (flags.json) printJson(cli, rowOf(changed))
  return exitCodes.ok
}

async function find({ users }: Pick<Administration, 'users'>, name: string): Promise<User> {
  const stored = await users.find(name)
  if (stored) return stored.user
  throw new StorageError('NotFound', `no user is called "${name}"`)
}

function report(
  cli: Cli,
  flags: AdministrationFlags,
  password: { readonly text: string; readonly isGenerated: boolean },
  row: object,
): void {
  const shown = password.isGenerated ? { password: password.text } : {}
  if (flags.json) printJson(cli, { ...row, ...shown })
  else if (password.isGenerated) cli.print(password.text)
}

function rowOf(user: User): object {
  const { id, name, role, permission, disabled } = user
  return { id, name, role, basePath: user.basePath.toString(), permission, rights: rightsOf(user), disabled }
}

function rightsOf({ permission }: User): string[] {
  return Object.entries(rights).flatMap(([name, right]) => (grants(permission, right) ? [name] : []))
}

function permissionOf({ say }: Cli, text: string): number {
  let permission = 0
  for (const name of text.split(',').flatMap((part) => part.trim() || [])) {
    const right = rights[name]
    if (!right) throw new UsageError(say.usage.rights(name, knownRights))
    permission |= bitsOf(right)
  }
  return permission
}

/** The permission bits that grant `right`, found by asking for each of them. */
function bitsOf(right: Right): number {
  return Array.from({ length: 16 }, (_, bit) => 1 << bit)
    .filter((mask) => grants(mask, right))
    .reduce((all, mask) => all | mask, 0)
}

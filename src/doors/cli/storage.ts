import type { Command } from 'commander'
import type { DriverDefinition } from '../../core/driver-definition.ts'
import { StorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import type { StorageRecord } from '../../vfs/storage-record.ts'
import { administrate, type AdministrationFlags, printJson, withAdministration } from './administration.ts'
import type { Cli } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import type { Administration } from './parts.ts'
import type { Run } from './run.ts'
import { chooseDriver, collectOptions, maskOptions, storageOf } from './storage-options.ts'
import { facts, table } from './table.ts'

interface AddFlags extends AdministrationFlags {
  readonly driver: string
  readonly mount: string
  readonly option: readonly string[]
  readonly secret: readonly string[]
}

/** `panport storage …`: which drive hangs where. */
export function addStorage(program: Command, cli: Cli, run: Run): void {
  const { storage } = cli.say
  const group = program.command('storage').description(storage.description)
  const command = (name: string, help: string) =>
    withAdministration(group.command(name).description(help), cli)
  const collect = (value: string, all: readonly string[]) => [...all, value]

  command('list', storage.list).action((flags: AdministrationFlags) => run(list(cli, flags)))
  command('show', storage.show)
    .argument('<which>', storage.which)
    .action((which: string, flags: AdministrationFlags) => run(show(cli, which, flags)))
  command('add', storage.add)
    .requiredOption('--driver <name>', storage.driver)
    .requiredOption('--mount <path>', storage.mount)
    .option('-o, --option <name=value>', storage.option, collect, [])
    .option('--secret <name>', storage.secret, collect, [])
    .action((flags: AddFlags) => run(add(cli, flags)))
  command('remove', storage.remove)
    .argument('<which>', storage.which)
    .action((which: string, flags: AdministrationFlags) => run(remove(cli, which, flags)))
  for (const [verb, isDisabled] of [
    ['enable', false],
    ['disable', true],
  ] as const) {
    command(verb, storage[verb])
      .argument('<which>', storage.which)
      .action((which: string, flags: AdministrationFlags) => run(setDisabled(cli, which, isDisabled, flags)))
  }
}

async function list(cli: Cli, flags: AdministrationFlags): Promise<number> {
  const { storage, administration } = cli.say
  const found = await administrate(cli, flags, storage.actions.list, async ({ storages, drivers }) =>
    (await storages.list()).map((record) => ({ record, shown: shownOf(record, drivers) })),
  )
  if (flags.json) {
    printJson(
      cli,
      found.map(({ shown }) => shown),
    )
    return exitCodes.ok
  }
  const { columns } = storage
  const rows = found.map(({ record }) => [
    String(record.id),
    record.mountPath,
    record.driver,
    record.disabled ? administration.disabled : administration.enabled,
  ])
  for (const line of table([columns.id, columns.mount, columns.driver, columns.state], rows)) cli.print(line)
  return exitCodes.ok
}

async function show(cli: Cli, which: string, flags: AdministrationFlags): Promise<number> {
  const shown = await administrate(cli, flags, cli.say.storage.actions.show(which), async (opened) =>
    shownOf(await find(cli, opened, which), opened.drivers),
  )
  if (flags.json) {
    printJson(cli, shown)
    return exitCodes.ok
  }
  const { options, ...rest } = shown
  const pairs = [...Object.entries(rest), ...Object.entries(options)]
  for (const line of facts(pairs.map(([name, value]) => [name, String(value)]))) cli.print(line)
  return exitCodes.ok
}

async function add(cli: Cli, flags: AddFlags): Promise<number> {
  const { storage, administration } = cli.say
  const shown = await administrate(cli, flags, storage.actions.add(flags.mount), async (opened) => {
    const driver = chooseDriver(cli, opened.drivers, flags.driver)
    const mountPath = VPath.parse(flags.mount).toString()
    const options = await collectOptions(cli, driver, { pairs: flags.option, secrets: flags.secret })
    const input = storageOf(driver, mountPath, options)
    await opened.checkOptions(driver.name, input.options)
    return shownOf(await opened.storages.create(input), opened.drivers)
  })
  cli.note(storage.added(shown.mountPath, shown.id))
  cli.note(administration.running)
  if (flags.json) printJson(cli, shown)
  return exitCodes.ok
}

async function remove(cli: Cli, which: string, flags: AdministrationFlags): Promise<number> {
  const { storage, administration } = cli.say
  const removed = await administrate(cli, flags, storage.actions.remove(which), async (opened) => {
    const record = await find(cli, opened, which)
    await opened.storages.delete(record.id)
    return record
  })
  cli.note(storage.removed(removed.mountPath))
  cli.note(administration.running)
  return exitCodes.ok
}

async function setDisabled(
  cli: Cli,
  which: string,
  disabled: boolean,
  flags: AdministrationFlags,
): Promise<number> {
  const { storage, administration } = cli.say
  const changed = await administrate(cli, flags, storage.actions.change(which), async (opened) => {
    const record = await find(cli, opened, which)
    if (record.disabled === disabled) {
      throw new StorageError(
        'Conflict',
        storage.already(disabled ? administration.disabled : administration.enabled),
      )
    }
    await opened.storages.setDisabled(record.id, disabled)
    return record
  })
  cli.note(disabled ? storage.disabled(changed.mountPath) : storage.enabled(changed.mountPath))
  cli.note(administration.running)
  return exitCodes.ok
}

/** By id, else by mount path. */
async function find(
  cli: Cli,
  { storages }: Pick<Administration, 'storages'>,
  which: string,
): Promise<StorageRecord> {
  const byId = /^\d+$/.test(which) ? await storages.get(Number(which)) : null
  if (byId) return byId
  const mountPath = VPath.parse(which).toString()
  const found = (await storages.list()).find((record) => record.mountPath === mountPath)
  if (found) return found
  throw new StorageError('NotFound', cli.say.storage.unknown)
}

function shownOf(record: StorageRecord, drivers: readonly DriverDefinition[]) {
  const { id, mountPath, driver, disabled, order, remark, webMode, davMode, listingTtlMinutes } = record
  const definition = drivers.find((each) => each.name === driver)
  return {
    id,
    mountPath,
    driver,
    disabled,
    order,
    remark,
    webMode,
    davMode,
    listingTtlMinutes,
    options: maskOptions(definition, record.options),
  }
}

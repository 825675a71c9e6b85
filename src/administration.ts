// What the command line may do to a data folder without a running gateway, or beside one.
import { loadPasswords } from './auth/passwords.ts'
import { Users } from './auth/users.ts'
import { openDatabases } from './db/databases.ts'
import { silentLogger } from './core/ctx.ts'
import { StorageError } from './core/errors.ts'
import { parseOptions, type RawOptions } from './core/options.ts'
import { Secret } from './core/secret.ts'
import type { Administration } from './doors/cli/parts.ts'
import { driverDefinitions } from './drivers/index.ts'
import { systemClock } from './lib/clock.ts'
import type { Transport } from './transport/transport.ts'
import { realAddresses } from './upstream/pan115/addresses.ts'
import { productionKeys } from './upstream/pan115/keys.ts'

export async function openAdministration(given: {
  readonly data: string
  readonly secretKey?: string
  readonly adminPassword?: string
}): Promise<Administration> {
  const secretKey = given.secretKey ? new Secret(given.secretKey) : null
  const databases = await openDatabases({ folder: given.data, secretKey, exclusive: false })
  const users = new Users({ store: databases.users, passwords: await loadPasswords(), clock: systemClock })
  const { firstPassword } = await users.ensureBuiltIn(given.adminPassword)
  return {
    firstPassword,
    users,
    storages: databases.storages,
    drivers: driverDefinitions,
    checkOptions,
    close: () => databases.close(),
  }
}

/** Makes the driver and throws it away: it does no I/O, and refuses options that no gateway could mount. */
async function checkOptions(name: string, options: RawOptions): Promise<void> {
  const definition = driverDefinitions.find((each) => each.name === name)
  if (!definition) throw new StorageError('InvalidInput', `no driver named: ${name}`)
  const driver = definition.create(parseOptions(definition.options, options), {
    clock: systemClock,
    log: silentLogger,
    saveOptions: async () => {},
    pan115: {
      addresses: realAddresses,
      keys: productionKeys,
      transport: () => nowhere,
      loginTransport: nowhere,
    },
  })
  await driver.dispose()
}

const nowhere: Transport = {
  send: async ({ name }) => {
    throw new StorageError('Unsupported', `Cannot send "${name}": only options are checked here`)
  },
}

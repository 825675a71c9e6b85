// What the command line may do to a data folder without a running gateway, or beside one.
import { loadPasswords } from './auth/passwords.ts'
import { Users } from './auth/users.ts'
import { openDatabases } from './db/databases.ts'
import { Secret } from './core/secret.ts'
import type { Administration } from './doors/cli/parts.ts'
import { driverDefinitions } from './drivers/index.ts'
import { systemClock } from './lib/clock.ts'

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
    close: () => databases.close(),
  }
}

import type { Kysely, Transaction } from 'kysely'
import type { Role, StoredUser, User, UserStore } from '../auth/user.ts'
import { StorageError } from '../core/errors.ts'
import { VPath } from '../core/path.ts'
import type { SettingsTables, UserRow } from './tables.ts'

/** Users in the settings file. */
export function createUserStore(db: Kysely<SettingsTables>): UserStore {
  const first = async (query: Promise<UserRow | undefined>) => {
    const row = await query
    return row ? toStoredUser(row) : null
  }
  return {
    async list() {
      const rows = await db.selectFrom('user').selectAll().orderBy('id').execute()
      return rows.map((row) => toStoredUser(row).user)
    },
    get: (id) => first(db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst()),
    find: (name) => first(db.selectFrom('user').selectAll().where('name', '=', name).executeTakeFirst()),
    create: ({ user, passwordHash }) =>
      db.transaction().execute(async (transaction) => {
        await assertFree(transaction, user)
        const values = { ...toValues(user, passwordHash), ...(user.id === null ? {} : { id: user.id }) }
        const row = await transaction
          .insertInto('user')
          .values(values)
          .returningAll()
          .executeTakeFirstOrThrow()
        return toStoredUser(row).user
      }),
    update: ({ user, passwordHash }) =>
      db.transaction().execute(async (transaction) => {
        await assertNameFree(transaction, user)
        const row = await transaction
          .updateTable('user')
          .set(toValues(user, passwordHash))
          .where('id', '=', user.id)
          .returningAll()
          .executeTakeFirst()
        if (!row) throw missing(user.id)
        return toStoredUser(row).user
      }),
    async delete(id) {
      const { numDeletedRows } = await db.deleteFrom('user').where('id', '=', id).executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) throw missing(id)
    },
  }
}

type Named = Pick<User, 'name'> & { readonly id: number | null }

async function assertFree(transaction: Transaction<SettingsTables>, user: Named): Promise<void> {
  await assertNameFree(transaction, user)
  if (user.id === null) return
  const other = await transaction.selectFrom('user').select('id').where('id', '=', user.id).executeTakeFirst()
  if (other)
    throw new StorageError('AlreadyExists', `Cannot create user "${user.name}": id ${user.id} is taken`)
}

async function assertNameFree(transaction: Transaction<SettingsTables>, user: Named): Promise<void> {
  const other = await transaction
    .selectFrom('user')
    .select('id')
    .where('name', '=', user.name)
    .executeTakeFirst()
  if (other && other.id !== user.id) {
    throw new StorageError('AlreadyExists', `Cannot save user "${user.name}": name is taken`)
  }
}

function toValues(user: Omit<User, 'id'>, passwordHash: string): Omit<UserRow, 'id'> {
  return {
    name: user.name,
    role: user.role,
    base_path: user.basePath.toString(),
    permission: user.permission,
    disabled: Number(user.disabled),
    password_hash: passwordHash,
    password_changed_at: user.passwordChangedAt.getTime(),
    allows_ldap: Number(user.allowsLdap),
    sso_id: user.ssoId,
  }
}

function toStoredUser(row: UserRow): StoredUser {
  const user = {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    basePath: VPath.parse(row.base_path),
    permission: row.permission,
    disabled: row.disabled === 1,
    passwordChangedAt: new Date(row.password_changed_at),
    allowsLdap: row.allows_ldap === 1,
    ssoId: row.sso_id,
  }
  return { user, passwordHash: row.password_hash }
}

function missing(id: number): StorageError {
  return new StorageError('NotFound', `Cannot find user ${id}`)
}

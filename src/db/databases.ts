import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import type { TokenStore } from '../auth/sessions.ts'
import type { UserStore } from '../auth/user.ts'
import { type Logger, silentLogger } from '../core/ctx.ts'
import { StorageError } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { deriveKey, SealError, Sealer } from '../lib/seal.ts'
import type { SettingStore } from '../settings/settings.ts'
import type { StorageStore } from '../vfs/storage-record.ts'
import { createDataFolder, type FolderLock, lockDataFolder } from './data-folder.ts'
import { SqliteDialect } from './dialect.ts'
import { readMasterKey } from './key-file.ts'
import { migrate } from './migrate.ts'
import { settingsMigrations } from './migrations/settings.ts'
import { createSettingStore } from './setting-store.ts'
import { openSqlite, sqliteCodeOf, sqliteCodes } from './sqlite.ts'
import { createStorageStore } from './storage-store.ts'
import type { SettingsTables } from './tables.ts'
import { createTokenStore } from './token-store.ts'
import { type EntryStores, openTree } from './tree-store.ts'
import { createUserStore } from './user-store.ts'

export interface DatabaseOptions {
  /** The data folder; made where it is missing. */
  readonly folder: string
  /** The master key as the owner gave it; null: the folder's key file. */
  readonly secretKey: Secret | null
  /** True for the gateway, of which there is one per folder; false for whoever only administrates beside it. */
  readonly exclusive: boolean
  readonly clock?: Clock
  readonly log?: Logger
}

/** Everything that is kept in a data folder. */
export interface Databases {
  readonly storages: StorageStore
  readonly users: UserStore
  readonly settings: SettingStore
  readonly tokens: TokenStore
  readonly entries: EntryStores
  /** 32 bytes of the master key for one purpose, e.g. `sessions`. */
  deriveKey(purpose: string): Uint8Array
  /** Ends every use of the folder and gives up its lock. */
  close(): Promise<void>
}

/**
 * Opens a data folder. The tree has a file of its own, so that recording a large listing never delays a login.
 *
 * Throws StorageError: Conflict when another gateway uses the folder or a newer program wrote it, InvalidInput when
 * the master key is not the one its secrets were sealed with, NotFound when its key file is gone.
 */
export async function openDatabases(options: DatabaseOptions): Promise<Databases> {
  const { folder, log = silentLogger } = options
  await createDataFolder(folder)
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    const lock = options.exclusive ? await lockDataFolder(folder) : noLock
    closers.push(() => lock.release())
    const { db, master } = await openSettings(options)
    closers.push(() => db.destroy())
    const entries = await openTreeOrAnew(join(folder, 'tree.db'), options)
    const databases = assemble(options, db, master, entries, close)
    const stopSweep = options.exclusive ? sweepInBackground(databases, log) : () => entries.close()
    closers.push(stopSweep)
    return databases
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * The tree is only a memory of the clouds: a damaged one is set aside, and filled again as people browse. By the
 * gateway alone: to take the file away from under another process would damage it in truth.
 */
async function openTreeOrAnew(
  path: string,
  { exclusive, log = silentLogger }: DatabaseOptions,
): Promise<EntryStores> {
  const onError = (error: unknown) => log.warn({ error }, 'old listings could not be removed')
  try {
    return await openTree(path, onError)
  } catch (error) {
    const code = sqliteCodeOf(error)
    const isDamaged = code === sqliteCodes.corrupt || code === sqliteCodes.notADatabase
    if (!isDamaged || !exclusive) throw error
    log.error({ error, path }, 'the remembered tree is damaged; it is set aside and begun anew')
    await rename(path, `${path}.damaged`)
    for (const suffix of ['-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
    return openTree(path, onError)
  }
}

const noLock: FolderLock = { release: async () => {} }

function assemble(
  options: DatabaseOptions,
  db: Kysely<SettingsTables>,
  master: Buffer,
  entries: EntryStores,
  close: () => Promise<void>,
): Databases {
  const sealer = sealerOf(master)
  return {
    storages: createStorageStore({
      db,
      sealer,
      clock: options.clock ?? systemClock,
      // Hidden at once and removed in the background: nobody waits for the end of a long tree.
      dropTree: (id) => entries.forStorage(id).forgetAll(),
    }),
    users: createUserStore(db),
    settings: createSettingStore(db, sealer),
    tokens: createTokenStore(db),
    entries,
    deriveKey: (purpose) => deriveKey(master, purpose),
    close,
  }
}

async function openSettings(
  options: DatabaseOptions,
): Promise<{ readonly db: Kysely<SettingsTables>; readonly master: Buffer }> {
  const path = join(options.folder, 'settings.db')
  const mayCreate = !existsSync(path)
  const master = await readMasterKey({ ...options, mayCreate })
  // Made here, so that only its owner may read it; SQLite gives its companions the same mode.
  await (await open(path, 'a', 0o600)).close()
  const database = await openSqlite({ path, synchronous: 'full', busyTimeoutMs: 2000 })
  const db = new Kysely<SettingsTables>({ dialect: new SqliteDialect(database) })
  try {
    await migrate(database, path, settingsMigrations)
    await checkKey(db, sealerOf(master), path)
    return { db, master }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Refuses a key that is not the one of the file, before anything is sealed with it. */
async function checkKey(db: Kysely<SettingsTables>, sealer: Sealer, path: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom('key_check').select('sealed').executeTakeFirst()
    if (!row) {
      await transaction
        .insertInto('key_check')
        .values({ id: 1, sealed: sealer.seal('', 'key_check/1') })
        .execute()
      return
    }
    try {
      sealer.open(row.sealed, 'key_check/1')
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      const message = `Cannot open "${path}": the secret key is not the one its secrets were sealed with`
      throw new StorageError('InvalidInput', message, { cause: error })
    }
  })
}

/**
 * Removes what a crash left and the trees of storages that are no more. Gives a function that closes the tree: that
 * does not wait for the rest of a long sweep, which the next start goes on with.
 */
function sweepInBackground({ entries, storages }: Databases, log: Logger): () => Promise<void> {
  let isClosing = false
  const sweep = async () => {
    const known = new Set((await storages.list()).map(({ id }) => id))
    for (const id of await entries.storageIds()) if (!known.has(id)) await entries.drop(id)
    await entries.sweep()
  }
  const running = sweep().catch((error: unknown) => {
    // A tree that is closed under it ends a sweep, as it should.
    if (!isClosing) log.warn({ error }, 'the remembered tree was not swept')
  })
  return async () => {
    isClosing = true
    await entries.close()
    await running
  }
}

function sealerOf(master: Buffer): Sealer {
  return new Sealer(deriveKey(master, 'secrets at rest'))
}

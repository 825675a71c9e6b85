import { chmod, rm } from 'node:fs/promises'
import { StorageError } from '../core/errors.ts'
import type { SqliteDatabase } from './sqlite.ts'

/** One step of a database's layout. Never changed once released; a later step corrects it. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number
  readonly sql: string
}

/**
 * Brings `database` to the newest of `migrations`: all steps or none. Before an older file is changed, a copy named
 * `<path>.v<old version>.bak` is left beside it. Throws Conflict when the file is newer than this program.
 */
export async function migrate(
  database: SqliteDatabase,
  path: string,
  migrations: readonly Migration[],
): Promise<void> {
  const newest = migrations.length
  const found = schemaVersion(database)
  if (found === newest) return
  if (found > newest) {
    throw new StorageError(
      'Conflict',
      `Cannot open "${path}": its schema version is ${found} and this program knows ${newest}; ` +
        `run a newer version, or put a copy "${path}.v${newest}.bak" back in its place`,
    )
  }
  if (found > 0) await backUp(database, `${path}.v${found}.bak`)
  database.transact(() => {
    // Read again under the write lock: another process may have been faster.
    for (const { version, sql } of migrations.slice(schemaVersion(database))) {
      database.exec(sql)
      database.exec(`PRAGMA user_version = ${version}`)
    }
  })
}

/** 0 for a file nobody has written to. Kept in the file's header, which transactions cover. */
export function schemaVersion(database: SqliteDatabase): number {
  return database.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
}

async function backUp(database: SqliteDatabase, copy: string): Promise<void> {
  await rm(copy, { force: true })
  // A plain copy of the file would miss what is still in the write-ahead log.
  database.run('VACUUM INTO ?', [copy])
  // It holds what the file holds, password hashes among it.
  await chmod(copy, 0o600)
}

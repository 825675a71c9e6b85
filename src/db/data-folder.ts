import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { openSqlite, type SqliteDatabase, sqliteCodeOf, sqliteCodes } from './sqlite.ts'

/** Creates `folder` where it is missing, for its owner alone. */
export async function createDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StorageError('Internal', `Cannot create data folder "${folder}": ${String(error)}`, {
      cause: error,
    })
  }
}

/** The right to be the one gateway on a data folder. */
export interface FolderLock {
  release(): Promise<void>
}

/**
 * Takes the lock of `folder`, which ends with this process however it ends. Throws Conflict naming the process that
 * holds it.
 *
 * The lock is SQLite's own, on a file of ours: the system drops it when its holder dies, so none is ever stale and no
 * number of a dead process, which another may have by now, has to be judged. That also holds between containers
 * that share the folder, where every gateway is process 1.
 */
export async function lockDataFolder(folder: string): Promise<FolderLock> {
  const holderPath = join(folder, 'gateway.pid')
  const database = await takeLock(join(folder, 'gateway.lock'), async (cause) => {
    const holder = await readHolder(holderPath)
    const message = `Cannot use data folder "${folder}": another gateway, process ${holder}, is using it`
    return new StorageError('Conflict', message, { cause })
  })
  await writeFile(holderPath, `${process.pid}\n`)
  return {
    async release() {
      await rm(holderPath, { force: true })
      database.rollback()
      database.close()
    },
  }
}

/** Opening reads the file, which already fails while another process has it. */
async function takeLock(
  path: string,
  refusal: (cause: unknown) => Promise<StorageError>,
): Promise<SqliteDatabase> {
  let database: SqliteDatabase | null = null
  try {
    database = await openSqlite({ path, synchronous: 'normal', busyTimeoutMs: 0, journal: 'delete' })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    throw sqliteCodeOf(error) === sqliteCodes.busy ? await refusal(error) : error
  }
}

async function readHolder(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    // The holder is just starting or stopping; that it is there is certain.
    return 'unknown'
  }
}

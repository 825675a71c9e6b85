import { isBuiltin } from 'node:module'
import { basename } from 'node:path'
import { LRUCache } from 'lru-cache'
import { StorageError } from '../core/errors.ts'

export type SqlValue = null | number | bigint | string | Uint8Array

/** What a statement that changes rows says afterwards. */
export interface RunResult {
  readonly changes: number | bigint
  readonly lastInsertRowid: number | bigint
}

interface NativeStatement {
  run(...params: readonly SqlValue[]): RunResult
  all(...params: readonly SqlValue[]): unknown[]
}

interface NativeDatabase {
  exec(sql: string): void
  prepare(sql: string): NativeStatement
  close(): void
}

interface NativeModule {
  readonly DatabaseSync: new (path: string) => NativeDatabase
}

export interface SqliteOptions {
  readonly path: string
  /**
   * `full`: what was acknowledged survives a power cut. `normal`: the last moments may be missing after one, but the
   * file stays whole, and nothing is lost when only the process dies.
   */
  readonly synchronous: 'full' | 'normal'
  /** How long a statement waits for another process's write; it holds the event loop meanwhile. */
  readonly busyTimeoutMs: number
  /** `wal` lets readers go on while somebody writes, and is the default. */
  readonly journal?: 'wal' | 'delete'
}

/** Prepared statements kept per database; more distinct texts than this are prepared anew. */
const rememberedStatements = 100

/**
 * One open SQLite file. Every call is synchronous and runs to its end, so `transact` needs no lock; callers keep
 * each piece of work small. Failures are StorageErrors that name the file.
 */
export class SqliteDatabase {
  readonly #native: NativeDatabase
  readonly #name: string
  readonly #statements = new LRUCache<string, NativeStatement>({ max: rememberedStatements })

  constructor(native: NativeDatabase, path: string) {
    this.#native = native
    this.#name = basename(path)
  }

  run(sql: string, params: readonly SqlValue[] = []): RunResult {
    return this.#guard(() => this.#statement(sql).run(...params))
  }

  /** `Row` is what the statement's columns give; the caller knows. */
  all<Row>(sql: string, params: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => this.#statement(sql).all(...params)) as Row[]
  }

  /** The first row; null when there is none. */
  get<Row>(sql: string, params: readonly SqlValue[] = []): Row | null {
    return this.all<Row>(sql, params)[0] ?? null
  }

  /** Runs statements that take no parameters and give no rows. */
  exec(sql: string): void {
    this.#guard(() => this.#native.exec(sql))
  }

  /** All of `work` or, when it throws, none of it. Not to be nested; `work` must not await. */
  transact<T>(work: () => T): T {
    // The write lock is taken at once: a transaction that first reads and then writes could not wait for it.
    this.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.exec('COMMIT')
      return result
    } catch (error) {
      this.rollback()
      throw error
    }
  }

  /** Ends a transaction without its changes. SQLite has done so itself after some errors, which is as good. */
  rollback(): void {
    try {
      this.#native.exec('ROLLBACK')
    } catch (error) {
      if (!(error instanceof Error && /no transaction is active/.test(error.message)))
        throw this.#failure(error)
    }
  }

  /** Brings everything into the one file first, so that a copy of it alone is whole. */
  close(): void {
    this.#statements.clear()
    try {
      // The package for Node 20 leaves the log behind as long as statements live, and cannot end them itself.
      this.#native.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // Nothing is lost: what is still in the log is found there by whoever opens the file next.
    }
    this.#native.close()
  }

  #statement(sql: string): NativeStatement {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#native.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): StorageError {
    const text = error instanceof Error ? error.message : String(error)
    const kind = isTemporary(error) ? 'Unavailable' : 'Internal'
    return new StorageError(kind, `Cannot use database "${this.#name}": ${text}`, { cause: error })
  }
}

/** Opens (and creates) a database file. Throws StorageError naming it. */
export async function openSqlite(options: SqliteOptions): Promise<SqliteDatabase> {
  const { DatabaseSync } = await loadSqlite()
  const database = new SqliteDatabase(openNative(DatabaseSync, options.path), options.path)
  try {
    database.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`)
    database.exec(`PRAGMA journal_mode = ${options.journal ?? 'wal'}`)
    database.exec(`PRAGMA synchronous = ${options.synchronous}`)
    database.exec('PRAGMA foreign_keys = ON')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function openNative(DatabaseSync: NativeModule['DatabaseSync'], path: string): NativeDatabase {
  try {
    return new DatabaseSync(path)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new StorageError('Internal', `Cannot open database "${path}": ${text}`, { cause: error })
  }
}

/** Node's own SQLite where it has one that needs no flag, else the package with the same API. */
async function loadSqlite(): Promise<NativeModule> {
  // A variable keeps the name from compilers and bundlers that run on a Node without it.
  const builtIn = 'node:sqlite'
  if (isBuiltin(builtIn)) {
    return withoutSqliteWarning(() => import(builtIn) as Promise<NativeModule>)
  }
  return import('@photostructure/sqlite')
}

/** Node 22 warns on each start that its SQLite is experimental; other warnings pass. */
async function withoutSqliteWarning<T>(load: () => Promise<T>): Promise<T> {
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) emit(warning, ...rest)
  }
  try {
    return await load()
  } finally {
    process.emitWarning = emit
  }
}

/** Primary result codes. Source: https://www.sqlite.org/rescode.html */
export const sqliteCodes = { busy: 5, locked: 6, corrupt: 11, full: 13, notADatabase: 26 } as const

/** Whether another process or a full disk is to blame, so that the same call may succeed later. */
function isTemporary(error: unknown): boolean {
  const { busy, locked, full } = sqliteCodes
  return ([busy, locked, full] as number[]).includes(sqliteCodeOf(error) ?? -1)
}

/** SQLite's primary result code behind `error` or its cause; null when there is none. */
export function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : sqliteCodeOf(error.cause)
}

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteDatabase, SqlValue } from './sqlite.ts'

/** Kysely over one open SQLite file. Queries and transactions take turns: the file has one connection. */
export class SqliteDialect implements Dialect {
  readonly createIntrospector: Dialect['createIntrospector'] = (db) => new SqliteIntrospector(db)
  readonly #database: SqliteDatabase

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  createDriver(): Driver {
    return new QueueDriver(this.#database)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter()
  }
}

/** Hands the one connection to one caller after the other, in the order they asked. */
class QueueDriver implements Driver {
  readonly #connection: SqliteConnection
  readonly #database: SqliteDatabase
  #turn: Promise<void> = Promise.resolve()
  #finish: () => void = () => {}

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#connection = new SqliteConnection(database)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn
    let finish = () => {}
    this.#turn = new Promise((resolve) => {
      finish = resolve
    })
    await before
    this.#finish = finish
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    this.#finish()
  }

  async beginTransaction(): Promise<void> {
    // Not deferred: a transaction that first reads and then writes could not wait for another process's write.
    this.#database.exec('BEGIN IMMEDIATE')
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec('COMMIT')
  }

  async rollbackTransaction(): Promise<void> {
    this.#database.rollback()
  }

  async destroy(): Promise<void> {
    await this.#turn
    this.#database.close()
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: SqliteDatabase

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const params = query.parameters as readonly SqlValue[]
    if (givesRows(query)) return { rows: this.#database.all<Row>(query.sql, params) }
    const { changes, lastInsertRowid } = this.#database.run(query.sql, params)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  // Throws when it is called, like every dialect without streaming; nothing here selects that much.
  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncGenerator<QueryResult<Row>> {
    throw new Error('Cannot stream a query: not supported by this dialect')
  }
}

function givesRows({ query }: CompiledQuery): boolean {
  return (
    query.kind === 'SelectQueryNode' ||
    query.kind === 'RawNode' ||
    ('returning' in query && !!query.returning)
  )
}

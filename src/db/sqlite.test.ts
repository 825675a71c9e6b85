import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isStorageError } from '../core/errors.ts'
import { openSqlite, type SqliteDatabase, sqliteCodeOf, sqliteCodes } from './sqlite.ts'

describe('SqliteDatabase', () => {
  let folder: string
  let database: SqliteDatabase

  const open = (path = join(folder, 'x.db')) => openSqlite({ path, synchronous: 'normal', busyTimeoutMs: 0 })
  const values = () => database.all<{ a: number }>('SELECT a FROM t ORDER BY a').map(({ a }) => a)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-sqlite-'))
    database = await open()
    database.exec('CREATE TABLE t (a INTEGER UNIQUE)')
  })
  afterEach(async () => {
    database.close()
    await rm(folder, { recursive: true })
  })

  test('keeps 19-digit integers and bytes exactly', () => {
    const row = database.get<{ big: string; blob: Uint8Array }>('SELECT CAST(? AS TEXT) AS big, ? AS blob', [
      9_223_372_036_854_775_807n,
      Buffer.from([0, 255, 1]),
    ])
    expect(row?.big).toBe('9223372036854775807')
    expect([...(row?.blob ?? [])]).toEqual([0, 255, 1])
  })

  test('get() is null without a row', () => {
    expect(database.get('SELECT a FROM t')).toBeNull()
  })

  test('transact() keeps everything or, when its work throws, nothing', () => {
    database.transact(() => {
      database.run('INSERT INTO t VALUES (?)', [1])
      database.run('INSERT INTO t VALUES (?)', [2])
    })
    const broken = () =>
      database.transact(() => {
        database.run('INSERT INTO t VALUES (?)', [3])
        throw new Error('midway')
      })
    expect(broken).toThrow('midway')
    expect(values()).toEqual([1, 2])
    database.transact(() => database.run('INSERT INTO t VALUES (?)', [4]))
    expect(values()).toEqual([1, 2, 4])
  })

  test('failures are StorageErrors that name the file', () => {
    const twice = () => {
      database.run('INSERT INTO t VALUES (1)')
      database.run('INSERT INTO t VALUES (1)')
    }
    expect(twice).toThrow(/^Cannot use database "x\.db": UNIQUE constraint failed/)
    expect(() => database.run('SELECT * FROM nowhere')).toThrow(expect.objectContaining({ kind: 'Internal' }))
  })

  test("another process's write is Unavailable, and passes", async () => {
    const other = await open()
    other.exec('BEGIN IMMEDIATE')
    let failure: unknown
    try {
      database.run('INSERT INTO t VALUES (1)')
    } catch (error) {
      failure = error
    }
    expect(isStorageError(failure, 'Unavailable')).toBe(true)
    expect(sqliteCodeOf(failure)).toBe(sqliteCodes.busy)
    other.exec('COMMIT')
    other.close()
    database.run('INSERT INTO t VALUES (1)')
    expect(values()).toEqual([1])
  })

  test('more statements than are remembered work as well', () => {
    for (let i = 0; i < 250; i++) database.run(`INSERT INTO t VALUES (${i})`)
    expect(values()).toHaveLength(250)
  })

  test('openSqlite() throws a StorageError naming a path that cannot be opened', async () => {
    await expect(open(join(folder, 'no', 'such', 'x.db'))).rejects.toThrow(/^Cannot open database ".*x\.db"/)
  })

  test('files are in write-ahead mode and enforce foreign keys', () => {
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(database.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  })
})

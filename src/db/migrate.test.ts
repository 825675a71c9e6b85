import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate, schemaVersion } from './migrate.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'

const first = { version: 1, sql: 'CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (42);' }
const second = { version: 2, sql: 'CREATE TABLE two AS SELECT a * 2 AS a FROM one;' }
const broken = { version: 3, sql: 'DROP TABLE one; SELECT * FROM nowhere;' }

describe('migrate()', () => {
  let folder: string
  let path: string
  let database: SqliteDatabase

  const open = (file: string) => openSqlite({ path: file, synchronous: 'full', busyTimeoutMs: 0 })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-migrate-'))
    path = join(folder, 'x.db')
    database = await open(path)
  })
  afterEach(async () => {
    database.close()
    await rm(folder, { recursive: true })
  })

  test('lays out a new file without leaving a copy', async () => {
    await migrate(database, path, [first, second])
    expect(database.get('SELECT a FROM two')).toEqual({ a: 84 })
    expect(schemaVersion(database)).toBe(2)
    expect(existsSync(`${path}.v0.bak`)).toBe(false)
  })

  test('runs only what is missing and leaves a private copy of the older file', async () => {
    await migrate(database, path, [first])
    database.exec('UPDATE one SET a = 5')
    await migrate(database, path, [first, second])
    expect(database.get('SELECT a FROM two')).toEqual({ a: 10 })

    expect((await stat(`${path}.v1.bak`)).mode & 0o777).toBe(0o600)
    const copy = await open(`${path}.v1.bak`)
    expect(schemaVersion(copy)).toBe(1)
    expect(copy.get('SELECT a FROM one')).toEqual({ a: 5 })
    copy.close()
  })

  test('a step that fails leaves the file as it was', async () => {
    await migrate(database, path, [first])
    await expect(migrate(database, path, [first, second, broken])).rejects.toThrow('nowhere')
    expect(schemaVersion(database)).toBe(1)
    expect(database.get('SELECT a FROM one')).toEqual({ a: 42 })
    expect(() => database.get('SELECT a FROM two')).toThrow('no such table')
  })

  test('refuses a file of a newer program and says what to do', async () => {
    await migrate(database, path, [first, second])
    await expect(migrate(database, path, [first])).rejects.toMatchObject({
      kind: 'Conflict',
      message: expect.stringMatching(/its schema version is 2 and this program knows 1.*\.v1\.bak/),
    })
  })
})

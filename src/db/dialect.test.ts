import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SqliteDialect } from './dialect.ts'
import { openSqlite } from './sqlite.ts'

interface Tables {
  readonly t: { readonly id?: number; readonly a: number }
}

describe('SqliteDialect', () => {
  let folder: string
  let db: Kysely<Tables>

  const values = async () => (await db.selectFrom('t').select('a').orderBy('id').execute()).map(({ a }) => a)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-dialect-'))
    const path = join(folder, 'x.db')
    db = new Kysely({
      dialect: new SqliteDialect(await openSqlite({ path, synchronous: 'full', busyTimeoutMs: 0 })),
    })
    await db.schema
      .createTable('t')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('a', 'integer')
      .execute()
  })
  afterEach(async () => {
    await db.destroy()
    await rm(folder, { recursive: true })
  })

  test('queries give rows, changed rows and the id of an inserted row', async () => {
    const inserted = await db.insertInto('t').values({ a: 1 }).executeTakeFirstOrThrow()
    expect(inserted.insertId).toBe(1n)
    expect(await db.insertInto('t').values({ a: 2 }).returningAll().execute()).toEqual([{ id: 2, a: 2 }])
    expect((await db.updateTable('t').set({ a: 9 }).executeTakeFirstOrThrow()).numUpdatedRows).toBe(2n)
    expect((await db.deleteFrom('t').where('id', '=', 1).executeTakeFirstOrThrow()).numDeletedRows).toBe(1n)
    expect(await values()).toEqual([9])
  })

  test('a transaction that throws leaves nothing behind', async () => {
    const broken = db.transaction().execute(async (transaction) => {
      await transaction.insertInto('t').values({ a: 1 }).execute()
      throw new Error('midway')
    })
    await expect(broken).rejects.toThrow('midway')
    expect(await values()).toEqual([])
  })

  test('transactions and queries take turns: none sees half of another', async () => {
    const addBoth = (a: number) =>
      db.transaction().execute(async (transaction) => {
        await transaction.insertInto('t').values({ a }).execute()
        await new Promise((resolve) => setImmediate(resolve))
        await transaction.insertInto('t').values({ a }).execute()
      })
    const seen: number[] = []
    const watch = async () => seen.push((await values()).length)
    await Promise.all([addBoth(1), watch(), addBoth(2), watch(), addBoth(3), watch()])
    expect(seen).toEqual([2, 4, 6])
    expect(await values()).toEqual([1, 1, 2, 2, 3, 3])
  })

  test('a failed query does not hold up the next one', async () => {
    await expect(
      db
        .selectFrom('nowhere' as 't')
        .select('a')
        .execute(),
    ).rejects.toThrow('no such table')
    expect(await values()).toEqual([])
  })
})

import type { Kysely, Transaction } from 'kysely'
import { StorageError } from '../core/errors.ts'
import type { OptionValue } from '../core/options.ts'
import type { Clock } from '../lib/clock.ts'
import type { Sealer } from '../lib/seal.ts'
import type { StorageInput, StorageRecord, StorageStore } from '../vfs/storage-record.ts'
import type { SettingsTables, StorageRow } from './tables.ts'

type Db = Kysely<SettingsTables>
type Details = Omit<StorageInput, 'mountPath' | 'order' | 'driver' | 'disabled' | 'options' | 'extra'>
type Hidden = Pick<StorageInput, 'options' | 'extra'>
type Values = Omit<StorageRow, 'id' | 'sealed'>

interface StorageStoreParts {
  readonly db: Db
  readonly sealer: Sealer
  readonly clock: Clock
  /** Forgets what is remembered of a storage's tree. */
  readonly dropTree: (storageId: number) => Promise<void>
}

/** Storages in the settings file. The options are sealed whole: which of them are secret, only drivers know. */
export function createStorageStore(parts: StorageStoreParts): StorageStore {
  const { db, sealer } = parts
  const now = () => parts.clock.now()
  return {
    async list() {
      const rows = await db.selectFrom('storage').selectAll().orderBy('sort_order').orderBy('id').execute()
      return rows.map((row) => toRecord(row, sealer))
    },
    async get(id) {
      const row = await db.selectFrom('storage').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toRecord(row, sealer) : null
    },
    create: (input) =>
      db.transaction().execute(async (transaction) => {
        await assertMountFree(transaction, input.mountPath, null)
        const values = { ...toValues(input, now()), sealed: new Uint8Array() }
        // The envelope is bound to the id, which only the row itself gives.
        const { id } = await transaction
          .insertInto('storage')
          .values(values)
          .returning('id')
          .executeTakeFirstOrThrow()
        return saveRow(transaction, id, { ...values, sealed: sealHidden(id, input, sealer) }, sealer)
      }),
    update: (id, input) =>
      db.transaction().execute(async (transaction) => {
        await assertMountFree(transaction, input.mountPath, id)
        const values = { ...toValues(input, now()), sealed: sealHidden(id, input, sealer) }
        return saveRow(transaction, id, values, sealer)
      }),
    patchOptions: (id, changed) =>
      db.transaction().execute((transaction) => patchOptions(transaction, id, changed, sealer)),
    async setDisabled(id, disabled) {
      const { numUpdatedRows } = await db
        .updateTable('storage')
        .set({ disabled: Number(disabled), modified_at: now() })
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw missing(id)
    },
    async delete(id) {
      const { numDeletedRows } = await db.deleteFrom('storage').where('id', '=', id).executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) throw missing(id)
      // After the row: a crash between the two leaves a tree that the next start finds to be nobody's.
      await parts.dropTree(id)
    },
  }
}

async function saveRow(
  transaction: Transaction<SettingsTables>,
  id: number,
  values: Omit<StorageRow, 'id'>,
  sealer: Sealer,
): Promise<StorageRecord> {
  const row = await transaction
    .updateTable('storage')
    .set(values)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw missing(id)
  return toRecord(row, sealer)
}

async function patchOptions(
  transaction: Transaction<SettingsTables>,
  id: number,
  changed: Readonly<Record<string, OptionValue>>,
  sealer: Sealer,
): Promise<void> {
  const row = await transaction.selectFrom('storage').select('sealed').where('id', '=', id).executeTakeFirst()
  if (!row) throw missing(id)
  const hidden = openHidden(id, row.sealed, sealer)
  const sealed = sealHidden(id, { ...hidden, options: { ...hidden.options, ...changed } }, sealer)
  await transaction.updateTable('storage').set({ sealed }).where('id', '=', id).execute()
}

async function assertMountFree(
  transaction: Transaction<SettingsTables>,
  mountPath: string,
  ownId: number | null,
): Promise<void> {
  const other = await transaction
    .selectFrom('storage')
    .select('id')
    .where('mount_path', '=', mountPath)
    .executeTakeFirst()
  if (other && other.id !== ownId) {
    throw new StorageError('AlreadyExists', `Cannot mount at "${mountPath}": mount path is taken`)
  }
}

function toValues(input: StorageInput, nowMs: number): Values {
  const { mountPath, order, driver, disabled, options: _options, extra: _extra, ...details } = input
  return {
    mount_path: mountPath,
    sort_order: order,
    driver,
    disabled: Number(disabled),
    modified_at: nowMs,
    details: JSON.stringify(details satisfies Details),
  }
}

function toRecord(row: StorageRow, sealer: Sealer): StorageRecord {
  return {
    ...(JSON.parse(row.details) as Details),
    ...openHidden(row.id, row.sealed, sealer),
    id: row.id,
    mountPath: row.mount_path,
    order: row.sort_order,
    driver: row.driver,
    disabled: row.disabled === 1,
    modifiedAt: new Date(row.modified_at),
  }
}

function sealHidden(id: number, { options, extra }: Hidden, sealer: Sealer): Buffer {
  return sealer.seal(JSON.stringify({ options, extra }), `storage/${id}`)
}

function openHidden(id: number, sealed: Uint8Array, sealer: Sealer): Hidden {
  return JSON.parse(sealer.open(sealed, `storage/${id}`)) as Hidden
}

function missing(id: number): StorageError {
  return new StorageError('NotFound', `Cannot find storage ${id}`)
}

import type { Kysely } from 'kysely'
import type { Sealer } from '../lib/seal.ts'
import type { SettingStore } from '../settings/settings.ts'
import type { SettingsTables } from './tables.ts'

/** Settings in the settings file, the secret ones sealed. */
export function createSettingStore(db: Kysely<SettingsTables>, sealer: Sealer): SettingStore {
  return {
    async load() {
      const rows = await db.selectFrom('setting').selectAll().execute()
      return new Map(rows.map(({ key, value, sealed }) => [key, openValue(key, value, sealed, sealer)]))
    },
    save: (changes) =>
      db.transaction().execute(async (transaction) => {
        for (const { key, value, secret } of changes) {
          const kept = secret
            ? { value: null, sealed: sealer.seal(value, placeOf(key)) }
            : { value, sealed: null }
          await transaction
            .insertInto('setting')
            .values({ key, ...kept })
            .onConflict((conflict) => conflict.column('key').doUpdateSet(kept))
            .execute()
        }
      }),
  }
}

function openValue(key: string, value: string | null, sealed: Uint8Array | null, sealer: Sealer): string {
  return sealed ? sealer.open(sealed, placeOf(key)) : (value ?? '')
}

function placeOf(key: string): string {
  return `setting/${key}`
}

import type { Kysely } from 'kysely'
import type { TokenStore } from '../auth/sessions.ts'
import type { SettingsTables } from './tables.ts'

/** Sessions that were logged out before they expired, in the settings file. */
export function createTokenStore(db: Kysely<SettingsTables>): TokenStore {
  return {
    async revoke(sessionId, expiresAt) {
      await db
        .insertInto('revoked_session')
        .values({ id: sessionId, expires_at: expiresAt.getTime() })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
    async isRevoked(sessionId) {
      const row = await db
        .selectFrom('revoked_session')
        .select('id')
        .where('id', '=', sessionId)
        .executeTakeFirst()
      return row !== undefined
    },
    async sweep(now) {
      await db.deleteFrom('revoked_session').where('expires_at', '<', now.getTime()).execute()
    },
  }
}

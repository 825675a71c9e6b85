import type { Migration } from '../migrate.ts'

/**
 * Accounts, storages and settings. Ids are never reused (AUTOINCREMENT), so whatever still names a deleted row names
 * nothing. `sealed` columns hold envelopes (`lib/seal.ts`) bound to their table and id. Times are milliseconds since
 * the epoch.
 */
export const settingsMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE key_check (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sealed BLOB NOT NULL
      );

      CREATE TABLE user (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        base_path TEXT NOT NULL,
        permission INTEGER NOT NULL,
        disabled INTEGER NOT NULL,
        password_hash TEXT NOT NULL,
        password_changed_at INTEGER NOT NULL,
        allows_ldap INTEGER NOT NULL,
        sso_id TEXT NOT NULL
      );

      CREATE TABLE storage (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        mount_path TEXT NOT NULL UNIQUE,
        sort_order INTEGER NOT NULL,
        driver TEXT NOT NULL,
        disabled INTEGER NOT NULL,
        modified_at INTEGER NOT NULL,
        details TEXT NOT NULL,
        sealed BLOB NOT NULL
      );

      CREATE TABLE setting (
        key TEXT PRIMARY KEY,
        value TEXT,
        sealed BLOB
      ) WITHOUT ROWID;

      CREATE TABLE revoked_session (
        id TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX revoked_session_expires_at ON revoked_session (expires_at);
    `,
  },
]

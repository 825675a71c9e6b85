import type { Generated, Selectable } from 'kysely'

/** Rows of the settings file as its migrations lay them out. */
export interface SettingsTables {
  readonly key_check: { readonly id: number; readonly sealed: Uint8Array }
  readonly user: UserTable
  readonly storage: StorageTable
  /** Either `value` or `sealed` is there. */
  readonly setting: {
    readonly key: string
    readonly value: string | null
    readonly sealed: Uint8Array | null
  }
  readonly revoked_session: { readonly id: string; readonly expires_at: number }
}

interface UserTable {
  readonly id: Generated<number>
  readonly name: string
  readonly role: string
  readonly base_path: string
  readonly permission: number
  readonly disabled: number
  readonly password_hash: string
  readonly password_changed_at: number
  readonly allows_ldap: number
  readonly sso_id: string
}

interface StorageTable {
  readonly id: Generated<number>
  readonly mount_path: string
  readonly sort_order: number
  readonly driver: string
  readonly disabled: number
  readonly modified_at: number
  /** JSON: what is neither searched nor secret. */
  readonly details: string
  /** JSON, sealed: the driver's options and what other programs saved with them. */
  readonly sealed: Uint8Array
}

export type UserRow = Selectable<UserTable>
export type StorageRow = Selectable<StorageTable>

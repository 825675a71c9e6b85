/**
 * The shapes on the wire, in AList's words. Nothing outside this door knows them but the web pages, which read
 * them as types. Fields that AList does not have are marked additive: clients ignore what they do not know.
 */

export interface SuccessReply {
  readonly code: 200
  readonly message: 'success'
  readonly data: unknown
}

export interface FailureReply {
  readonly code: number
  readonly message: string
  readonly data: unknown
}

/** 0 unknown, 1 folder, 2 video, 3 audio, 4 text, 5 image. */
export type ObjType = 0 | 1 | 2 | 3 | 4 | 5

export interface Obj {
  readonly name: string
  /** Bytes; 0 for folders and when the cloud does not say. */
  readonly size: number
  readonly is_dir: boolean
  /** RFC 3339; the year 1 when unknown. */
  readonly modified: string
  readonly created: string
  /** Empty for folders and where downloads need no signature. */
  readonly sign: string
  readonly thumb: string
  readonly type: ObjType
  /** `hash_info` as JSON text; the four letters `null` when there is none. */
  readonly hashinfo: string
  readonly hash_info: Readonly<Record<string, string>> | null
}

export interface ListData {
  readonly content: readonly Obj[]
  readonly total: number
  readonly readme: string
  readonly header: string
  readonly write: boolean
  readonly write_content_bypass: boolean
  readonly provider: string
  /** Additive: when the cloud was last asked; null when listings of this storage are not remembered. */
  readonly listed_at: string | null
  /** Additive: null when the listing is whole, else how many entries the cloud announced and did not give. */
  readonly incomplete: { readonly missing: number } | null
}

export interface GetData extends Obj {
  readonly raw_url: string
  readonly readme: string
  readonly header: string
  readonly provider: string
  readonly related: readonly Obj[]
}

export interface DirData {
  readonly name: string
  readonly modified: string
}

export interface LinkData {
  readonly url: string
  readonly header: Readonly<Record<string, readonly string[]>>
  readonly Expiration: null
  /** 0: no limit. */
  readonly concurrency: number
  readonly part_size: number
  readonly content_length: number
}

export interface MeData {
  readonly id: number
  readonly username: string
  /** Always empty. */
  readonly password: string
  readonly base_path: string
  /** 0 general, 1 guest, 2 admin. */
  readonly role: 0 | 1 | 2
  readonly disabled: boolean
  readonly permission: number
  readonly sso_id: string
  readonly allow_ldap: boolean
}

export interface PageData<T> {
  readonly content: readonly T[]
  readonly total: number
}

/** What a credential can do, in the reader's language. Additive. */
interface CheckData {
  readonly of: 'list' | 'link' | 'upload'
  /** Null: it could not be tried. */
  readonly ok: boolean | null
  readonly text: string
}

/** Additive. */
interface NoticeData {
  readonly code: string
  readonly detail: string
  readonly text: string
}

export interface StorageReport {
  readonly checks: readonly CheckData[]
  readonly notices: readonly NoticeData[]
}

/** A storage as it is saved. Fields that other programs saved with it come back as well. */
export interface StorageRecordData {
  readonly id: number
  readonly mount_path: string
  readonly order: number
  readonly driver: string
  readonly cache_expiration: number
  /** JSON text of all options; stored secrets are only marked. */
  readonly addition: string
  readonly remark: string
  readonly modified: string
  readonly disabled: boolean
  readonly enable_sign: boolean
  readonly order_by: string
  readonly order_direction: string
  readonly extract_folder: string
  readonly web_proxy: boolean
  readonly webdav_policy: string
  readonly down_proxy_url: string
  readonly down_proxy_sign: boolean
  readonly disable_proxy_sign: boolean
}

export interface StorageData extends StorageRecordData, StorageReport {
  /** `work`, `disabled`, `starting`, or why it does not work. */
  readonly status: string
}

export interface SavedStorageData extends StorageReport {
  /** 0: nothing was saved. */
  readonly id: number
}

export interface DriverItem {
  readonly name: string
  readonly type: 'string' | 'text' | 'number' | 'bool' | 'select'
  /** Text for every type. */
  readonly default: string
  /** Comma separated. */
  readonly options: string
  readonly required: boolean
  readonly help: string
}

export interface DriverInfo {
  readonly common: readonly DriverItem[]
  readonly additional: readonly DriverItem[]
  readonly config: {
    readonly name: string
    readonly local_sort: boolean
    readonly only_local: boolean
    readonly only_proxy: boolean
    readonly only_indices: boolean
    readonly prefer_proxy: boolean
    readonly no_cache: boolean
    readonly no_upload: boolean
    readonly need_ms: boolean
    readonly default_root: string
    readonly alert: string
  }
}

export interface SettingData {
  readonly key: string
  readonly value: string
  readonly help: string
  readonly type: string
  readonly options: string
  readonly group: number
  /** 0 public, 1 private, 2 read-only. */
  readonly flag: 0 | 1 | 2
  readonly index: number
}

/** How advisable a device is; also says what it does to the person's other logins. */
type QrStanding = 'advised' | 'fine' | 'discouraged' | 'withdrawn'

export interface QrAppData {
  readonly name: string
  readonly slot: string
  readonly label: string
  readonly standing: QrStanding
}

export interface QrStartData {
  readonly id: string
  readonly text: string
  readonly svg: string
  readonly expires_at: string
  /** The device whose present login the new one takes the place of. */
  readonly replaces: string
  readonly standing: QrStanding
}

export interface QrStateData {
  readonly state: 'waiting' | 'scanned' | 'confirmed' | 'expired' | 'cancelled' | 'failed'
  readonly message: string
  /** Stands for the cookie in a storage form, once; never the cookie itself. */
  readonly cookie?: string
}

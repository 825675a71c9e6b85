import type { OptionValue } from '../core/options.ts'

/** How a file's bytes reach who asked: by a link they follow themselves, through us, or through a proxy URL. */
export type DownloadMode = 'redirect' | 'proxy' | 'proxyUrl'

/** A configured storage as it is saved. Options are plain here and sealed by the store. */
export interface StorageRecord {
  /** Positive, given by the store, never reused. */
  readonly id: number
  /** Where it hangs in the tree, as `VPath.toString` gives it; unique. */
  readonly mountPath: string
  /** Smaller comes first. */
  readonly order: number
  /** Name of a driver definition. Never changes. */
  readonly driver: string
  readonly options: Readonly<Record<string, OptionValue>>
  readonly remark: string
  readonly disabled: boolean
  /** Minutes a remembered listing counts as fresh. */
  readonly listingTtlMinutes: number
  readonly webMode: DownloadMode
  readonly davMode: DownloadMode
  /** Prefix of the proxy URL mode; empty when there is none. Only the first line counts. */
  readonly proxyUrl: string
  readonly signProxyUrl: boolean
  /** Downloads need a signature even where the site does not demand one. */
  readonly requiresSign: boolean
  readonly orderBy: '' | 'name' | 'size' | 'modified'
  readonly orderDirection: '' | 'asc' | 'desc'
  readonly directoriesPlace: '' | 'front' | 'back'
  readonly modifiedAt: Date
  /** Fields other programs saved with it that mean nothing to us; given back as they came. */
  readonly extra: Readonly<Record<string, unknown>>
}

export type StorageInput = Omit<StorageRecord, 'id' | 'modifiedAt'>

/** A storage with everything as people get it who change nothing. */
export function newStorage(
  given: Partial<StorageInput> & Pick<StorageInput, 'mountPath' | 'driver'>,
): StorageInput {
  return {
    order: 0,
    options: {},
    remark: '',
    disabled: false,
    listingTtlMinutes: 30,
    webMode: 'redirect',
    davMode: 'redirect',
    proxyUrl: '',
    signProxyUrl: true,
    requiresSign: false,
    orderBy: '',
    orderDirection: '',
    directoriesPlace: '',
    extra: {},
    ...given,
  }
}

/**
 * What stands before a path in the proxy URL mode; empty when there is none. Only the first line counts, and a
 * slash at its end would double the path's own.
 */
export function proxyPrefixOf({ proxyUrl }: Pick<StorageRecord, 'proxyUrl'>): string {
  return (proxyUrl.split('\n', 1)[0] ?? '').trim().replace(/\/+$/, '')
}

/** Where storages are kept. Every write is on disk, whole, once its promise resolves. */
export interface StorageStore {
  /** By `order`, then `id`. */
  list(): Promise<readonly StorageRecord[]>
  get(id: number): Promise<StorageRecord | null>
  /** Throws AlreadyExists when the mount path is taken. */
  create(input: StorageInput): Promise<StorageRecord>
  /** Throws NotFound, and AlreadyExists when the mount path is another one's. */
  update(id: number, input: StorageInput): Promise<StorageRecord>
  /** Changes some options and nothing else, so that a refreshed token never overwrites what a person saved. */
  patchOptions(id: number, changed: Readonly<Record<string, OptionValue>>): Promise<void>
  setDisabled(id: number, disabled: boolean): Promise<void>
  /** Also drops what is remembered of its tree. Throws NotFound. */
  delete(id: number): Promise<void>
}

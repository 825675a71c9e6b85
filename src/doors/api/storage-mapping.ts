import * as z from 'zod'
import type { DriverDefinition } from '../../core/driver-definition.ts'
import type { OptionSchema } from '../../core/options.ts'
import type { DownloadMode, StorageInput, StorageRecord } from '../../vfs/storage-record.ts'
import type { StorageRecordData } from './contract.ts'
import { assertGiven, flag, parseInput, text, whole } from './input.ts'
import { formatTime } from './objects.ts'
import { parsePath } from './paths.ts'
import { maskOptions, readAddition, type TakeLogin } from './secret-options.ts'

const storageInput = z.object({
  mount_path: text,
  order: whole,
  cache_expiration: whole,
  remark: text,
  disabled: flag,
  enable_sign: flag,
  // Values we do not know are as good as none.
  order_by: z.enum(['', 'name', 'size', 'modified']).catch(''),
  order_direction: z.enum(['', 'asc', 'desc']).catch(''),
  extract_folder: z.enum(['', 'front', 'back']).catch(''),
  web_proxy: flag,
  webdav_policy: text,
  down_proxy_url: text,
})

/** Either spelling may come; absent is neither yes nor no. */
const signSwitches = z.object({ down_proxy_sign: flag.optional(), disable_proxy_sign: flag.optional() })

/** What we make ourselves from the record, or have fields for: never kept as foreign. */
const ownFields: ReadonlySet<string> = new Set([
  ...Object.keys(storageInput.shape),
  ...Object.keys(signSwitches.shape),
  'id',
  'driver',
  'addition',
  'status',
  'modified',
  'checks',
  'notices',
  'mount_details',
])

/** AList's fields that mean nothing to us; kept in `extra` so that whoever wrote one reads it again. */
const foreignDefaults = { custom_cache_policies: '', disable_index: false, proxy_range: false } as const

const createDefaults = {
  cache_expiration: 30,
  down_proxy_url: '',
} as const

type Given = Readonly<Record<string, unknown>>

/** The storage as AList's clients see it, but for what only a running one knows. */
export function describeRecord(record: StorageRecord, schema: OptionSchema | null): StorageRecordData {
  return {
    ...foreignDefaults,
    ...record.extra,
    ...fieldsOf(record),
    id: record.id,
    driver: record.driver,
    addition: JSON.stringify(maskOptions(record.options, schema)),
    modified: formatTime(record.modifiedAt),
    down_proxy_sign: record.signProxyUrl,
    disable_proxy_sign: !record.signProxyUrl,
  }
}

function fieldsOf(record: StorageRecord): z.output<typeof storageInput> {
  return {
    mount_path: record.mountPath,
    order: record.order,
    cache_expiration: record.listingTtlMinutes,
    remark: record.remark,
    disabled: record.disabled,
    enable_sign: record.requiresSign,
    order_by: record.orderBy,
    order_direction: record.orderDirection,
    extract_folder: record.directoriesPlace,
    web_proxy: record.webMode !== 'redirect',
    webdav_policy: policies[record.davMode],
    down_proxy_url: record.proxyUrl,
  }
}

/**
 * What `given` asks to be saved. Fields that are absent stay as in `old`, or take AList's defaults.
 * Throws ApiError 400 (403 for a relative path).
 */
export function readStorage(
  given: Given,
  definition: DriverDefinition,
  old: StorageRecord | null,
  takeLogin: TakeLogin,
): StorageInput {
  const fields = parseInput(storageInput, { ...(old ? fieldsOf(old) : createDefaults), ...given })
  assertGiven(fields.mount_path.trim(), 'Storage', 'MountPath')
  return {
    mountPath: parsePath(fields.mount_path).toString(),
    order: fields.order,
    driver: old?.driver ?? definition.name,
    remark: fields.remark,
    disabled: fields.disabled,
    listingTtlMinutes: Math.max(0, fields.cache_expiration),
    ...modesOf(fields, definition.mustProxy),
    proxyUrl: fields.down_proxy_url,
    signProxyUrl: readSignSwitch(given, old?.signProxyUrl ?? true),
    requiresSign: fields.enable_sign,
    orderBy: fields.order_by,
    orderDirection: fields.order_direction,
    directoriesPlace: fields.extract_folder,
    extra: readExtra(given, definition.options, old),
    // Last: a QR login is spent here, so nothing after it may refuse.
    options: readAddition(
      given['addition'],
      definition.options,
      old?.options ?? null,
      takeLogin,
    ) as StorageInput['options'],
  }
}

const policies = {
  redirect: '302_redirect',
  proxyUrl: 'use_proxy_url',
  proxy: 'native_proxy',
} as const satisfies Record<DownloadMode, string>

/** A proxy URL serves the web as soon as the web is proxied at all; a policy nobody knows acts as native. */
function modesOf(
  fields: { web_proxy: boolean; webdav_policy: string; down_proxy_url: string },
  mustProxy: boolean,
): Pick<StorageInput, 'webMode' | 'davMode'> {
  const proxied = fields.down_proxy_url.trim() === '' ? 'proxy' : 'proxyUrl'
  const webMode = fields.web_proxy ? proxied : 'redirect'
  const asked = fields.webdav_policy.trim()
  if (asked === policies.proxyUrl) return { webMode, davMode: 'proxyUrl' }
  const mayRedirect = !mustProxy && (asked === '' || asked === policies.redirect)
  return { webMode, davMode: mayRedirect ? 'redirect' : 'proxy' }
}

/** Clients send back both spellings and change the one they know, so the one that differs is the wish. */
function readSignSwitch(given: Given, old: boolean): boolean {
  const { down_proxy_sign: sign, disable_proxy_sign: disable } = parseInput(signSwitches, given)
  const hasEither = [given['down_proxy_sign'], given['disable_proxy_sign']].map(
    (each) => typeof each === 'boolean',
  )
  if (hasEither[1] && !disable !== old) return !disable
  if (hasEither[0] && sign !== old) return sign === true
  return old
}

/** A secret that somebody put beside `addition` instead of into it must not come to rest in the open. */
function readExtra(given: Given, schema: OptionSchema, old: StorageRecord | null): Given {
  const options = new Set(schema.map(({ name }) => name))
  const foreign = Object.entries(given).filter(([name]) => !ownFields.has(name) && !options.has(name))
  return { ...old?.extra, ...Object.fromEntries(foreign) }
}

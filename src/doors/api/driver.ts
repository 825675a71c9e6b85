import type { DriverDefinition } from '../../core/driver-definition.ts'
import type { Bilingual, OptionSpec } from '../../core/options.ts'
import type { Language } from '../../lib/language.ts'
import type { DriverInfo, DriverItem } from './contract.ts'
import { ApiError } from './errors.ts'
import { queryText } from './input.ts'
import type { ApiParts } from './parts.ts'
import type { Call, Route } from './route.ts'

/** What a storage form is made of: generated from the drivers' own option schemas. */
export function driverRoutes(parts: ApiParts): readonly Route[] {
  const definitions = parts.storages.drivers.map(({ definition }) => definition)
  const admin = { method: 'GET', access: 'admin' } as const
  return [
    { ...admin, url: '/api/admin/driver/names', answer: async () => definitions.map(({ name }) => name) },
    {
      ...admin,
      url: '/api/admin/driver/list',
      answer: async ({ language }: Call) =>
        Object.fromEntries(definitions.map((each) => [each.name, describeDriver(each, language)])),
    },
    {
      ...admin,
      url: '/api/admin/driver/info',
      answer: async ({ query, language }: Call) => {
        const wanted = queryText(query, 'driver')
        const found = definitions.find(({ name }) => name === wanted)
        if (!found) throw new ApiError(404, `driver [${wanted.slice(0, 100)}] not found`)
        return describeDriver(found, language)
      },
    },
  ]
}

function describeDriver(definition: DriverDefinition, language: Language): DriverInfo {
  const root = definition.options.find(({ name }) => name === definition.rootOption)
  return {
    common: commonItems(definition, language),
    additional: definition.options.map((spec) => describeOption(spec, language)),
    config: {
      name: definition.name,
      // Sorting is done here, for every driver alike.
      local_sort: true,
      only_local: false,
      only_proxy: definition.mustProxy,
      only_indices: false,
      prefer_proxy: false,
      no_cache: definition.listsAnew === true,
      no_upload: definition.takesUploads !== true,
      need_ms: false,
      default_root: root ? String(root.default) : '',
      alert: '',
    },
  }
}

function describeOption(spec: OptionSpec, language: Language): DriverItem {
  return {
    name: spec.name,
    type: spec.type,
    default: spec.type === 'number' ? wholeDefault(spec.default) : String(spec.default),
    options: spec.type === 'select' ? spec.choices.join(',') : '',
    required: spec.required === true,
    help: spec.help[language],
  }
}

/** The classic form reads numbers with parseInt: `0.5` would silently become 0, so it shows the next whole one. */
function wholeDefault(value: number): string {
  return String(Math.ceil(value))
}

/** AList's fields that every storage has, in the order its form shows them. */
function commonItems({ mustProxy, listsAnew }: DriverDefinition, language: Language): readonly DriverItem[] {
  const policies = mustProxy
    ? { default: 'native_proxy', options: 'use_proxy_url,native_proxy' }
    : { default: '302_redirect', options: '302_redirect,use_proxy_url,native_proxy' }
  const item = (name: string, type: DriverItem['type'], more: Partial<DriverItem> = {}): DriverItem => ({
    name,
    type,
    default: '',
    options: '',
    required: false,
    help: helps[name]?.[language] ?? '',
    ...more,
  })
  return [
    item('mount_path', 'string', { required: true }),
    item('order', 'number'),
    item('remark', 'text'),
    ...(listsAnew ? [] : [item('cache_expiration', 'number', { default: '30', required: true })]),
    // A driver whose links nobody else can use passes through the gateway anyway.
    ...(mustProxy ? [] : [item('web_proxy', 'bool')]),
    item('webdav_policy', 'select', { ...policies, required: true }),
    item('down_proxy_url', 'text'),
    item('disable_proxy_sign', 'bool', { default: 'false' }),
    item('order_by', 'select', { options: 'name,size,modified' }),
    item('order_direction', 'select', { options: 'asc,desc' }),
    item('extract_folder', 'select', { options: 'front,back' }),
    item('disable_index', 'bool', { default: 'false', required: true }),
    item('enable_sign', 'bool', { default: 'false', required: true }),
  ]
}

const helps: Readonly<Record<string, Bilingual>> = {
  mount_path: {
    zh: '挂载到哪个路径，不能与其他存储重复，例如 /115',
    en: 'The path to mount at, used by no other storage, e.g. /115',
  },
  order: { zh: '排序，小的在前', en: 'Position, smaller comes first' },
  cache_expiration: {
    zh: '目录缓存的有效分钟数，过期后再次浏览时更新',
    en: 'Minutes a remembered listing counts as fresh',
  },
  web_proxy: {
    zh: '网页和 API 的下载经本机代理；填了代理 URL 时改用代理 URL',
    en: 'Web and API downloads pass through the gateway, or the proxy URL when there is one',
  },
  webdav_policy: {
    zh: 'WebDAV 下载方式：302 重定向、代理 URL 或本机代理',
    en: 'How WebDAV downloads go: by redirect, by the proxy URL, or through the gateway',
  },
  down_proxy_url: {
    zh: '代理 URL，例如 Cloudflare Worker 的地址，结尾不带 /',
    en: 'Proxy URL, such as the address of a worker, without / at the end',
  },
  remark: { zh: '备注', en: 'A note for yourself' },
  order_by: {
    zh: '文件排序依据，留空则按网盘的顺序',
    en: 'What entries are sorted by; empty: as the drive gives them',
  },
  order_direction: { zh: '排序方向：升序或降序', en: 'Ascending or descending' },
  extract_folder: { zh: '文件夹排在最前或最后', en: 'Folders come first or last' },
  disable_index: { zh: '不加入搜索索引', en: 'Left out of the search index' },
  disable_proxy_sign: { zh: '代理 URL 不带签名', en: 'No signature on the proxy URL' },
  enable_sign: { zh: '下载必须带签名', en: 'Downloads need a signature' },
}

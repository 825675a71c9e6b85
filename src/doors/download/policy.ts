import { extensionOf } from '../../lib/mime.ts'
import type { Settings } from '../../settings/settings.ts'
import type { DownloadMode, StorageRecord } from '../../vfs/storage-record.ts'

/** The settings this door reads, each time anew: they change while the process runs. */
export type DownloadSettings = Pick<Settings, 'get'>

/** `/d` gives whatever is best, `/p` only what passes through us. */
export type Route = 'd' | 'p'

/** The facts of a storage that decide. */
export interface StoragePolicy {
  readonly mustProxy: boolean
  readonly record: Pick<StorageRecord, 'webMode' | 'davMode' | 'requiresSign'>
}

/** Whether a download at this storage (null: none covers the path) needs a signature. */
export function needsSign(settings: DownloadSettings, storage: StoragePolicy | null): boolean {
  return settings.get('sign_all') || (storage?.record.requiresSign ?? false)
}

/** How `name` is delivered by `route`; null when it may not be. */
export function modeOf(
  route: Route,
  name: string,
  storage: StoragePolicy,
  settings: DownloadSettings,
): DownloadMode | null {
  const { webMode, davMode } = storage.record
  const mustPass = storage.mustProxy || isListed(settings.get('proxy_types'), name)
  if (route === 'd') return mustPass && webMode === 'redirect' ? 'proxy' : webMode
  if (webMode !== 'redirect') return webMode
  // A storage whose WebDAV goes through a proxy URL must let that proxy fetch here.
  if (davMode === 'proxyUrl') return 'proxyUrl'
  // Pages show texts themselves, and no cloud lets another site's page fetch from it.
  return mustPass || isListed(settings.get('text_types'), name) ? 'proxy' : null
}

/** `extensions` are separated by commas. */
function isListed(extensions: string, name: string): boolean {
  const extension = extensionOf(name)
  return extension !== '' && extensions.split(',').some((listed) => listed.trim().toLowerCase() === extension)
}

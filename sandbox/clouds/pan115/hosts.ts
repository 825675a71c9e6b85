/** Hosts that serve the same paths. `none` is a host of 115's that the emulator knows but does not serve yet. */
export type HostFamily = 'web' | 'app' | 'natsort' | 'passport' | 'my' | 'home' | 'version' | 'cdn' | 'none'

/** The host that links to files name. */
export const CDN_HOST = 'cdnfhnfile.115cdn.net'

// Evidence: read-from-client (115driver, OpenList, p115client), 2026-10.
const FAMILIES: ReadonlyMap<string, HostFamily> = new Map<string, HostFamily>([
  ['webapi.115.com', 'web'],
  ['web.api.115.com', 'web'],
  ['115cdn.com', 'web'],
  ['115vod.com', 'web'],
  ['proapi.115.com', 'app'],
  ['pro.api.115.com', 'app'],
  ['aps.115.com', 'natsort'],
  ['passportapi.115.com', 'passport'],
  ['qrcodeapi.115.com', 'passport'],
  ['hnpassportapi.115.com', 'passport'],
  ['hnqrcodeapi.115.com', 'passport'],
  ['my.115.com', 'my'],
  ['115.com', 'home'],
  ['appversion.115.com', 'version'],
  [CDN_HOST, 'cdn'],
  ['cdnfhnfile.115.com', 'cdn'],
  ['uplb.115.com', 'none'],
  ['oss-cn-shenzhen.aliyuncs.com', 'none'],
  ['fhnfile.oss-cn-shenzhen.aliyuncs.com', 'none'],
  ['cn-shenzhen.oss.aliyuncs.com', 'none'],
  ['fhnfile.cn-shenzhen.oss.aliyuncs.com', 'none'],
  ['lixian.115.com', 'none'],
  ['clouddownload.115.com', 'none'],
  ['captchaapi.115.com', 'none'],
  ['thumb.115.com', 'none'],
  ['thumbapi.115.com', 'none'],
  ['imgjump.115.com', 'none'],
])

const WEB_PREFIX_HOSTS = ['115cdn.com', '115vod.com']
const WEB_PREFIX = '/webapi'

/** Null for a host that is not 115's. */
export function familyOf(host: string): HostFamily | null {
  return FAMILIES.get(host) ?? null
}

/** The path as its family knows it; two hosts serve the web API under a prefix. Null when the prefix is missing. */
export function familyPath(host: string, path: string): string | null {
  if (!WEB_PREFIX_HOSTS.includes(host)) return path
  return path.startsWith(`${WEB_PREFIX}/`) ? path.slice(WEB_PREFIX.length) : null
}

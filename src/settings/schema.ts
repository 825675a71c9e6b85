import type { SettingSpec } from './setting-spec.ts'

const textTypes =
  'txt,htm,html,xml,java,properties,sql,js,md,json,conf,ini,vue,php,py,bat,gitignore,yml,go,sh,c,cpp,h,hpp,' +
  'tsx,vtt,srt,ass,rs,lrc,strm'

const none = { zh: '', en: '' }

const single = [
  {
    key: 'token',
    group: 'single',
    visibility: 'private',
    type: 'string',
    default: '',
    secret: true,
    help: {
      zh: '管理员静态令牌，也是下载签名的密钥；更换后已有签名全部失效',
      en: 'Static token of the admin, and the key of signed links: changing it ends every link given out',
    },
  },
] as const satisfies readonly SettingSpec[]

const site = [
  // What clients compare versions with: the generation of AList's API we speak, not our own version.
  { key: 'version', group: 'site', visibility: 'readonly', type: 'string', default: 'v3.45.0', help: none },
  { key: 'site_title', group: 'site', visibility: 'public', type: 'string', default: 'panport', help: none },
  { key: 'announcement', group: 'site', visibility: 'public', type: 'text', default: '', help: none },
  {
    key: 'site_url',
    group: 'site',
    visibility: 'private',
    type: 'string',
    default: '',
    help: {
      zh: '对外地址，如 https://pan.example.com；留空则按请求推断',
      en: 'Address others reach this site at, e.g. https://pan.example.com; empty: taken from each request',
    },
  },
  {
    key: 'trusted_proxies',
    group: 'site',
    visibility: 'private',
    type: 'string',
    default: '127.0.0.0/8,::1/128',
    help: {
      zh: '可信的反向代理网段，逗号分隔；只有它们转发的客户端地址才算数',
      en: 'Networks of trusted reverse proxies, comma separated: only they may say who the client is',
    },
  },
  {
    key: 'pagination_type',
    group: 'site',
    visibility: 'public',
    type: 'select',
    default: 'all',
    choices: ['all', 'pagination', 'load_more', 'auto_load_more'],
    help: none,
  },
  {
    key: 'default_page_size',
    group: 'site',
    visibility: 'public',
    type: 'number',
    default: 30,
    min: 1,
    help: none,
  },
  { key: 'allow_indexed', group: 'site', visibility: 'public', type: 'bool', default: false, help: none },
  { key: 'allow_mounted', group: 'site', visibility: 'public', type: 'bool', default: true, help: none },
  {
    key: 'robots_txt',
    group: 'site',
    visibility: 'public',
    type: 'text',
    default: 'User-agent: *\nAllow: /',
    help: none,
  },
] as const satisfies readonly SettingSpec[]

const style = [
  // Both are paths of the site itself: nothing is fetched from a host the owner did not choose.
  { key: 'logo', group: 'style', visibility: 'public', type: 'text', default: '/favicon.svg', help: none },
  {
    key: 'favicon',
    group: 'style',
    visibility: 'public',
    type: 'string',
    default: '/favicon.svg',
    help: none,
  },
  { key: 'main_color', group: 'style', visibility: 'public', type: 'string', default: '#1890ff', help: none },
  { key: 'home_icon', group: 'style', visibility: 'public', type: 'string', default: '🏠', help: none },
  { key: 'share_icon', group: 'style', visibility: 'public', type: 'string', default: '🎁', help: none },
  {
    key: 'home_container',
    group: 'style',
    visibility: 'public',
    type: 'select',
    default: 'max_980px',
    choices: ['max_980px', 'hope_container'],
    help: none,
  },
  {
    key: 'settings_layout',
    group: 'style',
    visibility: 'public',
    type: 'select',
    default: 'list',
    choices: ['list', 'responsive'],
    help: none,
  },
  {
    key: 'show_disk_usage_in_plain_text',
    group: 'style',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
] as const satisfies readonly SettingSpec[]

const preview = [
  {
    key: 'text_types',
    group: 'preview',
    visibility: 'private',
    type: 'text',
    default: textTypes,
    help: none,
  },
  {
    key: 'audio_types',
    group: 'preview',
    visibility: 'private',
    type: 'text',
    default: 'mp3,flac,ogg,m4a,wav,opus,wma',
    help: none,
  },
  {
    key: 'video_types',
    group: 'preview',
    visibility: 'private',
    type: 'text',
    default: 'mp4,mkv,avi,mov,rmvb,webm,flv,m3u8',
    help: none,
  },
  {
    key: 'image_types',
    group: 'preview',
    visibility: 'private',
    type: 'text',
    default: 'jpg,tiff,jpeg,png,gif,bmp,svg,ico,swf,webp',
    help: none,
  },
  {
    key: 'proxy_types',
    group: 'preview',
    visibility: 'private',
    type: 'text',
    default: 'm3u8,url',
    help: { zh: '这些扩展名总是经本机代理', en: 'Files of these extensions always pass through the gateway' },
  },
  {
    key: 'proxy_ignore_headers',
    group: 'preview',
    visibility: 'private',
    type: 'text',
    default: 'authorization,referer',
    help: none,
  },
  {
    key: 'external_previews',
    group: 'preview',
    visibility: 'public',
    type: 'text',
    default: '{}',
    format: 'json',
    help: none,
  },
  {
    key: 'iframe_previews',
    group: 'preview',
    visibility: 'public',
    type: 'text',
    default: '{}',
    format: 'json',
    help: none,
  },
  { key: 'audio_cover', group: 'preview', visibility: 'public', type: 'string', default: '', help: none },
  { key: 'audio_autoplay', group: 'preview', visibility: 'public', type: 'bool', default: true, help: none },
  { key: 'video_autoplay', group: 'preview', visibility: 'public', type: 'bool', default: true, help: none },
  {
    key: 'preview_archives_by_default',
    group: 'preview',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
  {
    key: 'preview_download_by_default',
    group: 'preview',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
  {
    key: 'readme_autorender',
    group: 'preview',
    visibility: 'public',
    type: 'bool',
    default: true,
    help: none,
  },
  {
    key: 'filter_readme_scripts',
    group: 'preview',
    visibility: 'public',
    type: 'bool',
    default: true,
    help: none,
  },
] as const satisfies readonly SettingSpec[]

const global = [
  {
    key: 'hide_files',
    group: 'global',
    visibility: 'public',
    type: 'text',
    default: '/\\/README.md/i',
    help: none,
  },
  { key: 'package_download', group: 'global', visibility: 'public', type: 'bool', default: true, help: none },
  {
    key: 'link_expiration',
    group: 'global',
    visibility: 'private',
    type: 'number',
    default: 0,
    min: 0,
    help: { zh: '签名链接的有效小时数，0 表示永久', en: 'Hours a signed link lives; 0: for ever' },
  },
  {
    key: 'sign_all',
    group: 'global',
    visibility: 'private',
    type: 'bool',
    default: true,
    help: { zh: '所有下载链接都需要签名', en: 'Every download link needs a signature' },
  },
  {
    key: 'filename_char_mapping',
    group: 'global',
    visibility: 'public',
    type: 'text',
    default: '{"/": "|"}',
    format: 'json',
    help: none,
  },
  {
    key: 'forward_direct_link_params',
    group: 'global',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
  {
    key: 'ignore_direct_link_params',
    group: 'global',
    visibility: 'public',
    type: 'string',
    default: 'sign,alist_ts,openlist_ts,raw',
    help: none,
  },
  {
    key: 'webauthn_login_enabled',
    group: 'global',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
] as const satisfies readonly SettingSpec[]

const others = [
  {
    key: 'search_index',
    group: 'index',
    visibility: 'public',
    type: 'select',
    default: 'none',
    choices: ['none'],
    help: none,
  },
  {
    key: 'auto_update_index',
    group: 'index',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
  { key: 'sso_login_enabled', group: 'sso', visibility: 'public', type: 'bool', default: false, help: none },
  { key: 'sso_login_platform', group: 'sso', visibility: 'public', type: 'string', default: '', help: none },
  {
    key: 'sso_compatibility_mode',
    group: 'sso',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
  {
    key: 'ldap_login_enabled',
    group: 'ldap',
    visibility: 'public',
    type: 'bool',
    default: false,
    help: none,
  },
  { key: 'ldap_login_tips', group: 'ldap', visibility: 'public', type: 'string', default: '', help: none },
  // A capability we do not have yet: front ends ask here before they send parts.
  {
    key: 'multipart_enabled',
    group: 'traffic',
    visibility: 'readonly',
    type: 'bool',
    default: false,
    help: none,
  },
] as const satisfies readonly SettingSpec[]

/** Every setting there is, in the order administrators see them. */
export const settingSchema = [...single, ...site, ...style, ...preview, ...global, ...others] as const

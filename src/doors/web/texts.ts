import type { Bilingual } from '../../core/options.ts'

/** Every sentence of the page. Plain text: the page escapes it. */
export const texts = {
  tagline: {
    zh: '115 网盘的自建网关：WebDAV、直链与串流',
    en: 'Your own gateway to the 115 cloud drive: WebDAV, direct links and streaming',
  },
  addresses: { zh: '地址', en: 'Addresses' },
  dav: { zh: 'WebDAV', en: 'WebDAV' },
  davHelp: {
    zh: '填到播放器、文件管理器或 rclone 里，用本站的账号和密码登录',
    en: 'For players, file managers and rclone; sign in with an account of this site',
  },
  api: { zh: 'AList 兼容 API', en: 'AList-compatible API' },
  apiHelp: {
    zh: '填到支持 AList / OpenList 的工具里，填本站地址即可',
    en: 'For tools that speak to AList or OpenList: give them the address of this site',
  },
  mounts: { zh: '已挂载', en: 'Mounted' },
  noMounts: { zh: '还没有挂载任何存储', en: 'Nothing is mounted yet' },
  seeMounts: { zh: '登录后查看已挂载的存储', en: 'Sign in to see what is mounted' },
  works: { zh: '正常', en: 'works' },
  starting: { zh: '启动中', en: 'starting' },
  failed: { zh: '不可用', en: 'not available' },
  next: { zh: '接下来', en: 'Next steps' },
  stepPlay: {
    zh: '在 Infuse、Kodi、Emby、PotPlayer 等播放器中添加 WebDAV，填写上面的地址',
    en: 'Add WebDAV with the address above in Infuse, Kodi, Emby, PotPlayer or another player',
  },
  stepMount: {
    zh: '用 rclone 挂载为本地文件夹：类型选 webdav，vendor 选 nextcloud，还能校验 SHA-1',
    en: 'Mount as a local folder with rclone: type webdav, vendor nextcloud also verifies SHA-1',
  },
  stepManage: {
    zh: '添加或修改存储：使用命令 panport storage，或调用 /api/admin/storage',
    en: 'Add or change storages with the command panport storage, or through /api/admin/storage',
  },
  version: { zh: '版本', en: 'Version' },
} satisfies Record<string, Bilingual>

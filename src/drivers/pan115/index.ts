import type { DriverDefinition } from '../../core/driver-definition.ts'
import { StorageError } from '../../core/errors.ts'
import type { OptionSchema } from '../../core/options.ts'
import type { Pan115Env } from '../../upstream/pan115/env.ts'
import { maxPageSize } from '../../upstream/pan115/files.ts'
import { Pan115Driver } from './driver.ts'

/** Requests per second that 115 has been seen to bear. */
const defaultRate = 2

const options = [
  {
    name: 'cookie',
    type: 'text',
    default: '',
    secret: true,
    help: {
      zh: '115 的 Cookie，任何形式都可以：整行请求头、k=v 列表、浏览器导出的 JSON。需要 UID、CID、SEID、KID。用「扫码登录」会自动填写。',
      en: 'The cookie of 115 in any form: a header line, k=v pairs, the JSON a browser exports. Needs UID, CID, SEID and KID. Scanning the QR code fills it in.',
    },
  },
  {
    name: 'qrcode_token',
    type: 'string',
    default: '',
    secret: true,
    help: {
      zh: '扫码得到的令牌。Cookie 为空时用它换取一次 Cookie，然后清空。',
      en: 'The token of a scanned QR code. While the cookie is empty it is exchanged for one, once, and then cleared.',
    },
  },
  {
    name: 'qrcode_source',
    type: 'select',
    default: 'alipaymini',
    choices: [
      'web',
      'android',
      'ios',
      'tv',
      'alipaymini',
      'wechatmini',
      'qandroid',
      '115android',
      '115ios',
      '115ipad',
      'ipad',
      'apple_tv',
      'qios',
      'qipad',
      'os_windows',
      'os_mac',
      'os_linux',
      'harmony',
      'windows',
      'mac',
      'linux',
    ],
    help: {
      zh: '令牌登录为哪种设备；同种设备上已有的登录会被顶替。不建议 web、android、ios（会顶替日常使用的客户端，web 可能无法播放）。windows、mac、linux 已被 115 下架。',
      en: 'As which device the token logs in; an older login of the same device is replaced. web, android and ios are not recommended: they replace the client you use every day, and web may be unable to play. windows, mac and linux were withdrawn by 115.',
    },
  },
  {
    name: 'page_size',
    type: 'number',
    default: maxPageSize,
    min: 1,
    max: maxPageSize,
    integer: true,
    help: {
      zh: '每次请求列出的条目数，最多 1150。越大，请求越少。',
      en: 'Entries per listing request, at most 1150. The larger, the fewer requests.',
    },
  },
  {
    name: 'limit_rate',
    type: 'number',
    default: defaultRate,
    min: 0,
    max: 100,
    help: {
      zh: '每秒最多向 115 发出的请求数，同一账号的所有挂载共用。0 表示默认值 2。',
      en: 'Requests per second to 115 at most, shared by all mounts of the account. 0 means the default, 2.',
    },
  },
  {
    name: 'root_folder_id',
    type: 'string',
    default: '0',
    required: true,
    help: {
      zh: '挂载的文件夹的 cid，0 是整个网盘。cid 在 115 网页版的地址栏里。',
      en: "The cid of the folder to mount, 0 for the whole drive. The cid stands in the address bar of 115's web page.",
    },
  },
] as const satisfies OptionSchema

/** 115 网盘 by cookie, as AList's driver of that name. */
export const pan115Driver: DriverDefinition<typeof options, Pan115Env> = {
  name: '115 Cloud',
  options,
  rootOption: 'root_folder_id',
  mustProxy: false,
  create: (values, env) =>
    new Pan115Driver(
      {
        cookie: values.cookie,
        qrcodeToken: values.qrcode_token,
        qrcodeSource: values.qrcode_source,
        ratePerSecond: values.limit_rate || defaultRate,
        rootId: parseRootId(values.root_folder_id),
        pageSize: values.page_size,
      },
      env,
    ),
}

function parseRootId(text: string): string {
  if (/^\d{1,20}$/.test(text)) return text.replace(/^0+(?=\d)/, '')
  const words = `Option "root_folder_id" is "${text.slice(0, 40)}" and must be the digits of a cid`
  throw new StorageError('InvalidInput', words, { advice: 'check-folder-id' })
}

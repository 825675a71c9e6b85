import type { Answer } from '../../server/answer.ts'
import type { Session } from '../../state/accounts.ts'
import { measure } from '../../state/listing.ts'
import { describeDevice, livingDevices } from './login.ts'
import { json } from './reply.ts'
import type { Call, Route } from './route.ts'

const APP_VERSION = '35.6.0.3'
const VERSION_TIME = 1_760_000_000
const GIBIBYTE = 1024 ** 3

/** Who the account is, how much room it has, and which client versions 115 wants. */
export function userRoutes(): readonly Route[] {
  const info = { class: 'info', params: [] } as const
  return [
    {
      ...info,
      family: 'my',
      path: '/',
      select: { ct: 'ajax', ac: 'nav' },
      dialect: 'web',
      guarded: describeUser,
    },
    {
      ...info,
      family: 'web',
      path: '/files/index_info',
      params: ['count_space_nums'],
      dialect: 'web',
      guarded: describeSpace,
    },
    {
      ...info,
      family: 'app',
      path: '/:app/2.0/user/upload_key',
      params: ['app_id'],
      dialect: 'app',
      guarded: tellUploadKey,
    },
    { ...info, family: 'app', path: '/:app/uploadinfo', dialect: 'app', guarded: describeUpload },
    { ...info, family: 'web', path: '/files/uploadinfo', dialect: 'web', guarded: describeUpload },
    ...versionRoutes(),
  ]
}

function versionRoutes(): Route[] {
  const version = { family: 'version', class: 'other', dialect: 'web', params: [] } as const
  return [
    { ...version, path: '/1/web/1.0/api/chrome', open: listChromeVersions },
    { ...version, path: '/1.0/web/1.0/api/chrome', open: listChromeVersions },
    { ...version, path: '/1/web/1.0/api/getMultiVer', open: listAllVersions },
  ]
}

function describeUser(_: Call, { account }: Session): Answer {
  const expire = VERSION_TIME + 10 * 365 * 86400
  return json({
    state: true,
    data: {
      device: 6,
      rank: 50,
      liang: 0,
      mark: 0,
      mark1: 0,
      vip: account.isVip ? 1 : 0,
      expire,
      global: 0,
      forever: 0,
      is_privilege: account.isVip,
      privilege: { start: VERSION_TIME, expire, state: account.isVip, mark: '8' },
      user_name: account.name,
      face: 'https://avatars.115.com/face_l.jpg',
      user_id: Number(account.userId),
    },
  })
}

async function describeSpace(_: Call, session: Session): Promise<Answer> {
  const total = session.account.spaceBytes
  const { bytes: used } = await measure(session.account.tree.root)
  return json({
    state: true,
    error: '',
    code: 0,
    data: {
      space_info: {
        all_total: describeSize(total),
        all_remain: describeSize(Math.max(0, total - used)),
        all_use: describeSize(used),
      },
      login_devices_info: { last: describeDevice(session, session), list: livingDevices(session) },
      imei_info: false,
    },
  })
}

function describeSize(bytes: number): object {
  return { size: bytes, size_format: `${(bytes / GIBIBYTE).toFixed(2)}GB` }
}

function tellUploadKey(_: Call, { account }: Session): Answer {
  return json({ state: true, error: '', errno: 0, data: { userkey: account.userKey } })
}

function describeUpload(_: Call, { account }: Session): Answer {
  return json({
    uploadinfo: '',
    user_id: Number(account.userId),
    app_version: 0,
    app_id: 0,
    userkey: account.userKey,
    url_upload: 'http://uplb.115.com/2.0/upload.php',
    url_resume: 'http://uplb.115.com/2.0/resume.php',
    url_cancel: 'http://uplb.115.com/2.0/cancel.php',
    url_speed: 'http://uplb.115.com/2.0/bigupload',
    url_speed_test: { '1': 'http://uplb.115.com/ST', '2': 'http://uplb.115.com/ST' },
    size_limit: 123_480_309_760,
    size_limit_yun: 209_715_200,
    max_dir_level: 25,
    max_dir_level_yun: 25,
    max_file_num: 50_000,
    max_file_num_yun: 10_000,
    upload_allowed: true,
    upload_allowed_msg: '',
    type_limit: [
      'doc',
      'docx',
      'xls',
      'xlsx',
      'ppt',
      'pptx',
      'pdf',
      'txt',
      'jpg',
      'png',
      'mp4',
      'mkv',
      'mp3',
    ],
    file_range: { '2': '0-67108864', '1': '67108864-0' },
    isp_type: 0,
    state: true,
    error: '',
    errno: 0,
  })
}

function listChromeVersions(): Answer {
  const names = ['win', 'mac', 'mac_arc', 'linux', 'android', 'ios']
  const data = Object.fromEntries(names.map((name) => [name, describeVersion()]))
  return json({ state: true, err_code: 0, error: '', data })
}

function listAllVersions(): Answer {
  const names = ['PC-115chrome', 'MAC-115chrome', 'Android', 'Android-tv', '115wangpan_android']
  const data = Object.fromEntries(names.map((name, i) => [name, { app_os: i + 1, ...describeVersion() }]))
  return json({ state: true, err_code: 0, error: '', data })
}

function describeVersion(): object {
  return { version_code: APP_VERSION, created_time: VERSION_TIME, version_url: 'https://115.com/' }
}

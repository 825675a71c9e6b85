import type { SignProblem } from '../../auth/signer.ts'
import type { Advice, ErrorKind } from '../../core/errors.ts'
import type { Bilingual } from '../../core/options.ts'

interface Answer extends Bilingual {
  readonly status: number
}

/** What a failed download is called, by kind. */
export const answerOf = {
  NotFound: { status: 404, zh: '找不到这个文件', en: 'File not found' },
  AlreadyExists: { status: 409, zh: '名称已被占用', en: 'The name is taken' },
  NotADirectory: {
    status: 404,
    zh: '找不到这个文件：路径中间是一个文件',
    en: 'File not found: its path leads through a file',
  },
  IsADirectory: { status: 400, zh: '这是文件夹，不能下载', en: 'This is a folder and cannot be downloaded' },
  InvalidName: { status: 400, zh: '路径无效', en: 'Invalid path' },
  InvalidInput: { status: 400, zh: '请求无效', en: 'Invalid request' },
  RangeNotSatisfiable: { status: 416, zh: '请求的范围超出文件', en: 'The range lies outside the file' },
  Unsupported: { status: 501, zh: '这个存储不支持此操作', en: 'This storage cannot do that' },
  PermissionDenied: { status: 403, zh: '没有权限', en: 'Permission denied' },
  AuthExpired: { status: 502, zh: '网盘登录已失效', en: 'The login at the cloud has expired' },
  VerificationRequired: { status: 502, zh: '网盘要求人工验证', en: 'The cloud asks for a verification' },
  QuotaExceeded: { status: 507, zh: '网盘空间或流量已用完', en: 'Space or traffic at the cloud is used up' },
  Conflict: { status: 409, zh: '文件刚刚发生了变化', en: 'The file has just changed' },
  RateLimited: { status: 503, zh: '网盘要求放慢请求', en: 'The cloud asks to slow down' },
  Unavailable: { status: 503, zh: '暂时连不上网盘', en: 'The cloud cannot be reached at the moment' },
  Protocol: { status: 502, zh: '网盘的回答无法理解', en: 'The answer of the cloud cannot be understood' },
  Cancelled: { status: 503, zh: '请求已取消', en: 'The request was cancelled' },
  Internal: { status: 500, zh: '内部错误', en: 'Internal error' },
} as const satisfies Record<ErrorKind, Answer>

/** What the person can do about it. */
export const adviceWords = {
  'log-in-again': { zh: '请在存储设置里重新登录', en: 'Log in again in the storage settings' },
  'scan-with-app-client': {
    zh: '请换用 App 类设备（如支付宝小程序）扫码登录：网页端的登录不能下载',
    en: 'Log in by QR code as an app client (such as Alipay mini): web logins cannot download',
  },
  'choose-other-client': { zh: '请换一种登录设备', en: 'Choose another device type for the login' },
  'check-folder-id': { zh: '请检查根文件夹 ID', en: 'Check the root folder ID' },
  wait: { zh: '请稍后再试', en: 'Try again later' },
  'verify-account': { zh: '请到网盘官方应用完成验证', en: 'Complete the verification in the official app' },
  report: { zh: '请报告此问题', en: 'Please report this' },
  'check-network': { zh: '请检查网络', en: 'Check the network' },
} as const satisfies Record<Advice, Bilingual>

/** Refusals of this door itself. */
export const refusals = {
  method: { status: 405, zh: '不支持的请求方法', en: 'Method not allowed' },
  // Spelt as AList spells it.
  proxy: { status: 403, zh: 'proxy not allowed', en: 'proxy not allowed' },
} as const satisfies Record<string, Answer>

/** Spelt as AList spells them, in every language: tools look for these words. */
export const signWords = {
  'expire-missing': 'expire missing',
  'expire-invalid': 'expire invalid',
  'sign-expired': 'sign expired',
  'sign-invalid': 'sign invalid',
} as const satisfies Record<SignProblem, string>

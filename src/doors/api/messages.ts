import type { Check, Notice } from '../../core/driver.ts'
import type { Advice, ErrorKind, StorageError } from '../../core/errors.ts'
import type { Bilingual } from '../../core/options.ts'
import type { Language } from '../../lib/language.ts'
import { publicText } from '../../lib/public-text.ts'

/** What each kind of failure means to a person. */
const kindTexts = {
  NotFound: { zh: '找不到该文件或文件夹', en: 'Nothing is there' },
  AlreadyExists: { zh: '同名项目已存在', en: 'The name is taken' },
  NotADirectory: { zh: '这是一个文件，不是文件夹', en: 'It is a file, not a folder' },
  IsADirectory: { zh: '这是一个文件夹，不是文件', en: 'It is a folder, not a file' },
  InvalidName: { zh: '名称或路径无效', en: 'The name or path is not valid' },
  InvalidInput: { zh: '填写的内容有误', en: 'Something entered is not right' },
  RangeNotSatisfiable: { zh: '请求的范围超出文件大小', en: 'The asked range lies outside the file' },
  Unsupported: { zh: '该存储不支持此操作', en: 'This storage cannot do that' },
  PermissionDenied: { zh: '没有权限，或被网盘拒绝', en: 'Not allowed, or refused by the cloud' },
  AuthExpired: { zh: '网盘登录已失效', en: 'The cloud no longer accepts the login' },
  VerificationRequired: { zh: '网盘要求验证账号', en: 'The cloud wants the account verified' },
  QuotaExceeded: { zh: '空间或流量已用完', en: 'Space or traffic is used up' },
  Conflict: { zh: '与现有状态冲突', en: 'It conflicts with how things are now' },
  RateLimited: { zh: '请求过于频繁，已被网盘限制', en: 'Too many requests, the cloud holds us back' },
  Unavailable: { zh: '暂时连不上网盘', en: 'The cloud cannot be reached at the moment' },
  Protocol: { zh: '网盘的回应无法识别', en: 'The cloud answered in a way we do not understand' },
  Cancelled: { zh: '操作已取消', en: 'Cancelled' },
  Internal: { zh: '程序内部错误', en: 'Something went wrong inside panport' },
} satisfies Record<ErrorKind, Bilingual>

/** The next step for each advice. */
const adviceTexts = {
  'log-in-again': {
    zh: '请在存储设置中重新扫码登录，或粘贴新的 Cookie',
    en: 'Log in again in the storage settings: scan the QR code or paste a new cookie',
  },
  'scan-with-app-client': {
    zh: '请改用手机端类型的设备（如微信小程序、支付宝小程序、电视）扫码登录：网页端的登录不能下载',
    en: 'Log in by QR code as an app client (such as WeChat mini, Alipay mini or TV): web logins cannot download',
  },
  'choose-other-client': {
    zh: '该客户端已被网盘下架，请换一种设备重新扫码登录',
    en: 'The cloud has withdrawn this client: choose another device and scan again',
  },
  'check-folder-id': {
    zh: '请检查根文件夹 ID：在网页版打开该文件夹，地址栏中 cid= 后面的数字就是它',
    en: 'Check the root folder id: open the folder in the web version, it is the number after cid= in the address',
  },
  wait: {
    zh: '请稍后再试，期间不要反复刷新',
    en: 'Wait a while and try again; refreshing over and over makes it longer',
  },
  'verify-account': {
    zh: '请在网盘官方客户端或网页中完成验证，然后重试',
    en: "Complete the check in the cloud's own app or web page, then try again",
  },
  report: {
    zh: '请查看日志并反馈此问题',
    en: 'Look at the log and report this problem',
  },
  'check-network': {
    zh: '请检查本机的网络、DNS 和代理设置',
    en: 'Check the network, DNS and proxy settings of this machine',
  },
} satisfies Record<Advice, Bilingual>

const checkTexts = {
  list: { zh: '浏览文件', en: 'Browse files' },
  link: { zh: '播放与下载', en: 'Play and download' },
  upload: { zh: '上传', en: 'Upload' },
} satisfies Record<Check['of'], Bilingual>

const outcomeTexts = {
  works: { zh: '可用', en: 'works' },
  failed: { zh: '不可用', en: 'does not work' },
  untried: { zh: '未能测试（没有可供测试的文件）', en: 'not tried (nothing there to try it on)' },
} satisfies Record<string, Bilingual>

const noticeTexts = {
  'replaces-session': {
    zh: (detail: string) => `此次登录会顶替设备「${detail}」上原有的登录`,
    en: (detail: string) => `This login replaces the present session of "${detail}"`,
  },
  'client-not-recommended': {
    zh: (detail: string) => `不推荐使用「${detail}」：会影响您平时使用该客户端，或功能受限`,
    en: (detail: string) =>
      `"${detail}" is not recommended: it disturbs your own use of that client or can do less`,
  },
  'missing-kid': {
    zh: () => 'Cookie 中没有 KID：部分操作可能失败，建议重新扫码获取完整的 Cookie',
    en: () => 'The cookie has no KID: some actions may fail, better scan again for a complete one',
  },
} satisfies Record<Notice['code'], Record<Language, (detail: string) => string>>

/** What the failure means and what to do next, as one text. */
export function adviseOn(error: StorageError, language: Language): string {
  const meaning = kindTexts[error.kind][language]
  if (!error.advice) return meaning
  const next = adviceTexts[error.advice][language]
  return language === 'zh' ? `${meaning}。${next}` : `${meaning}. ${next}`
}

/** Our words, then the cloud's own when it said something else; without links and tokens in them. */
export function describe(error: StorageError): string {
  const { message = '', code = '' } = error.upstream ?? {}
  const facts = [message, code].filter((fact) => fact !== '' && !error.message.includes(fact))
  return publicText(facts.length === 0 ? error.message : `${error.message} (${facts.join(', ')})`)
}

/** The whole story for a person: what failed, what the cloud said, what it means, what to do. */
export function explain(error: StorageError, language: Language): string {
  const advice = adviseOn(error, language)
  return language === 'zh' ? `${describe(error)}。${advice}` : `${describe(error)}. ${advice}`
}

export function describeCheck(check: Check, language: Language): string {
  const what = checkTexts[check.of][language]
  const colon = language === 'zh' ? '：' : ': '
  if (check.error === undefined) return `${what}${colon}${outcomeTexts.untried[language]}`
  if (check.error === null) return `${what}${colon}${outcomeTexts.works[language]}`
  const comma = language === 'zh' ? '，' : ', '
  return `${what}${colon}${outcomeTexts.failed[language]}${comma}${explain(check.error, language)}`
}

export function describeNotice(notice: Notice, language: Language): string {
  return noticeTexts[notice.code][language](notice.detail)
}

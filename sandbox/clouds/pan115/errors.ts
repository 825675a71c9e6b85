/**
 * A no in 115's own words. The route's dialect decides how it is written; HTTP stays 200.
 */
export class Refusal extends Error {
  readonly code: number
  /** Further fields of the reply. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: number, text: string = textOfCode(code), extra: Readonly<Record<string, unknown>> = {}) {
    super(text)
    this.name = 'Refusal'
    this.code = code
    this.extra = extra
  }
}

/** Something the emulator does not do; it says so loudly instead of guessing. */
export class NotEmulated extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'NotEmulated'
  }
}

// Texts are the server's own. Evidence: read-from-client (115driver error.go, elevengo errors, p115client), 2026-10.
const TEXTS: ReadonlyMap<number, string> = new Map([
  [99, '请重新登录'],
  [911, '请验证账号'],
  [1001, '参数错误'],
  [20009, '父目录不存在。'],
  [20018, '文件不存在或已删除。'],
  [50001, '提取码不能为空。'],
  [50003, '很抱歉，该文件提取码不存在。'],
  [50028, '文件大小超出限制，请使用115电脑端下载'],
  [50038, '下载失败，含违规内容'],
  [70004, '文件上传不完整'],
  [70005, '文件不存在或已删除'],
  [231011, '文件已删除，请勿重复操作'],
  [590075, '操作太频繁，请稍候再试'],
  [980006, '404 Not Found'],
  [990001, '登陆超时，请重新登陆。'],
  [990002, '参数错误'],
  [990003, '操作失败。'],
  [20130827, '不支持的排序方式'],
  [40100000, '参数错误！'],
  [40101004, 'IP登录异常,请稍候再登录！'],
  [40101017, '用户验证失败！'],
  [40101032, '请重新登录'],
  [40101035, '您的账号已在设备管理中退出'],
  [40199002, '二维码已失效'],
])

/** The server's text for a code; a general refusal for a code it has no text for. */
export function textOfCode(code: number): string {
  return TEXTS.get(code) ?? '操作失败。'
}

/** What every login of a withdrawn client gets; its `errno` and `code` are 0. Evidence: documented (OpenList-Docs). */
export const DELISTED_TEXT =
  '登录失败，系统已下架！如果你有电脑端的使用需求，我们诚挚邀请你下载体验115产品专属客户端“115浏览器”或在线使用“115网页端(115.com)”，畅享智能高效云生活。'

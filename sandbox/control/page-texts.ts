/** The words of the control page. */
export interface PageTexts {
  readonly lang: string
  readonly title: string
  readonly intro: string
  readonly codes: string
  readonly noCodes: string
  readonly accounts: string
  readonly copyCookie: string
  readonly faults: string
  readonly noFaults: string
  readonly set: string
  readonly remove: string
  readonly clear: string
  readonly log: string
  readonly counts: string
  readonly advance: string
  readonly states: Readonly<Record<string, string>>
  readonly actions: Readonly<Record<string, string>>
  /** Faults that a person can set with one press, by name. */
  readonly presets: Readonly<Record<string, string>>
}

/** Chinese unless the browser prefers English. */
export function pageTexts(acceptLanguage: string): PageTexts {
  const first = acceptLanguage.split(',').find((each) => /^\s*(zh|en)/i.test(each))
  return first && /^\s*en/i.test(first) ? english() : chinese()
}

function chinese(): PageTexts {
  return {
    lang: 'zh-CN',
    title: '115 模拟服务',
    intro: '这里没有真的 115：本页就是手机、就是网络故障，也是请求记录。',
    codes: '待扫描的二维码',
    noCodes: '现在没有等待扫描的二维码。',
    accounts: '账号',
    copyCookie: '复制 Cookie',
    faults: '故障',
    noFaults: '没有打开的故障。',
    set: '打开',
    remove: '关闭',
    clear: '全部关闭',
    log: '请求记录',
    counts: '请求计数',
    advance: '时间快进 10 分钟',
    states: { waiting: '等待扫描', scanned: '已扫描，等待确认' },
    actions: { scan: '扫描', confirm: '确认登录', cancel: '取消', expire: '使其过期' },
    presets: {
      'waf.page': '风控页面（405）',
      slow: '每次回答慢 3 秒',
      'http 500': '服务器错误（500）',
      html: '以网页代替 JSON',
      'soft 990001': '登录超时（990001）',
      'soft 590075': '操作太频繁（590075）',
      'link.none': '没有下载链接',
      'cdn.status 403': '下载被拒（403）',
    },
  }
}

function english(): PageTexts {
  return {
    lang: 'en',
    title: 'Sandbox of 115',
    intro: 'There is no real 115 here: this page is the phone, the broken network and the request log.',
    codes: 'QR codes to scan',
    noCodes: 'No QR code is waiting.',
    accounts: 'Accounts',
    copyCookie: 'Copy cookie',
    faults: 'Faults',
    noFaults: 'No fault is on.',
    set: 'Set',
    remove: 'Remove',
    clear: 'Remove all',
    log: 'Requests',
    counts: 'Counts',
    advance: 'Ten minutes later',
    states: { waiting: 'waiting for a scan', scanned: 'scanned, waiting for the confirmation' },
    actions: { scan: 'Scan', confirm: 'Confirm', cancel: 'Cancel', expire: 'Let it expire' },
    presets: {
      'waf.page': 'Firewall page (405)',
      slow: 'Every answer 3 s late',
      'http 500': 'Server error (500)',
      html: 'A page instead of JSON',
      'soft 990001': 'Login timed out (990001)',
      'soft 590075': 'Too many operations (590075)',
      'link.none': 'No download link',
      'cdn.status 403': 'Download refused (403)',
    },
  }
}

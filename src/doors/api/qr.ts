import * as z from 'zod'
import type { Bilingual } from '../../core/options.ts'
import type { QrApp } from '../../core/qr-login.ts'
import type { Language } from '../../lib/language.ts'
import { qrSvg } from '../../lib/qr-image.ts'
import type { QrAppData, QrStartData, QrStateData } from './contract.ts'
import { ApiError } from './errors.ts'
import { parseInput, text } from './input.ts'
import { explain } from './messages.ts'
import { formatTime } from './objects.ts'
import type { QrLogins, QrProgress } from './qr-logins.ts'
import type { Call, Route } from './route.ts'

const startInput = z.object({ app: text })
const stateInput = z.object({ id: text })

/** Logging in to 115 from the storage form by scanning a code. The cookie never reaches the browser. */
export function qrRoutes(logins: QrLogins): readonly Route[] {
  const admin = { access: 'admin' } as const

  async function start(call: Call): Promise<QrStartData> {
    const wanted = parseInput(startInput, call.input).app
    const app = logins.apps.find(({ name }) => name === wanted)
    if (!app) throw new ApiError(400, `unknown device "${wanted.slice(0, 40)}"`)
    const started = await logins.start(app, call.ctx)
    return {
      id: started.id,
      text: started.text,
      svg: qrSvg(started.text),
      expires_at: formatTime(new Date(started.expiresAtMs)),
      replaces: app.label[call.language],
      standing: app.standing,
    }
  }

  async function askState(call: Call): Promise<QrStateData> {
    const { id } = parseInput(stateInput, call.query)
    return describeProgress(await logins.progress(id, call.ctx), call.language)
  }

  return [
    {
      ...admin,
      method: 'GET',
      url: '/api/admin/qr/115/apps',
      answer: async ({ language }: Call) => logins.apps.map((app) => describeApp(app, language)),
    },
    { ...admin, method: 'POST', url: '/api/admin/qr/115/start', answer: start },
    { ...admin, method: 'GET', url: '/api/admin/qr/115/state', answer: askState },
  ]
}

function describeApp({ name, slot, label, standing }: QrApp, language: Language): QrAppData {
  return { name, slot, label: label[language], standing }
}

const stateTexts = {
  waiting: { zh: '请用 115 手机客户端扫码', en: 'Scan the code with the 115 app' },
  scanned: { zh: '已扫码，请在手机上确认', en: 'Scanned, now confirm on the phone' },
  confirmed: { zh: '登录成功，请保存存储', en: 'Logged in, now save the storage' },
  expired: { zh: '二维码已过期，请刷新后重试', en: 'The code has expired, ask for a new one' },
  cancelled: { zh: '已在手机上取消', en: 'Cancelled on the phone' },
} satisfies Record<Exclude<QrProgress['state'], 'failed'>, Bilingual>

const spent: Bilingual = {
  zh: '本次登录已被使用或已超时，请重新扫码',
  en: 'This login was used already or waited too long, scan again',
}

function describeProgress(progress: QrProgress, language: Language): QrStateData {
  const { state } = progress
  if (state === 'failed') {
    return { state, message: explain(progress.error, language) }
  }
  const message = stateTexts[state][language]
  if (state !== 'confirmed') return { state, message }
  if (progress.handle === null) return { state, message: spent[language] }
  return { state, message: nameFirst(progress.userName, message, language), cookie: progress.handle }
}

function nameFirst(userName: string, message: string, language: Language): string {
  if (userName === '') return message
  return language === 'zh' ? `${userName}：${message}` : `${userName}: ${message}`
}

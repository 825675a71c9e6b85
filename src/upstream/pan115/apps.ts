import type { QrApp } from '../../core/qr-login.ts'

/** A client one can log in as, with what 115 wants to see for it. */
export interface Pan115App extends QrApp {
  /** The name in the address of the login. */
  readonly path: string
  /** Tells clients apart that share a path; null when the path decides alone. */
  readonly userAgent: string | null
}

type Row = readonly [
  name: string,
  slot: string,
  standing: QrApp['standing'],
  zh: string,
  en: string,
  through?: readonly [path: string, userAgent: string],
]

/*
 * Slots and products: docs/protocols/pan115.md, "device types". Logging in as web, android or ios ends the
 * session in the client that people use every day. A web login lists, but the app download interface refuses it.
 * windows, mac and linux were withdrawn by 115; they stay so that stored settings still have a name.
 */
const rows: readonly Row[] = [
  ['alipaymini', 'R2', 'advised', '支付宝小程序', 'Alipay mini program'],
  ['wechatmini', 'R1', 'advised', '微信小程序', 'WeChat mini program'],
  ['qandroid', 'M1', 'advised', '115管理（安卓）', '115 Management (Android)'],
  ['tv', 'I1', 'advised', '安卓电视端', 'Android TV'],
  ['apple_tv', 'I2', 'fine', '苹果电视端', 'Apple TV'],
  ['harmony', 'S1', 'fine', '鸿蒙端', 'HarmonyOS'],
  ['115android', 'F3', 'fine', '115（安卓）', '115 (Android)'],
  ['115ios', 'D3', 'fine', '115（苹果）', '115 (iPhone)'],
  ['115ipad', 'H3', 'fine', '115（iPad）', '115 (iPad)'],
  ['ipad', 'H1', 'fine', '115生活（iPad）', '115 Life (iPad)', ['ios', 'UPad/1.0.0']],
  ['qios', 'N1', 'fine', '115管理（苹果）', '115 Management (iPhone)', ['ios', 'OfficePhone/1.0.0']],
  ['qipad', 'O1', 'fine', '115管理（iPad）', '115 Management (iPad)', ['ios', 'OfficePad/1.0.0']],
  ['os_windows', 'P1', 'fine', '115生活（Windows）', '115 Life (Windows)'],
  ['os_mac', 'P2', 'fine', '115生活（macOS）', '115 Life (macOS)'],
  ['os_linux', 'P3', 'fine', '115生活（Linux）', '115 Life (Linux)'],
  ['web', 'A1', 'discouraged', '网页端、115浏览器', 'Web and 115 Browser'],
  ['android', 'F1', 'discouraged', '115生活（安卓）', '115 Life (Android)'],
  ['ios', 'D1', 'discouraged', '115生活（苹果）', '115 Life (iPhone)', ['ios', 'UPhone/1.0.0']],
  ['windows', 'P1', 'withdrawn', 'Windows（已下架）', 'Windows (withdrawn)'],
  ['mac', 'P2', 'withdrawn', 'macOS（已下架）', 'macOS (withdrawn)'],
  ['linux', 'P3', 'withdrawn', 'Linux（已下架）', 'Linux (withdrawn)'],
]

/** Every client that can be named in a login, the advised ones first. */
export const pan115Apps: readonly Pan115App[] = rows.map(([name, slot, standing, zh, en, through]) => ({
  name,
  slot,
  standing,
  label: { zh, en },
  path: through?.[0] ?? name,
  userAgent: through?.[1] ?? null,
}))

/** Null for a name that 115 does not know. */
export function findApp(name: string): Pan115App | null {
  return pan115Apps.find((app) => app.name === name) ?? null
}

/** The client that holds `slot` today; null for slots nobody can log in to. */
export function appOfSlot(slot: string): Pan115App | null {
  return pan115Apps.find((app) => app.slot === slot) ?? null
}

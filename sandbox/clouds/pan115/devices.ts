// One slot holds one login. Evidence: read-from-client (p115client, p115qrcode), 2026-10.
const SLOTS: ReadonlyMap<string, string> = new Map([
  ['web', 'A1'],
  ['desktop', 'A1'],
  ['ios', 'D1'],
  ['bios', 'D2'],
  ['115ios', 'D3'],
  ['android', 'F1'],
  ['bandroid', 'F2'],
  ['115android', 'F3'],
  ['ipad', 'H1'],
  ['bipad', 'H2'],
  ['115ipad', 'H3'],
  ['tv', 'I1'],
  ['apple_tv', 'I2'],
  ['qandroid', 'M1'],
  ['qios', 'N1'],
  ['qipad', 'O1'],
  ['os_windows', 'P1'],
  ['os_mac', 'P2'],
  ['os_linux', 'P3'],
  ['windows', 'P1'],
  ['mac', 'P2'],
  ['linux', 'P3'],
  ['wechatmini', 'R1'],
  ['alipaymini', 'R2'],
  ['harmony', 'S1'],
])

const DELISTED_DEVICES = ['windows', 'mac', 'linux']

const NAMES: ReadonlyMap<string, string> = new Map([
  ['A', '115生活_网页端'],
  ['D', '115生活_苹果端'],
  ['F', '115生活_安卓端'],
  ['H', '115生活_苹果平板端'],
  ['I', '115网盘_电视端'],
  ['M', '115管理_安卓端'],
  ['N', '115管理_苹果端'],
  ['O', '115管理_苹果平板端'],
  ['P', '115生活_电脑端'],
  ['R', '115生活_小程序'],
  ['S', '115_鸿蒙端'],
])

/** The `ssoent` of a product; null for a product 115 does not know. */
export function slotOf(device: string): string | null {
  return SLOTS.get(device) ?? null
}

/** Whether the product can no longer log in, nor use cookies it got earlier. */
export function isDelisted(device: string): boolean {
  return DELISTED_DEVICES.includes(device)
}

/** Whether the slot belongs to a browser, which some app endpoints refuse. */
export function isWebSlot(slot: string): boolean {
  return slot.startsWith('A')
}

/** What the list of logins calls the slot. */
export function slotName(slot: string): string {
  return NAMES.get(slot.charAt(0)) ?? '115'
}

/**
 * A name with 115's private references resolved: characters it does not store arrive as `[`, 0x02, the decimal
 * code point, `]`. Numbers that are no code point stay as they came.
 */
export function decodeCharrefs(text: string): string {
  if (!text.includes('\u0002')) return text
  // oxlint-disable-next-line no-control-regex -- 0x02 is what marks a reference
  return text.replaceAll(/\[\u0002(\d{1,7})\]/g, (reference: string, digits: string) => {
    const point = Number(digits)
    return point <= 0x10ffff ? String.fromCodePoint(point) : reference
  })
}

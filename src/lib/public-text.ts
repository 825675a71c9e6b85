/**
 * `text` fit for anybody's eyes: addresses lose their query (a direct link is a bearer secret there) and
 * cookies and tokens their values.
 */
export function publicText(text: string): string {
  return text
    .replaceAll(/\bhttps?:\/\/[^\s"'<>]+/gi, (url) => url.replace(/[?#].*$/, '?[hidden]'))
    .replaceAll(/\b(UID|CID|SEID|KID|acw_tc|sign|token|cookie|password)=[^;&\s"']+/gi, '$1=[hidden]')
}

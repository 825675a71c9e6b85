import { Buffer } from 'node:buffer'
import type { OutgoingHttpHeaders } from 'node:http'
import type { Answer } from '../../server/answer.ts'
import { DELISTED_TEXT, type Refusal } from './errors.ts'

/** How a family of endpoints writes a refusal. */
export type Dialect = 'web' | 'app' | 'passport'

const JSON_TYPE = 'application/json; charset=utf-8'
const HTML_TYPE = 'text/html; charset=UTF-8'

/** A JSON reply. */
export function json(value: object, headers: OutgoingHttpHeaders = {}): Answer {
  return { kind: 'json', value, headers: { 'content-type': JSON_TYPE, ...headers } }
}

/**
 * A JSON reply under the wrong content type that some of 115's pages send. Not for logins and users: 115driver reads
 * those as JSON only when they say so.
 */
export function jsonAsHtml(value: object): Answer {
  return json(value, { 'content-type': HTML_TYPE })
}

/** A success of the passport hosts, whose `state` is a number and which say everything twice. */
export function passportOk(data: object): Answer {
  return json({ state: 1, code: 0, message: '', errno: 0, error: '', data })
}

/** A page instead of JSON. */
export function html(status: number, page: string): Answer {
  return raw(status, { 'content-type': HTML_TYPE }, page)
}

/** A body that is sent as it is. */
export function raw(status: number, headers: OutgoingHttpHeaders, body: string | Buffer): Answer {
  return { kind: 'raw', status, headers, body: typeof body === 'string' ? Buffer.from(body) : body }
}

/** The emulator's own no: never seen at the real service. */
export function notEmulated(missing: string): Answer {
  const body = JSON.stringify({ sandbox: 'not emulated', missing })
  return raw(501, { 'content-type': JSON_TYPE }, body)
}

/** A refusal as the family writes it. */
export function refuse(refusal: Refusal, dialect: Dialect, request: string): Answer {
  const { code, message, extra } = refusal
  switch (dialect) {
    case 'web':
      return json({ state: false, error: message, errno: code, ...extra })
    case 'app':
      // Evidence: recorded (a reply quoted in a thread of 115driver), 2025-03.
      return json({ state: false, error: message, errno: code, request, data: [], ...extra })
    case 'passport':
      return json({ state: 0, code, errno: code, error: message, message, data: [], ...extra })
  }
}

/** The page of the web application firewall in front of 115. Evidence: recorded in threads of OpenList, 2026. */
export function firewallPage(traceId: string): Answer {
  return html(
    405,
    '<!doctypehtml><html lang="zh-cn"><meta charset="utf-8"><meta name="data-spm"content="a3c0e"><title>405</title>' +
      '<body><h1>405</h1><p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>' +
      "<p>Sorry, your request has been blocked as it may cause potential threats to the server's security.</p>" +
      `<textarea>{"traceid":"${traceId}","lang":"cn"}</textarea>`,
  )
}

/** What a withdrawn client is told: `state` 0, yet `errno` and `code` 0 too. Evidence: documented (OpenList-Docs). */
export function delisted(): Answer {
  return json({ state: 0, error: DELISTED_TEXT, errno: 0, message: DELISTED_TEXT, code: 0 })
}

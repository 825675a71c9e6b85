import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageMarkup } from './page-markup.ts'
import { pageTexts } from './page-texts.ts'

/** The page on which a person scans codes, sets faults and watches the log: Chinese, or English when preferred. */
export function sendPage(request: IncomingMessage, response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64')
  const body = Buffer.from(pageMarkup(pageTexts(request.headers['accept-language'] ?? ''), nonce))
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Everything that is shown comes from JSON and is set as text; nothing else may run.
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'`,
  })
  response.end(body)
}

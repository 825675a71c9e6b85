import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { StorageError } from '../../core/errors.ts'
import { preferredLanguage } from '../../lib/language.ts'
import { publicText } from '../../lib/public-text.ts'
import { adviceWords, answerOf } from './words.ts'

/** How long a client should wait when the cloud did not say. */
const defaultRetryAfterMs = 30_000

interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** An answer that is not a file: the true HTTP status, and the API's envelope as body. */
export function replyWith(
  { res }: Exchange,
  status: number,
  message: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(JSON.stringify({ code: status, message, data: null }))
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  res.end(body)
}

/** `words` in the client's language. */
export function replyWords(
  exchange: Exchange,
  words: { readonly status: number; readonly zh: string; readonly en: string },
  headers: OutgoingHttpHeaders = {},
): void {
  const language = preferredLanguage(exchange.req.headers['accept-language'])
  replyWith(exchange, words.status, words[language], headers)
}

/** The answer to a failure; the end of the connection when another answer has begun. */
export function replyError(exchange: Exchange, error: StorageError): void {
  const { req, res } = exchange
  if (res.headersSent || error.kind === 'Cancelled') {
    res.destroy()
    return
  }
  const language = preferredLanguage(req.headers['accept-language'])
  const retryAfter = String(Math.ceil((error.retryAfterMs ?? defaultRetryAfterMs) / 1000))
  const headers: OutgoingHttpHeaders = error.retry === 'later' ? { 'retry-after': retryAfter } : {}
  replyWith(exchange, answerOf[error.kind].status, describeError(error, language), headers)
}

/** What failed, what the cloud itself said, what to do. Our own detail is English, so only English shows it. */
function describeError(error: StorageError, language: 'zh' | 'en'): string {
  const { [language]: words } = answerOf[error.kind]
  // An internal error's text may hold anything.
  const detail = language === 'en' && error.kind !== 'Internal' ? error.message : ''
  const said = error.upstream?.message ?? ''
  const advice = error.advice ? adviceWords[error.advice][language] : ''
  const parts = [words, detail, said, advice].filter((part) => part !== '').map(publicText)
  return parts.join(language === 'zh' ? '；' : '; ')
}

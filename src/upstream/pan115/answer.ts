import { StorageError } from '../../core/errors.ts'
import { parseLossless } from '../../lib/lossless-json.ts'
import type { Reply } from '../../transport/transport.ts'
import { blockedError, isBlockText, protocolError } from './codes.ts'
import { asObject } from './wire.ts'
import type { WireObject } from './wire.ts'

/**
 * The JSON object of a reply, whatever its content type says. What is no such object becomes the error that
 * is true of it; a page of HTML never gets further than here. `action` completes "Cannot …".
 */
export function readAnswer(action: string, reply: Reply): WireObject {
  const text = reply.body.toString('utf8').trim()
  const isPage = text.startsWith('<')
  if (reply.status === 405 || (isPage && isBlockText(text))) throw blockedError(action, 'HTTP 405')
  if (reply.status === 429) throw tooManyRequests(action, reply)
  if (reply.status >= 500) throw unavailable(action, `115 has a fault (HTTP ${reply.status})`, reply.status)
  const answer = isPage ? null : parseObject(text)
  // An error number in the body says more than the status it came with.
  if (answer) return answer
  throw explain(action, text, reply.status)
}

function explain(action: string, text: string, status: number): StorageError {
  if (status === 401 || status === 403) {
    const words = `Cannot ${action}: 115 refuses access (HTTP ${status})`
    return new StorageError('PermissionDenied', words, { upstream: { status } })
  }
  if (text.startsWith('<')) {
    return protocolError(action, `a web page came instead of data (HTTP ${status})`, { status })
  }
  if (status < 200 || status > 299) return protocolError(action, `115 answers HTTP ${status}`, { status })
  if (text === '') return unavailable(action, 'the answer is empty', status)
  // What began as an object and did not end as one was cut off on the way, so asking again may help.
  if (text.startsWith('{') && !text.endsWith('}')) return unavailable(action, 'the answer is cut off', status)
  return protocolError(action, 'the answer is not a JSON object', { status })
}

function parseObject(text: string): WireObject | null {
  try {
    return asObject(parseLossless(text))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function unavailable(action: string, what: string, status: number): StorageError {
  return new StorageError('Unavailable', `Cannot ${action}: ${what}`, { upstream: { status } })
}

function tooManyRequests(action: string, reply: Reply): StorageError {
  const seconds = Number(reply.headers['retry-after'])
  return new StorageError('RateLimited', `Cannot ${action}: 115 asks for fewer requests`, {
    upstream: { status: 429 },
    advice: 'wait',
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  })
}

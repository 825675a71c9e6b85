import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'

/** A signal that aborts as soon as the client is gone; never after the answer was sent in full. */
export function abortWhenGone(res: ServerResponse): AbortSignal {
  const controller = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) controller.abort(new Error('The client is gone'))
  })
  return controller.signal
}

/** What an unread request body may weigh and still be taken off the connection for the next request. */
const drainLimitBytes = 1024 * 1024

/**
 * For answers that do not read the request's body. A small body is left to Node, which takes it off the
 * connection after the answer; a long or endless one ends the connection with the answer instead.
 */
export function leaveBodyUnread(req: IncomingMessage, res: ServerResponse): void {
  const isChunked = req.headers['transfer-encoding'] !== undefined
  if (isChunked || Number(req.headers['content-length'] ?? 0) > drainLimitBytes) {
    res.setHeader('connection', 'close')
  }
}

/** Writes and, when the client reads slower than we write, waits. Rejects with the signal's reason on abort. */
export async function writeSlowly(
  res: ServerResponse,
  chunk: string | Buffer,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  if (!res.write(chunk)) await once(res, 'drain', { signal })
}

import type { OutgoingHttpHeaders } from 'node:http'
import type { Exchange } from './exchange.ts'

/** What a cloud says to a request. */
export type Answer =
  | { readonly kind: 'json'; readonly value: object; readonly headers: OutgoingHttpHeaders }
  | {
      readonly kind: 'raw'
      readonly status: number
      readonly headers: OutgoingHttpHeaders
      readonly body: Buffer
    }
  /** Writes the response itself, and counts its bytes on the exchange's log line. */
  | { readonly kind: 'stream'; write(exchange: Exchange): Promise<void> }
  /** The connection ends without an answer. */
  | { readonly kind: 'reset' }

/** Sends a complete body with its length; HEAD gets the headers only. */
export async function sendBody(
  exchange: Exchange,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): Promise<void> {
  const { response, line } = exchange
  line.status = status
  response.writeHead(status, { 'content-length': body.length, ...headers })
  if (exchange.method === 'HEAD') {
    await end(exchange)
    return
  }
  line.bytesOut += body.length
  await end(exchange, body)
}

/** Ends the response and waits until it is handed over or the client has left. */
export function end(exchange: Exchange, body?: Buffer): Promise<void> {
  const { response } = exchange
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.once('finish', resolve)
    if (body) response.end(body)
    else response.end()
  })
}

/** Resets the connection, unless the client was faster. */
export function resetConnection(exchange: Exchange): void {
  if (exchange.signal.aborted) return
  exchange.line.cut = true
  exchange.response.socket?.resetAndDestroy()
}

/** Ends the connection in the middle of the answer; what was written still goes out. */
export function cutConnection(exchange: Exchange): void {
  exchange.line.cut = true
  exchange.response.socket?.destroySoon()
}

/** Waits until the client gives up. */
export function waitForClient(exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    if (exchange.signal.aborted) resolve()
    else exchange.signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

import { isStorageError } from '../core/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { type ExchangeLayer, type Hop, whenClosed } from './hop.ts'
import { WireBody } from './http.ts'
import type { WireRequest } from './transport.ts'

/**
 * One line per attempt, when its body is over or when it failed. Of the request it tells method, host and path
 * and never the query, a header or a body: those hold cookies and bearer secrets.
 */
export function log(clock: Clock): ExchangeLayer {
  return (inner) => async (request: WireRequest, hop: Hop) => {
    const sentMs = clock.now()
    const line = {
      call: hop.call,
      method: request.method,
      host: request.url.host,
      path: request.url.pathname,
    }
    try {
      const response = await inner(request, hop)
      const headMs = clock.now() - sentMs
      const { status, body } = response
      whenClosed(body, () => {
        const bytes = body instanceof WireBody ? body.receivedBytes : null
        hop.log.debug({ ...line, status, headMs, ms: clock.now() - sentMs, bytes }, 'upstream answered')
      })
      return response
    } catch (error) {
      const fields = {
        ...line,
        ms: clock.now() - sentMs,
        error: error instanceof Error ? error.message : typeof error,
      }
      // A caller who left is everyday life; a network that fails is worth an operator's look.
      if (isStorageError(error, 'Cancelled')) hop.log.debug(fields, 'upstream request cancelled')
      else hop.log.warn(fields, 'upstream request failed')
      throw error
    }
  }
}

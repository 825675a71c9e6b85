import { Readable } from 'node:stream'
import { linkAbort } from '../lib/abortable.ts'
import type { Clock } from '../lib/clock.ts'
import { startTimer } from '../lib/timer.ts'
import type { ExchangeLayer, Hop } from './hop.ts'
import type { WireRequest, WireResponse } from './transport.ts'
import { timeoutError } from './wire-errors.ts'

export interface TimeoutOptions {
  readonly clock: Clock
  /** To the response head, when the call does not say. */
  readonly headMs: number
  /** Between chunks of the body, when the call does not say; null leaves the body alone, also where the call says. */
  readonly chunkMs: number | null
}

/**
 * Gives up on an attempt, with Unavailable, that has no head in time or whose body stops. A reader who pauses is
 * no reason to give up: time runs only while the reader waits. Giving up closes the connection.
 */
export function timeout(options: TimeoutOptions): ExchangeLayer {
  return (inner) =>
    async (request: WireRequest, hop: Hop): Promise<WireResponse> => {
      const { host } = request.url
      const headMs = hop.timeoutMs ?? options.headMs
      const attempt = linkAbort(hop.signal)
      const stopTimer = startTimer(options.clock, headMs, () =>
        attempt.abort(timeoutError('answer', host, headMs)),
      )
      const response = await inner(request, { ...hop, signal: attempt.signal })
        .catch((error: unknown) => {
          attempt.unlink()
          throw error
        })
        .finally(stopTimer)
      response.body.once('close', () => attempt.unlink())
      if (options.chunkMs === null) return response
      const chunkMs = hop.timeoutMs ?? options.chunkMs
      return { ...response, body: watchChunks(response.body, options.clock, chunkMs, host) }
    }
}

/** `body`, failing when a chunk that the reader waits for does not come within `chunkMs`. */
function watchChunks(body: Readable, clock: Clock, chunkMs: number, host: string): Readable {
  const watched = Readable.from(timedChunks(body, clock, chunkMs, host), {
    objectMode: false,
    highWaterMark: body.readableHighWaterMark,
  })
  // A generator that waits for a chunk cannot be told to stop, so the source is told directly.
  watched.once('close', () => body.destroy())
  return watched
}

async function* timedChunks(
  body: Readable,
  clock: Clock,
  chunkMs: number,
  host: string,
): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (;;) {
    const stopTimer = startTimer(clock, chunkMs, () => body.destroy(timeoutError('data', host, chunkMs)))
    const next = await chunks.next().finally(stopTimer)
    if (next.done) return
    yield next.value
  }
}

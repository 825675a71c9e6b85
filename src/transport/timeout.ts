import { Readable } from 'node:stream'
import type { StorageError } from '../core/errors.ts'
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
      const stalled = () => timeoutError('data', host, chunkMs)
      return { ...response, body: new TimedBody(response.body, options.clock, chunkMs, stalled) }
    }
}

/**
 * A body that fails with `stalled` when a chunk its reader waits for does not come within `chunkMs`. Not a generator:
 * one that awaits a chunk cannot be told to stop before the chunk is there.
 */
class TimedBody extends Readable {
  readonly #source: Readable
  readonly #chunks: AsyncIterator<Buffer>
  readonly #startTimer: () => () => void

  constructor(source: Readable, clock: Clock, chunkMs: number, stalled: () => StorageError) {
    super({ highWaterMark: source.readableHighWaterMark })
    this.#source = source
    this.#chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    this.#startTimer = () => startTimer(clock, chunkMs, () => source.destroy(stalled()))
    // As for the wire's own body: an error between two readers must not end the process.
    this.on('error', () => undefined)
  }

  override _read(): void {
    const stopTimer = this.#startTimer()
    this.#chunks
      .next()
      .finally(stopTimer)
      .then(
        (next) => this.push(next.done ? null : next.value),
        (error: Error) => this.destroy(error),
      )
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.destroy()
    done(error)
  }
}

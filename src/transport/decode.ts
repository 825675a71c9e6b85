import { StorageError, toStorageError } from '../core/errors.ts'
import { BodyTooLargeError, readAll } from '../lib/streams.ts'
import type { Hop } from './hop.ts'
import type { Call, Exchange } from './transport.ts'
import { abortedError, networkError } from './wire-errors.ts'

/** One call -> value step; the upper layers wrap it. */
export type Try = <T>(call: Call<T>, hop: Hop) => Promise<T>

/**
 * The call's value: the answer is read whole, up to `limitBytes` (Protocol beyond), and handed to the call's own
 * decoder, which makes a StorageError of a 200 that says no. Anything else it throws becomes Internal.
 */
export function decode(exchange: Exchange, limitBytes: number): Try {
  return async (call, hop) => {
    const known: Hop = {
      ...hop,
      bucket: call.bucket,
      call: call.name,
      ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
    }
    const { status, headers, body } = await exchange(call.request, known)
    const bytes = await readAll(body, limitBytes).catch((error: unknown) => {
      throw readError(error, call, hop.signal)
    })
    try {
      return call.decode({ status, headers, body: bytes })
    } catch (error) {
      throw toStorageError(error)
    }
  }
}

function readError(error: unknown, call: Call<unknown>, signal: AbortSignal): StorageError {
  if (error instanceof StorageError) return error
  if (signal.aborted) return abortedError(signal)
  if (!(error instanceof BodyTooLargeError)) return networkError(error, call.request.url.host)
  return new StorageError('Protocol', `Answer to "${call.name}" is longer than ${error.limitBytes} bytes`, {
    cause: error,
    advice: 'report',
  })
}

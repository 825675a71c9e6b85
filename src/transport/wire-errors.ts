import { StorageError, isStorageError } from '../core/errors.ts'

/**
 * Why a request whose signal aborted has failed: the StorageError the signal was aborted with (a timeout, a
 * blocked account), else `Cancelled`.
 */
export function abortedError(signal: AbortSignal): StorageError {
  if (isStorageError(signal.reason)) return signal.reason
  return new StorageError('Cancelled', 'Cancelled by the caller', { cause: signal.reason })
}

/** Runs a wait that rejects with the signal's reason and turns that into a StorageError. */
export async function waitFor<T>(wait: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await wait
  } catch (error) {
    if (signal.aborted) throw abortedError(signal)
    throw error
  }
}

// undici's own refusals to build a request: our bug (an unprintable header), not the network's state.
const ourBugs: readonly string[] = ['UND_ERR_INVALID_ARG', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']

/**
 * The StorageError for what the network did to a request to `host`. Only the host and the error's code are
 * told, since messages of the network libraries may hold the whole address.
 */
export function networkError(error: unknown, host: string): StorageError {
  if (error instanceof StorageError) return error
  const code = codeOf(error)
  if (ourBugs.includes(code)) {
    return new StorageError('Internal', `Cannot build a request to "${host}": ${code}`, {
      cause: error,
      advice: 'report',
    })
  }
  return new StorageError('Unavailable', `Cannot reach "${host}": ${code}`, {
    cause: error,
    advice: 'check-network',
  })
}

export function timeoutError(what: string, host: string, timeoutMs: number): StorageError {
  return new StorageError('Unavailable', `No ${what} from "${host}" within ${timeoutMs} ms`, {
    advice: 'check-network',
  })
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if ('code' in error && typeof error.code === 'string') return error.code
  // Several addresses were tried and all failed: an AggregateError whose parts hold the codes.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error.name
}

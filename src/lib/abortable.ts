import { setMaxListeners } from 'node:events'

/**
 * What `promise` gives, unless `signal` aborts first: then a rejection with the signal's reason, at once.
 * The promise itself is not stopped by that; its later outcome is nobody's.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  allowFanOut(signal)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    const settle = () => signal.removeEventListener('abort', onAbort)
    // Both outcomes are taken even when nobody waits any more: an orphan must not become an unhandled rejection.
    promise.then(
      (value) => {
        settle()
        resolve(value)
      },
      (error: unknown) => {
        settle()
        reject(error)
      },
    )
  })
}

/** Many waits under one signal are normal here and no leak, which is what Node would warn of at the eleventh. */
export function allowFanOut(signal: AbortSignal): void {
  setMaxListeners(0, signal)
}

/** An AbortController that a parent signal aborts too. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Lets go of the parent. Must be called, or a long-lived parent collects listeners. */
  unlink(): void
}

/** `AbortSignal.any` would do the same and leaks under Node 20 when the parent outlives its children. */
export function linkAbort(parent: AbortSignal): LinkedAbort {
  const controller = new AbortController()
  allowFanOut(parent)
  allowFanOut(controller.signal)
  const onAbort = () => controller.abort(parent.reason)
  if (parent.aborted) onAbort()
  else parent.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => parent.removeEventListener('abort', onAbort),
  }
}

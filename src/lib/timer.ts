import type { Clock } from './clock.ts'

/** Calls `onTime` once `ms` have passed, unless the returned function is called before. */
export function startTimer(clock: Clock, ms: number, onTime: () => void): () => void {
  const stop = new AbortController()
  clock.sleep(ms, stop.signal).then(onTime, (error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return () => stop.abort()
}

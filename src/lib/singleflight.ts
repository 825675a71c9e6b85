import { allowFanOut, untilAborted } from './abortable.ts'

/** What a run knows about those who wait for it. */
export interface Flight {
  /** Aborts when the last one who waited has left. */
  readonly signal: AbortSignal
  /**
   * True once `detach` was called: what is read may be older than a write, so those who wait already get it
   * and nobody later does. Whoever remembers results must look at this before remembering.
   */
  readonly isDetached: boolean
}

interface Run<V> {
  readonly stop: AbortController
  readonly flight: { readonly signal: AbortSignal; isDetached: boolean }
  readonly result: Promise<V>
  waiting: number
}

/**
 * Equal keys in flight become one run. The run belongs to nobody: a waiter who leaves takes only itself away,
 * and the run stops when the last one has left. Failures go to all who wait and are not kept.
 */
export class Singleflight<K, V> {
  readonly #runs = new Map<K, Run<V>>()

  /** How many runs may still be joined. */
  get size(): number {
    return this.#runs.size
  }

  /**
   * The outcome of the run of `key`, started by `work` when there is none. Rejects with the signal's reason as
   * soon as `signal` aborts, without starting anything when it has aborted already.
   */
  async run(key: K, signal: AbortSignal, work: (flight: Flight) => Promise<V>): Promise<V> {
    signal.throwIfAborted()
    const run = this.#runs.get(key) ?? this.#start(key, work)
    run.waiting++
    try {
      return await untilAborted(run.result, signal)
    } finally {
      run.waiting--
      if (run.waiting === 0) this.#end(key, run)
    }
  }

  /** Later callers of `key` start anew: a read that began before a write must not answer after it. */
  detach(key: K): void {
    const run = this.#runs.get(key)
    if (!run) return
    run.flight.isDetached = true
    this.#runs.delete(key)
  }

  #start(key: K, work: (flight: Flight) => Promise<V>): Run<V> {
    const stop = new AbortController()
    allowFanOut(stop.signal)
    const flight = { signal: stop.signal, isDetached: false }
    // Deferred by a microtask, so that work which throws at once rejects like any other.
    const result = Promise.resolve().then(() => work(flight))
    const run: Run<V> = { stop, flight, result, waiting: 0 }
    this.#runs.set(key, run)
    const forget = () => this.#forget(key, run)
    result.then(forget, forget)
    return run
  }

  #end(key: K, run: Run<V>): void {
    this.#forget(key, run)
    run.stop.abort(new Error('Nobody waits for the result any more'))
  }

  /** Only this very run: after a detach the key may belong to a newer one. */
  #forget(key: K, run: Run<V>): void {
    if (this.#runs.get(key) === run) this.#runs.delete(key)
  }
}

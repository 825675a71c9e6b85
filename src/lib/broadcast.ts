import { untilAborted } from './abortable.ts'
import type { Flight } from './singleflight.ts'

type End = { readonly failed: false } | { readonly failed: true; readonly error: unknown }

/**
 * One source, read once, replayed from its start to everybody who joins. The next value is asked for when the
 * fastest consumer wants it and not before, so consumers who pause pause the source.
 */
class Cast<T> {
  readonly #stop = new AbortController()
  readonly #values: T[] = []
  readonly #open: (flight: Flight) => AsyncIterable<T>
  #source: AsyncIterator<T> | null = null
  #pull: Promise<void> | null = null
  #end: End | null = null
  readonly flight: { readonly signal: AbortSignal; isDetached: boolean }
  consumers = 0

  constructor(open: (flight: Flight) => AsyncIterable<T>) {
    this.#open = open
    this.flight = { signal: this.#stop.signal, isDetached: false }
  }

  get hasEnded(): boolean {
    return this.#end !== null
  }

  /** The value at `index`; null behind the last one. Rejects with the source's error, or the signal's reason. */
  async at(index: number, signal: AbortSignal): Promise<{ readonly value: T } | null> {
    for (;;) {
      signal.throwIfAborted()
      if (index < this.#values.length) return { value: this.#values[index] as T }
      if (this.#end?.failed) throw this.#end.error
      if (this.#end) return null
      this.#pull ??= this.#next()
      await untilAborted(this.#pull, signal)
    }
  }

  stop(): void {
    const reason = new Error('Nobody reads any more')
    this.#end ??= { failed: true, error: reason }
    this.#stop.abort(reason)
    // Lets the source run its `finally`. How that ends concerns nobody: all its readers have left.
    void this.#source?.return?.().then(undefined, () => undefined)
  }

  /** Never rejects: how it went is kept for every consumer, not for the one who happened to ask. */
  async #next(): Promise<void> {
    try {
      this.#source ??= this.#open(this.flight)[Symbol.asyncIterator]()
      const step = await this.#source.next()
      if (step.done) this.#end ??= { failed: false }
      else this.#values.push(step.value)
    } catch (error) {
      this.#end ??= { failed: true, error }
    } finally {
      this.#pull = null
    }
  }
}

/**
 * Sources in flight by key, such as the listings being read: who joins late gets the earlier values first, an
 * error reaches all (after the values before it), and the source is aborted when its last consumer has left.
 * A source that ended is forgotten. Everything it gave stays in memory until then.
 */
export class Broadcast<K, T> {
  readonly #casts = new Map<K, Cast<T>>()

  /** How many sources may still be joined. */
  get size(): number {
    return this.#casts.size
  }

  /**
   * All values of the source of `key`, which `open` makes when there is none. Joining happens at the first
   * `next`, leaving at the end, by `return` (a `break`) or when `signal` aborts, which throws its reason.
   */
  async *join(
    key: K,
    signal: AbortSignal,
    open: (flight: Flight) => AsyncIterable<T>,
  ): AsyncGenerator<T, void> {
    signal.throwIfAborted()
    const cast = this.#casts.get(key) ?? new Cast(open)
    this.#casts.set(key, cast)
    cast.consumers++
    try {
      for (let index = 0; ; index++) {
        const step = await cast.at(index, signal)
        if (!step) return
        yield step.value
      }
    } finally {
      cast.consumers--
      if (cast.hasEnded || cast.consumers === 0) this.#forget(key, cast)
      if (cast.consumers === 0) cast.stop()
    }
  }

  /** Later callers of `key` open the source anew; those who read already go on. */
  detach(key: K): void {
    const cast = this.#casts.get(key)
    if (!cast) return
    cast.flight.isDetached = true
    this.#casts.delete(key)
  }

  #forget(key: K, cast: Cast<T>): void {
    if (this.#casts.get(key) === cast) this.#casts.delete(key)
  }
}

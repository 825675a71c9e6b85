import { untilAborted } from './abortable.ts'
import type { Flight } from './singleflight.ts'

type End = { readonly failed: false } | { readonly failed: true; readonly error: unknown }

/** Values kept for those who join late, before any is let go. */
const keptValues = 8

/** A consumer's place: the index of the value it wants next. */
interface Place {
  index: number
}

/**
 * One source, read once, replayed to everybody who joins. The next value is asked for when the
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
  readonly #places = new Set<Place>()
  /** How many values from the start are let go. */
  #letGo = 0

  constructor(open: (flight: Flight) => AsyncIterable<T>) {
    this.#open = open
    this.flight = { signal: this.#stop.signal, isDetached: false }
  }

  get hasEnded(): boolean {
    return this.#end !== null
  }

  get hasLetGo(): boolean {
    return this.#letGo > 0
  }

  get isWanted(): boolean {
    return this.#places.size > 0
  }

  enter(): Place {
    const place = { index: this.#letGo }
    this.#places.add(place)
    return place
  }

  leave(place: Place): void {
    this.#places.delete(place)
  }

  /** The value at `place`, which moves on; null behind the last one. Rejects with the source's or signal's error. */
  async next(place: Place, signal: AbortSignal): Promise<{ readonly value: T } | null> {
    for (;;) {
      signal.throwIfAborted()
      const at = place.index - this.#letGo
      if (at < this.#values.length) {
        const value = this.#values[at] as T
        place.index++
        this.#letPassedGo()
        return { value }
      }
      if (this.#end?.failed) throw this.#end.error
      if (this.#end) return null
      this.#pull ??= this.#pullNext()
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

  #letPassedGo(): void {
    if (this.#letGo + this.#values.length <= keptValues) return
    const passed = Math.min(...[...this.#places].map(({ index }) => index))
    this.#values.splice(0, passed - this.#letGo)
    this.#letGo = passed
  }

  /** Never rejects: how it went is kept for every consumer, not for the one who happened to ask. */
  async #pullNext(): Promise<void> {
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
 * A source that ended is forgotten. Of a long one, what all its consumers have had is let go: who joins after that
 * gets only the rest, so whoever must have everything looks at `hasLetGo` before.
 */
export class Broadcast<K, T> {
  readonly #casts = new Map<K, Cast<T>>()

  /** How many sources may still be joined. */
  get size(): number {
    return this.#casts.size
  }

  /** Whether who joined the source of `key` now would miss its first values. */
  hasLetGo(key: K): boolean {
    return this.#casts.get(key)?.hasLetGo ?? false
  }

  /**
   * The values of the source of `key`, which `open` makes when there is none. Joining happens at the first
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
    const place = cast.enter()
    try {
      for (;;) {
        const step = await cast.next(place, signal)
        if (!step) return
        yield step.value
      }
    } finally {
      cast.leave(place)
      if (cast.hasEnded || !cast.isWanted) this.#forget(key, cast)
      if (!cast.isWanted) cast.stop()
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

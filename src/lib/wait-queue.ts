interface Place<T> {
  readonly rank: number
  readonly item: T
}

/** Who waits, in the order they are served: the smallest rank first, equals in the order they came. */
export class WaitQueue<T> {
  #places: Place<T>[] = []

  get size(): number {
    return this.#places.length
  }

  add(rank: number, item: T): void {
    let at = this.#places.length
    while (at > 0 && (this.#places[at - 1] as Place<T>).rank > rank) at--
    this.#places.splice(at, 0, { rank, item })
  }

  /** Does nothing when `item` is not there (any more). */
  remove(item: T): void {
    const at = this.#places.findIndex((place) => place.item === item)
    if (at >= 0) this.#places.splice(at, 1)
  }

  /** Takes the first one out; undefined when nobody waits. */
  shift(): T | undefined {
    return this.#places.shift()?.item
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const place of this.#places) yield place.item
  }
}

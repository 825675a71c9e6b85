import { inspect } from 'node:util'

const hidden = '[secret]'

/**
 * A text that cannot be printed by accident: every way to show it (string, JSON, inspect, log) gives
 * `[secret]`. `reveal` is the only way to the value, so a search for it lists every place that uses one.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  get isEmpty(): boolean {
    return this.#value === ''
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}

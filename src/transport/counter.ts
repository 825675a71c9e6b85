import { bucketOf, type ExchangeLayer, type Hop, whenClosed } from './hop.ts'
import type { Bucket, WireRequest } from './transport.ts'

export interface Counts {
  /** Requests that went out, by bucket. */
  readonly sent: Readonly<Record<Bucket, number>>
  /** Requests under way, bodies included. */
  readonly inFlight: number
  readonly retries: number
}

/** Counts what an account sends. */
export class Counter {
  readonly #sent: Record<Bucket, number> = { list: 0, link: 0, upload: 0, other: 0 }
  #inFlight = 0
  #retries = 0

  get counts(): Counts {
    return { sent: { ...this.#sent }, inFlight: this.#inFlight, retries: this.#retries }
  }

  countRetry(): void {
    this.#retries++
  }

  readonly layer: ExchangeLayer = (inner) => async (request: WireRequest, hop: Hop) => {
    this.#sent[bucketOf(hop)]++
    this.#inFlight++
    try {
      const response = await inner(request, hop)
      whenClosed(response.body, () => this.#inFlight--)
      return response
    } catch (error) {
      this.#inFlight--
      throw error
    }
  }
}

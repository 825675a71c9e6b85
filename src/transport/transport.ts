import type { Readable } from 'node:stream'
import type { Ctx } from '../core/ctx.ts'

/** Which token bucket of an account a request takes from. Clouds count requests by kind. */
export type Bucket = 'list' | 'link' | 'upload' | 'other'

export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** An answer whose body is still on the wire. Whoever gets it must read or destroy the body. */
export interface WireResponse {
  readonly status: number
  /** Lower-case names; a repeated header is an array. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Readable
}

/** An answer read whole, up to the call's limit. */
export interface Reply {
  readonly status: number
  readonly headers: WireResponse['headers']
  readonly body: Buffer
}

/** One request -> response hop; the lower layers wrap it. Throws StorageError (Unavailable, Cancelled). */
export type Exchange = (request: WireRequest, ctx: Ctx) => Promise<WireResponse>

/** A request to a cloud's control plane with everything the transport must know to send it well. */
export interface Call<T> {
  /** Names the call in logs and errors, e.g. `files list`. Holds no secret. */
  readonly name: string
  readonly request: WireRequest
  readonly bucket: Bucket
  /** Whether sending it twice does no more than sending it once; only then is it retried after it left us. */
  readonly repeatable: boolean
  /** Turns the answer into a value or throws StorageError: soft failures become visible here. */
  decode(reply: Reply): T
  /** Milliseconds to the response head and between chunks; the transport's default when absent. */
  readonly timeoutMs?: number
}

/** The way to one account of one cloud. Shared by all mounts of that account, so limits are the account's. */
export interface Transport {
  send<T>(call: Call<T>, ctx: Ctx): Promise<T>
}

import type { Buffer } from 'node:buffer'
import type { Pan115 } from '../clouds/pan115/cloud.ts'
import type { World } from '../state/world.ts'

/** What the control calls act on. */
export interface ControlContext {
  readonly world: World
  readonly pan115: Pan115
  /** Null without TLS. */
  readonly caFile: string | null
}

/** One control call as it came. */
export interface ControlRequest {
  /** The last part of the path where the call has a `:id`. */
  readonly id: string
  readonly query: URLSearchParams
  readonly body: Buffer
  /** The body as a JSON object; empty without a body. Throws ControlError when it is something else. */
  json(): Readonly<Record<string, unknown>>
}

/** A reply that is a picture. */
export class PngReply {
  readonly png: Buffer

  constructor(png: Buffer) {
    this.png = png
  }
}

/** A control call: `GET log`, `POST qr/:id`. Returns what is sent as JSON, or a PngReply. */
export interface ControlCall {
  readonly call: string
  run(context: ControlContext, request: ControlRequest): unknown
}

/** A control call that makes no sense; said to the caller as 400. */
export class ControlError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ControlError'
  }
}

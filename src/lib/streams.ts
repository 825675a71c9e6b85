import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A body was longer than its reader is willing to hold. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'
  readonly limitBytes: number

  constructor(limitBytes: number) {
    super(`Body is longer than ${limitBytes} bytes`)
    this.limitBytes = limitBytes
  }
}

/**
 * All bytes of `source`. Throws BodyTooLargeError, with the source destroyed, as soon as there are more than
 * `limitBytes`; the source's own error otherwise.
 */
export async function readAll(source: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
    size += bytes.length
    if (size > limitBytes) throw new BodyTooLargeError(limitBytes)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, size)
}

/**
 * Moves everything from `source` to `sink` and ends the sink. Whatever goes wrong on one side (an error, a close,
 * an abort) destroys the other: `source.pipe(sink)` would leave the source open when a client goes away.
 * Rejects with the signal's reason on abort, with the stream's error otherwise.
 */
export async function pipeTo(source: Readable, sink: Writable, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(source, sink, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

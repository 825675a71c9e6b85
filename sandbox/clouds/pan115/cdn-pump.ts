import type { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import { systemClock } from '../../../src/lib/clock.ts'
import { cutConnection, end, waitForClient } from '../../server/answer.ts'
import type { Exchange } from '../../server/exchange.ts'
import { type FaultBoard, numberOf } from '../../state/faults.ts'

/** How the bytes of one download are let out. */
export interface Pace {
  /** Drops the connection after so many bytes; null never. */
  readonly cutAfterBytes: number | null
  /** Sends nothing more after so many bytes, and keeps the connection; null never. */
  readonly stallAfterBytes: number | null
  /** Null is as fast as the client takes them. */
  readonly bytesPerSecond: number | null
}

/** What the switched-on faults say about this download. */
export function paceOf(exchange: Exchange, faults: FaultBoard): Pace {
  const facts = exchange.facts()
  const cut = faults.take('cdn.cut', facts)
  const stall = faults.take('cdn.stall', facts)
  const slow = faults.take('cdn.slow', facts)
  return {
    cutAfterBytes: cut && numberOf(cut, 'afterBytes', 0),
    stallAfterBytes: stall && numberOf(stall, 'afterBytes', 0),
    bytesPerSecond: slow && numberOf(slow, 'bytesPerSecond', 65_536),
  }
}

/** Writes `source` to the client at its pace and counts what was written; ends early when the client leaves. */
export async function pump(exchange: Exchange, source: Readable, pace: Pace): Promise<void> {
  const limit = Math.min(pace.cutAfterBytes ?? Infinity, pace.stallAfterBytes ?? Infinity)
  const leave = () => source.destroy()
  exchange.signal.addEventListener('abort', leave, { once: true })
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const left = limit - exchange.line.bytesOut
      await write(exchange, chunk.length > left ? chunk.subarray(0, left) : chunk, pace)
      if (exchange.signal.aborted || exchange.line.bytesOut >= limit) break
    }
  } catch (error) {
    // Destroying the source under the loop is how the loop learns that the client has left.
    if (!exchange.signal.aborted) throw error
  } finally {
    exchange.signal.removeEventListener('abort', leave)
    source.destroy()
  }
  if (exchange.signal.aborted) return
  await finish(exchange, pace)
}

async function finish(exchange: Exchange, pace: Pace): Promise<void> {
  const { bytesOut } = exchange.line
  if (pace.cutAfterBytes !== null && bytesOut >= pace.cutAfterBytes) {
    cutConnection(exchange)
    return
  }
  if (pace.stallAfterBytes !== null && bytesOut >= pace.stallAfterBytes) {
    await waitForClient(exchange)
    return
  }
  await end(exchange)
}

async function write(exchange: Exchange, chunk: Buffer, pace: Pace): Promise<void> {
  const { response, line, signal } = exchange
  if (signal.aborted || chunk.length === 0) return
  line.bytesOut += chunk.length
  if (!response.write(chunk)) await drained(exchange)
  if (pace.bytesPerSecond === null || signal.aborted) return
  // Real time: what a slow CDN is to a client's timeouts cannot be virtual.
  await systemClock.sleep((chunk.length / pace.bytesPerSecond) * 1000, signal)
}

function drained({ response, signal }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    signal.addEventListener('abort', done, { once: true })
  })
}

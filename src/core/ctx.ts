import { StorageError } from './errors.ts'

/** Who asks decides who goes first when requests to a cloud must wait. */
export type Priority = 'person' | 'playback' | 'write' | 'scan'

/** The part of a logger that rooms may use. pino satisfies it. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * What travels with every call, always as the last argument.
 * An aborted `signal` means: no further effect upstream.
 */
export interface Ctx {
  readonly signal: AbortSignal
  readonly log: Logger
  readonly priority: Priority
  /** True: the caller wants the cloud's present truth, not what is remembered. */
  readonly fresh?: boolean
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** A context with defaults for what is not given: nobody cancels, nothing is logged, a person asks. */
export function makeCtx(given: Partial<Ctx> = {}): Ctx {
  return { signal: new AbortController().signal, log: silentLogger, priority: 'person', ...given }
}

/** Throws Cancelled when the caller has left. */
export function throwIfCancelled(ctx: Ctx): void {
  if (!ctx.signal.aborted) return
  throw new StorageError('Cancelled', 'Cancelled by the caller', { cause: ctx.signal.reason })
}

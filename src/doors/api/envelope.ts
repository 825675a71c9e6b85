import type { FailureReply, SuccessReply } from './contract.ts'

/** `data` in AList's envelope. Clients compare the message with `success`. */
export function succeed(data: unknown): SuccessReply {
  return { code: 200, message: 'success', data: data ?? null }
}

/** `data` is null but for the few answers that must carry an id although they failed. */
export function fail(code: number, message: string, data: unknown = null): FailureReply {
  return { code, message, data }
}

import type { WireResponse } from './transport.ts'

/**
 * Milliseconds the answer asks us to wait (RFC 9110, 10.2.3: seconds or a date), never negative; null when it does
 * not ask.
 */
export function retryAfterMs(headers: WireResponse['headers'], nowMs: number): number | null {
  const value = headers['retry-after']
  if (typeof value !== 'string') return null
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000
  const dateMs = Date.parse(value)
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs)
}

import { describe, expect, it } from 'vitest'
import { makeCtx } from '../core/ctx.ts'
import { StorageError, type StorageErrorOptions, type ErrorKind } from '../core/errors.ts'
import { ManualClock } from '../lib/clock.ts'
import type { Try } from './decode.ts'
import { retry } from './retry.ts'
import type { Call } from './transport.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

function call(repeatable = true): Call<string> {
  const request = { method: 'GET' as const, url: new URL('https://webapi.115.com/files'), headers: {} }
  return { name: 'files list', request, bucket: 'list', repeatable, decode: () => 'unused' }
}

/** A cloud that gives the answers in turn, the last one for ever. */
function setup(...answers: unknown[]) {
  const clock = new ManualClock(0)
  const tries: number[] = []
  const inner: Try = async () => {
    const answer = answers[Math.min(tries.length, answers.length - 1)]
    tries.push(clock.now())
    if (answer instanceof Error) throw answer
    return answer as never
  }
  const options = {
    clock,
    random: () => 0,
    attempts: 3,
    baseMs: 1000,
    maxMs: 10_000,
    retryAfterCapMs: 30_000,
  }
  return { clock, tries, send: retry(options)(inner) }
}

const failing = (kind: ErrorKind, options?: StorageErrorOptions) => new StorageError(kind, kind, options)

/** Runs `sending` to its end, however many pauses that takes. */
async function outcome(clock: ManualClock, sending: Promise<unknown>): Promise<unknown> {
  const result = sending.then(
    (value) => value,
    (error: unknown) => error,
  )
  for (let i = 0; i < 10; i++) {
    await settled()
    await clock.advance(30_000)
  }
  return result
}

describe('retry()', () => {
  it('repeats what time may heal, with growing pauses, and gives the value', async () => {
    const { clock, tries, send } = setup(failing('Unavailable'), failing('RateLimited'), 'fine')
    const sending = send(call(), makeCtx())
    await settled()
    await clock.advance(500)
    await clock.advance(999)
    expect(tries).toEqual([0, 500])
    await clock.advance(1)
    expect(await sending).toBe('fine')
    expect(tries).toEqual([0, 500, 1500])
  })

  it('gives up with the last error after three tries', async () => {
    const { clock, tries, send } = setup(
      failing('Unavailable'),
      failing('Unavailable'),
      failing('RateLimited'),
    )
    expect(await outcome(clock, send(call(), makeCtx()))).toMatchObject({ kind: 'RateLimited' })
    expect(tries).toHaveLength(3)
  })

  it.each(['NotFound', 'AuthExpired', 'Protocol', 'Cancelled', 'Internal', 'PermissionDenied'] as const)(
    'does not repeat after %s',
    async (kind) => {
      const { clock, tries, send } = setup(failing(kind))
      expect(await outcome(clock, send(call(), makeCtx()))).toMatchObject({ kind })
      expect(tries).toHaveLength(1)
    },
  )

  it('does not repeat a call that is not repeatable', async () => {
    const { clock, tries, send } = setup(failing('Unavailable'))
    await outcome(clock, send(call(false), makeCtx()))
    expect(tries).toHaveLength(1)
  })

  it('never repeats after a block page', async () => {
    const { clock, tries, send } = setup(failing('RateLimited', { upstream: { status: 405 } }))
    await outcome(clock, send(call(), makeCtx()))
    expect(tries).toHaveLength(1)
  })

  it('waits as long as the cloud asks, and not at all when that is too long', async () => {
    const asked = setup(failing('RateLimited', { retryAfterMs: 20_000 }), 'fine')
    expect(await outcome(asked.clock, asked.send(call(), makeCtx()))).toBe('fine')
    expect(asked.tries).toEqual([0, 20_000])
    const tooLong = setup(failing('RateLimited', { retryAfterMs: 30_001 }), 'fine')
    expect(await outcome(tooLong.clock, tooLong.send(call(), makeCtx()))).toMatchObject({
      retryAfterMs: 30_001,
    })
    expect(tooLong.tries).toHaveLength(1)
  })

  it('ends a pause with Cancelled as soon as the caller leaves', async () => {
    const { clock, tries, send } = setup(failing('Unavailable'))
    const abort = new AbortController()
    const sending = send(call(), makeCtx({ signal: abort.signal }))
    await settled()
    expect(clock.sleeping).toBe(1)
    abort.abort()
    await expect(sending).rejects.toMatchObject({ kind: 'Cancelled' })
    expect([tries.length, clock.sleeping]).toEqual([1, 0])
  })
})

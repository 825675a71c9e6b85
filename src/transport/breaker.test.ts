import { describe, expect, it } from 'vitest'
import { makeCtx } from '../core/ctx.ts'
import { StorageError } from '../core/errors.ts'
import { ManualClock } from '../lib/clock.ts'
import { Breaker } from './breaker.ts'
import type { Try } from './decode.ts'
import type { Hop } from './hop.ts'
import type { Call } from './transport.ts'

const blockPage = () => new StorageError('RateLimited', 'blocked', { upstream: { status: 405 } })
const deadLogin = () =>
  new StorageError('AuthExpired', 'logged out', { upstream: { code: '990001' }, advice: 'log-in-again' })

function call(cookie = 'UID=1'): Call<string> {
  return {
    name: 'files list',
    request: {
      method: 'GET',
      url: new URL('https://webapi.115.com/files'),
      headers: cookie ? { cookie } : {},
    },
    bucket: 'list',
    repeatable: true,
    decode: () => 'unused',
  }
}

/** A cloud that answers as told, and counts. `hang` leaves the call waiting for its turn. */
function setup() {
  const clock = new ManualClock()
  const breaker = new Breaker({ clock, firstCoolDownMs: 60_000, maxCoolDownMs: 660_000 })
  const cloud = { requests: 0, answer: (): unknown => 'fine' }
  const inner: Try = async (_call, hop: Hop) => {
    hop.onDeparture?.()
    cloud.requests++
    const answer = await cloud.answer()
    if (answer instanceof Error) throw answer
    return answer as never
  }
  const guarded = breaker.guard(inner)
  const send = (cookie?: string) => guarded(call(cookie), makeCtx())
  const failure = (cookie?: string) =>
    send(cookie).then(
      () => 'fine',
      (error: StorageError) => error,
    )
  return { clock, breaker, cloud, send, failure }
}

function untilMs({ state }: Breaker): number {
  return state.state === 'closed' ? Number.NaN : state.untilMs
}

/** Gets the account blocked. */
async function block({ cloud, failure }: ReturnType<typeof setup>): Promise<void> {
  cloud.answer = blockPage
  await failure()
}

describe('Breaker', () => {
  it('opens at a block page: every call fails at once, without a request, and says for how long', async () => {
    const world = setup()
    await block(world)
    await world.clock.advance(10_000)
    for (let i = 0; i < 5; i++) {
      expect(await world.failure()).toMatchObject({
        kind: 'RateLimited',
        retryAfterMs: 50_000,
        advice: 'wait',
        upstream: { status: 405 },
        message: 'Cannot send "files list": account is blocked, next try in 50 s',
      })
    }
    expect(world.cloud.requests).toBe(1)
    expect(world.breaker.state).toEqual({ state: 'open', untilMs: world.clock.now() + 50_000 })
  })

  it('does not open for a mere "too fast", nor for other failures', async () => {
    const world = setup()
    for (const kind of ['RateLimited', 'Unavailable', 'Protocol', 'NotFound'] as const) {
      world.cloud.answer = () => new StorageError(kind, 'no', { upstream: { status: 429 } })
      expect(await world.failure()).toMatchObject({ message: 'no' })
    }
    expect(world.breaker.state).toEqual({ state: 'closed' })
  })

  it('lets exactly one call probe after the cool-down, and closes when it succeeds', async () => {
    const world = setup()
    await block(world)
    await world.clock.advance(60_000)
    let answer = (_value: string) => {}
    world.cloud.answer = () => new Promise((resolve) => (answer = resolve))
    const probe = world.send()
    expect(world.breaker.state.state).toBe('probing')
    expect(await world.failure()).toMatchObject({ kind: 'RateLimited', retryAfterMs: 1000 })
    expect(world.cloud.requests).toBe(2)
    answer('fine')
    expect(await probe).toBe('fine')
    world.cloud.answer = () => 'fine'
    expect(await world.send()).toBe('fine')
    expect(world.breaker.state).toEqual({ state: 'closed' })
  })

  it('doubles the cool-down with each probe that is blocked, up to the maximum', async () => {
    const world = setup()
    await block(world)
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      waits.push(untilMs(world.breaker) - world.clock.now())
      await world.clock.advance(waits.at(-1) ?? 0)
      await world.failure()
    }
    expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 660_000, 660_000])
    expect(world.cloud.requests).toBe(7)
  })

  it('takes a block soon after another for its continuation, a later one for a new one', async () => {
    const world = setup()
    const coolDown = () => untilMs(world.breaker) - world.clock.now()
    await block(world)
    await world.clock.advance(60_000)
    world.cloud.answer = () => 'fine'
    await world.send()
    await block(world)
    expect(coolDown()).toBe(120_000)
    await world.clock.advance(120_000)
    world.cloud.answer = () => 'fine'
    await world.send()
    await world.clock.advance(660_000)
    await block(world)
    expect(coolDown()).toBe(60_000)
  })

  it('honours a longer wait that the cloud asks for', async () => {
    const world = setup()
    world.cloud.answer = () =>
      new StorageError('RateLimited', 'x', { upstream: { status: 405 }, retryAfterMs: 300_000 })
    await world.failure()
    expect(await world.failure()).toMatchObject({ retryAfterMs: 300_000 })
  })

  it('lets the next call probe when a probe could not reach the cloud', async () => {
    const world = setup()
    await block(world)
    await world.clock.advance(60_000)
    world.cloud.answer = () => new StorageError('Unavailable', 'network')
    expect(await world.failure()).toMatchObject({ kind: 'Unavailable' })
    expect(world.breaker.state.state).toBe('open')
    world.cloud.answer = () => new StorageError('NotFound', 'an answer all the same')
    expect(await world.failure()).toMatchObject({ kind: 'NotFound' })
    expect(world.breaker.state).toEqual({ state: 'closed' })
  })

  it('ignores late news of requests that were under way when the block began', async () => {
    const world = setup()
    const answers: ((value: unknown) => void)[] = []
    world.cloud.answer = () => new Promise((resolve) => answers.push(resolve))
    const calls = [world.failure(), world.failure(), world.failure()]
    answers[0]?.(blockPage())
    await calls[0]
    answers[1]?.(blockPage())
    await calls[1]
    answers[2]?.('fine')
    expect(await calls[2]).toBe('fine')
    expect(world.breaker.state).toEqual({ state: 'open', untilMs: world.clock.now() + 60_000 })
  })

  it('calls back who still waits for a turn, and lets finish who has left', async () => {
    const clock = new ManualClock()
    const breaker = new Breaker({ clock, firstCoolDownMs: 60_000, maxCoolDownMs: 660_000 })
    const settle: (() => void)[] = []
    const inner: Try = (_call, hop: Hop) =>
      new Promise((resolve, reject) => {
        settle.push(() => resolve('done' as never))
        hop.signal.addEventListener('abort', () => reject(hop.signal.reason))
      })
    const waiting = breaker.guard(inner)(call(), makeCtx())
    const departing: Try = (given, hop: Hop) => {
      hop.onDeparture?.()
      return inner(given, hop)
    }
    const underWay = breaker.guard(departing)(call(), makeCtx())
    const blocked = breaker.guard(() => Promise.reject(blockPage()))(call(), makeCtx())
    await expect(blocked).rejects.toMatchObject({ message: 'blocked' })
    await expect(waiting).rejects.toMatchObject({ kind: 'RateLimited', retryAfterMs: 60_000 })
    settle[1]?.()
    expect(await underWay).toBe('done')
    expect(breaker.state).toEqual({ state: 'open', untilMs: clock.now() + 60_000 })
  })

  it('lets the next call probe when the probe was called back before it left', async () => {
    const clock = new ManualClock()
    const breaker = new Breaker({ clock, firstCoolDownMs: 60_000, maxCoolDownMs: 660_000 })
    const fail: ((error: unknown) => void)[] = []
    const underWay = breaker.guard((_call, hop: Hop) => {
      hop.onDeparture?.()
      return new Promise((_, reject) => fail.push(reject))
    })(call(), makeCtx())
    await expect(breaker.guard(() => Promise.reject(blockPage()))(call(), makeCtx())).rejects.toThrow()
    await clock.advance(60_000)
    const probe = breaker.guard(
      (_call, hop: Hop) =>
        new Promise((_, reject) => {
          hop.signal.addEventListener('abort', () => reject(hop.signal.reason as Error))
        }),
    )(call(), makeCtx())
    fail[0]?.(deadLogin())
    await expect(underWay).rejects.toThrow()
    await expect(probe).rejects.toMatchObject({ kind: 'AuthExpired' })
    const other = await breaker.guard(() => Promise.resolve('fine' as never))(call('UID=2'), makeCtx())
    expect(other).toBe('fine')
    expect(breaker.state).toEqual({ state: 'closed' })
  })

  it('sends a dead credential no more, in any number of calls, until reset()', async () => {
    const world = setup()
    world.cloud.answer = deadLogin
    expect(await world.failure()).toMatchObject({ message: 'logged out' })
    await world.clock.advance(3_600_000)
    for (let i = 0; i < 5; i++) {
      expect(await world.failure()).toMatchObject({
        kind: 'AuthExpired',
        advice: 'log-in-again',
        upstream: { code: '990001' },
      })
    }
    expect(world.cloud.requests).toBe(1)
    world.cloud.answer = () => 'fine'
    world.breaker.reset()
    expect(await world.send()).toBe('fine')
  })

  it('lets another credential of the account, and calls without any, go on', async () => {
    const world = setup()
    world.cloud.answer = deadLogin
    await world.failure('UID=old')
    // A login that is refused has no credential to be dead.
    await world.failure('')
    world.cloud.answer = () => 'fine'
    expect(await world.send('UID=new')).toBe('fine')
    expect(await world.send('')).toBe('fine')
    expect(await world.failure('UID=old')).toMatchObject({ kind: 'AuthExpired' })
    expect(world.breaker.deadCredentials).toBe(1)
  })

  it.each(['scan-with-app-client', 'choose-other-client'] as const)(
    'does not bury a credential for a refusal with the advice %s',
    async (advice) => {
      const world = setup()
      world.cloud.answer = () => new StorageError('AuthExpired', 'not with this client', { advice })
      await world.failure()
      world.cloud.answer = () => 'fine'
      expect(await world.send()).toBe('fine')
    },
  )

  it('reset() ends a block at once', async () => {
    const world = setup()
    await block(world)
    world.breaker.reset()
    world.cloud.answer = () => 'fine'
    expect(await world.send()).toBe('fine')
  })
})

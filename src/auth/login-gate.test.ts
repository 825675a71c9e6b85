import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isAuthError } from './auth-error.ts'
import { LoginGate, networkOf } from './login-gate.ts'

const fiveMinutesMs = 5 * 60_000
const home = { name: 'alice', network: '203.0.113.7' }
const elsewhere = { name: 'alice', network: '198.51.100.1' }

describe('LoginGate', () => {
  let gate: LoginGate

  const fail = async (times: number, attempt = home) => {
    for (let i = 0; i < times; i++) await gate.begin(attempt)
  }
  const isLocked = async (attempt = home) => {
    const error = await gate.check(attempt).then(
      () => null,
      (failure: unknown) => failure,
    )
    return isAuthError(error, 'locked')
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 })
    gate = new LoginGate()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('locks after five failures and says for how long', async () => {
    await fail(4)
    expect(await isLocked()).toBe(false)
    await fail(1)
    await vi.advanceTimersByTimeAsync(60_000)
    await expect(gate.check(home)).rejects.toMatchObject({ reason: 'locked', retryAfterMs: 4 * 60_000 })
    await expect(gate.begin(home)).rejects.toMatchObject({ reason: 'locked' })
  })

  test('opens again after five minutes, however often somebody knocked', async () => {
    await fail(5)
    for (let i = 0; i < 20; i++) await expect(gate.begin(home)).rejects.toMatchObject({ reason: 'locked' })
    await vi.advanceTimersByTimeAsync(fiveMinutesMs)
    expect(await isLocked()).toBe(false)
  })

  test('a lock from one network holds nobody up elsewhere, and no other account here', async () => {
    await fail(5)
    expect(await isLocked(elsewhere)).toBe(false)
    expect(await isLocked({ ...home, name: 'bob' })).toBe(false)
  })

  test('guesses sent at once are counted before the first is answered', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 100 }, () => gate.begin(home)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })

  test('a success clears the account, here only', async () => {
    await fail(4)
    await fail(4, elsewhere)
    await gate.begin(home)
    await gate.succeeded(home)
    await fail(4)
    expect(await isLocked()).toBe(false)
    await fail(1, elsewhere)
    expect(await isLocked(elsewhere)).toBe(true)
  })

  test('one network has fifty failures for all names together; successes give theirs back', async () => {
    const name = (i: number) => ({ name: `user ${i}`, network: home.network })
    for (let i = 0; i < 49; i++) await gate.begin(name(i))
    for (let i = 0; i < 10; i++) {
      await gate.begin(name(100))
      await gate.succeeded(name(100))
    }
    expect(await isLocked(name(999))).toBe(false)
    await gate.begin(name(49))
    expect(await isLocked(name(999))).toBe(true)
    expect(await isLocked(elsewhere)).toBe(false)
  })

  test('unlock() lets the account in from every network, and other accounts stay locked', async () => {
    await fail(5)
    await fail(5, elsewhere)
    await fail(5, { ...home, name: 'bob' })
    gate.unlock('alice')
    expect([await isLocked(), await isLocked(elsewhere)]).toEqual([false, false])
    expect(await isLocked({ ...home, name: 'bob' })).toBe(true)
    await fail(5)
    expect(await isLocked()).toBe(true)
  })

  test('unlock() also forgives the network', async () => {
    for (let i = 0; i < 50; i++) await gate.begin({ name: `user ${i}`, network: home.network })
    gate.unlock('alice')
    expect(await isLocked()).toBe(false)
  })

  test('addresses of one IPv6 subscriber count together', async () => {
    for (let i = 0; i < 5; i++) await gate.begin({ name: 'alice', network: `2001:db8:1:2::${i}` })
    expect(await isLocked({ name: 'alice', network: '2001:db8:1:2:ffff::1' })).toBe(true)
    expect(await isLocked({ name: 'alice', network: '2001:db8:1:3::1' })).toBe(false)
  })
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not an address', 'not an address'],
])('networkOf() of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

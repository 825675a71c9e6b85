import { beforeEach, describe, expect, test } from 'vitest'
import { VPath } from '../core/path.ts'
import { ManualClock } from '../lib/clock.ts'
import { Settings } from '../settings/settings.ts'
import { Authenticator } from './authenticator.ts'
import {
  fakeScheme,
  fakeSettingStore,
  fakeTokenStore,
  fakeUserStore,
} from '../../test/support/fake-stores.ts'
import { LoginGate } from './login-gate.ts'
import { Passwords, staticHashOf } from './passwords.ts'
import { Sessions } from './sessions.ts'
import { Users } from './users.ts'

describe('Authenticator', () => {
  let users: Users
  let settings: Settings
  let sessions: Sessions
  let gate: LoginGate
  let door: Authenticator
  let scheme: ReturnType<typeof fakeScheme>

  const network = '203.0.113.7'
  const alice = {
    name: 'alice',
    password: 'right',
    role: 'general' as const,
    basePath: VPath.root,
    permission: 0,
    disabled: false,
  }
  const right = { name: 'alice', password: 'right', network }
  const wrong = { ...right, password: 'wrong' }
  const reason = (expected: string) => ({ reason: expected })

  beforeEach(async () => {
    const clock = new ManualClock()
    scheme = fakeScheme()
    const passwords = new Passwords([scheme])
    users = new Users({ store: fakeUserStore(), passwords, clock })
    await users.ensureBuiltIn('admin password')
    await users.create(alice)
    settings = await Settings.load(fakeSettingStore())
    sessions = new Sessions({ key: Buffer.alloc(32), users, settings, tokens: fakeTokenStore(), clock })
    gate = new LoginGate()
    door = new Authenticator({ users, passwords, sessions, gate })
  })

  test('byPassword() and byStaticHash() open for the right password, the hash in any case', async () => {
    expect((await door.byPassword(right)).name).toBe('alice')
    const hash = staticHashOf('right')
    expect((await door.byStaticHash({ name: 'alice', hash, network })).name).toBe('alice')
    expect((await door.byStaticHash({ name: 'alice', hash: hash.toUpperCase(), network })).name).toBe('alice')
  })

  test('a wrong password and an unknown account are refused alike and cost the same check', async () => {
    const before = scheme.checks
    const one = await door.byPassword(wrong).catch((error: unknown) => error)
    const checksOfWrong = scheme.checks - before
    const other = await door.byPassword({ ...wrong, name: 'nobody' }).catch((error: unknown) => error)
    expect(one).toMatchObject(reason('wrong-credentials'))
    expect(String(other)).toBe(String(one))
    expect([checksOfWrong, scheme.checks - before - checksOfWrong]).toEqual([1, 1])
  })

  test('the plain password is no static hash and the other way round', async () => {
    await expect(door.byStaticHash({ name: 'alice', hash: 'right', network })).rejects.toMatchObject(
      reason('wrong-credentials'),
    )
    await expect(door.byPassword({ ...right, password: staticHashOf('right') })).rejects.toMatchObject(
      reason('wrong-credentials'),
    )
  })

  test('failures of every way in count together, and then the right password is refused too', async () => {
    for (let i = 0; i < 3; i++)
      await expect(door.byPassword(wrong)).rejects.toMatchObject(reason('wrong-credentials'))
    for (let i = 0; i < 2; i++) {
      await expect(door.byStaticHash({ name: 'alice', hash: 'x', network })).rejects.toMatchObject(
        reason('wrong-credentials'),
      )
    }
    await expect(door.byPassword(right)).rejects.toMatchObject(reason('locked'))
    expect((await door.byPassword({ ...right, network: '198.51.100.1' })).name).toBe('alice')
    gate.unlock('alice')
    expect((await door.byPassword(right)).name).toBe('alice')
  })

  test('unknown accounts are locked like known ones', async () => {
    const nobody = { ...wrong, name: 'nobody' }
    for (let i = 0; i < 5; i++)
      await expect(door.byPassword(nobody)).rejects.toMatchObject(reason('wrong-credentials'))
    await expect(door.byPassword(nobody)).rejects.toMatchObject(reason('locked'))
  })

  test('a success clears earlier failures', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++)
        await expect(door.byPassword(wrong)).rejects.toMatchObject(reason('wrong-credentials'))
      await users.setPassword(3, `right ${round}`)
      expect((await door.byPassword({ ...right, password: `right ${round}` })).name).toBe('alice')
    }
  })

  test('a password that was right is not hashed again with each request', async () => {
    const before = scheme.checks
    for (let i = 0; i < 50; i++) await door.byPassword(right)
    expect(scheme.checks - before).toBe(1)
  })

  test('a client that opens many connections at once is checked once and not locked', async () => {
    const before = scheme.checks
    const results = await Promise.all(Array.from({ length: 40 }, () => door.byPassword(right)))
    expect(results.map(({ name }) => name)).toEqual(Array.from({ length: 40 }, () => 'alice'))
    expect(scheme.checks - before).toBe(1)
  })

  test('a new password ends the old one at once', async () => {
    await door.byPassword(right)
    await users.setPassword(3, 'new')
    await expect(door.byPassword(right)).rejects.toMatchObject(reason('wrong-credentials'))
    expect((await door.byPassword({ ...right, password: 'new' })).name).toBe('alice')
  })

  test('only who knows the password learns that the account is disabled', async () => {
    await door.byPassword(right)
    await users.update(3, { ...alice, password: '', disabled: true })
    await expect(door.byPassword(right)).rejects.toMatchObject(reason('disabled'))
    await expect(door.byPassword(wrong)).rejects.toMatchObject(reason('wrong-credentials'))
    await expect(door.byPassword({ name: 'guest', password: 'guest', network })).rejects.toMatchObject(
      reason('guest-disabled'),
    )
  })

  test('byToken() knows sessions and the static token; byStaticToken() the latter only', async () => {
    const token = await sessions.issue(await users.get(3))
    expect((await door.byToken(token)).name).toBe('alice')
    expect((await door.byToken(settings.get('token'))).name).toBe('admin')
    expect((await door.byStaticToken(settings.get('token'))).name).toBe('admin')
    await expect(door.byStaticToken(token)).rejects.toMatchObject(reason('invalid'))
    await expect(door.byStaticToken('')).rejects.toMatchObject(reason('invalid'))
  })
})

import { SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { VPath } from '../core/path.ts'
import { ManualClock } from '../lib/clock.ts'
import { Settings } from '../settings/settings.ts'
import { isAuthError } from './auth-error.ts'
import {
  fakeScheme,
  fakeSettingStore,
  fakeTokenStore,
  fakeUserStore,
} from '../../test/support/fake-stores.ts'
import { Passwords } from './passwords.ts'
import { sessionLifetimeMs, Sessions } from './sessions.ts'
import type { User } from './user.ts'
import { Users } from './users.ts'

const key = Buffer.alloc(32, 1)

describe('Sessions', () => {
  let clock: ManualClock
  let users: Users
  let settings: Settings
  let sessions: Sessions
  let alice: User
  const tokens = fakeTokenStore()

  const input = () => ({ ...alice, password: '' })
  const reasonOf = async (token: string) => {
    const error = await sessions.verify(token).then(
      (user) => user.name,
      (failure: unknown) => failure,
    )
    return isAuthError(error) ? error.reason : error
  }
  const claims = () => payloadOf(token)
  let token: string

  beforeEach(async () => {
    clock = new ManualClock(1_700_000_000_000)
    users = new Users({ store: fakeUserStore(), passwords: new Passwords([fakeScheme()]), clock })
    await users.ensureBuiltIn()
    alice = await users.create({
      name: 'alice',
      password: 'x',
      role: 'general',
      basePath: VPath.root,
      permission: 0,
      disabled: false,
    })
    settings = await Settings.load(fakeSettingStore())
    sessions = new Sessions({ key, users, settings, tokens, clock })
    token = await sessions.issue(alice)
  })

  test('issue() gives a token with the claims that AList has', async () => {
    expect(claims()).toEqual({
      username: 'alice',
      pwd_ts: 1_700_000_000,
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      exp: 1_700_000_000 + 48 * 3600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(await sessions.verify(token)).toEqual(alice)
  })

  test('two tokens of one moment are two sessions', async () => {
    expect(await sessions.issue(alice)).not.toBe(token)
  })

  test('verify() of a token after 48 hours is expired', async () => {
    await clock.advance(sessionLifetimeMs - 1000)
    expect(await reasonOf(token)).toBe('alice')
    await clock.advance(1000)
    expect(await reasonOf(token)).toBe('expired')
  })

  test('verify() of a token from the future is not-yet', async () => {
    await clock.advance(60_000)
    const later = await sessions.issue(alice)
    const earlier = new Sessions({ key, users, settings, tokens, clock: new ManualClock(1_700_000_000_000) })
    await expect(earlier.verify(later)).rejects.toMatchObject({ reason: 'not-yet' })
  })

  test('a new password ends every session of the account and of nobody else', async () => {
    const admin = await sessions.issue(await users.admin())
    await users.setPassword(alice.id, 'new')
    expect(await reasonOf(token)).toBe('password-changed')
    expect(await reasonOf(admin)).toBe('admin')
  })

  test('a disabled account is disabled at once', async () => {
    await users.update(alice.id, { ...input(), disabled: true })
    expect(await reasonOf(token)).toBe('disabled')
  })

  test('a deleted account has no sessions', async () => {
    await users.delete(alice.id)
    expect(await reasonOf(token)).toBe('invalid')
  })

  test('revoke() ends that session alone, and for a restarted gateway too', async () => {
    const other = await sessions.issue(alice)
    await sessions.revoke(token)
    expect(await reasonOf(token)).toBe('invalid')
    expect(await reasonOf(other)).toBe('alice')
    const restarted = new Sessions({ key, users, settings, tokens, clock })
    await expect(restarted.verify(token)).rejects.toMatchObject({ reason: 'invalid' })
    await expect(restarted.verify(other)).resolves.toEqual(alice)
  })

  test('revoke() leaves the static token and the guest alone, and refuses what is no session', async () => {
    const staticToken = settings.get('token')
    await sessions.revoke(staticToken)
    await sessions.revoke('')
    expect(await reasonOf(staticToken)).toBe('admin')
    await expect(sessions.revoke('nonsense')).rejects.toMatchObject({ reason: 'invalid' })
  })

  test('the static token is the admin, until it is reset', async () => {
    const staticToken = settings.get('token')
    expect(await reasonOf(staticToken)).toBe('admin')
    expect(await reasonOf(`${staticToken}x`)).toBe('invalid')
    expect(await reasonOf(await settings.resetToken())).toBe('admin')
    expect(await reasonOf(staticToken)).toBe('invalid')
  })

  test('no token is the guest, when the guest is let in', async () => {
    expect(await reasonOf('')).toBe('guest-disabled')
    await users.update(2, { ...input(), name: 'guest', role: 'guest' })
    expect(await reasonOf('')).toBe('guest')
  })

  describe('verify() refuses', () => {
    const forge = (header: { alg: string }, body: object = claims(), secret = key) =>
      new SignJWT({ ...body }).setProtectedHeader(header).sign(secret)

    test('a token of another key', async () => {
      expect(await reasonOf(await forge({ alg: 'HS256' }, claims(), Buffer.alloc(32, 2)))).toBe('invalid')
    })

    test('another algorithm, even under our key', async () => {
      expect(await reasonOf(await forge({ alg: 'HS512' }, claims(), Buffer.alloc(64, 1)))).toBe('invalid')
    })

    test('no algorithm', async () => {
      const header = Buffer.from('{"alg":"none"}').toString('base64url')
      expect(await reasonOf(`${header}.${token.split('.')[1]}.`)).toBe('invalid')
    })

    test('changed claims', async () => {
      const body = Buffer.from(JSON.stringify({ ...claims(), username: 'admin' })).toString('base64url')
      const [header, , signature] = token.split('.')
      expect(await reasonOf(`${header}.${body}.${signature}`)).toBe('invalid')
    })

    test.each(['username', 'pwd_ts', 'exp', 'nbf', 'jti'])('a token without %s', async (claim) => {
      const { [claim]: _, ...rest } = claims()
      expect(await reasonOf(await forge({ alg: 'HS256' }, rest))).toBe('invalid')
    })

    test.each(['nonsense', 'a.b.c', ' ', 'Bearer x'])('"%s"', async (text) => {
      expect(await reasonOf(text)).toBe('invalid')
    })
  })
})

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

import { beforeEach, describe, expect, test } from 'vitest'
import { VPath } from '../core/path.ts'
import { ManualClock } from '../lib/clock.ts'
import { fakeScheme, fakeUserStore } from '../../test/support/fake-stores.ts'
import { Passwords, staticHashOf } from './passwords.ts'
import { Users, type UserInput } from './users.ts'

const alice: UserInput = {
  name: 'alice',
  password: 'first',
  role: 'general',
  basePath: VPath.parse('/115/alice'),
  permission: 263,
  disabled: false,
}

describe('Users', () => {
  let users: Users
  let clock: ManualClock

  const storedHash = async (name: string) => (await users.find(name))?.passwordHash
  const hashOf = (password: string) => `$fake$${staticHashOf(password)}`

  beforeEach(async () => {
    clock = new ManualClock(1_700_000_000_500)
    users = new Users({ store: fakeUserStore(), passwords: new Passwords([fakeScheme()]), clock })
  })

  describe('ensureBuiltIn()', () => {
    test('makes an admin with every permission and a closed guest, and gives the password once', async () => {
      const { firstPassword } = await users.ensureBuiltIn()
      expect(firstPassword).toMatch(/^[A-Za-z2-9]{16}$/)
      expect(await storedHash('admin')).toBe(hashOf(firstPassword ?? ''))
      expect(await users.admin()).toMatchObject({ id: 1, role: 'admin', permission: 0xffff, disabled: false })
      expect(await users.guest()).toMatchObject({ id: 2, role: 'guest', permission: 0, disabled: true })
      expect(await users.ensureBuiltIn()).toEqual({ firstPassword: null })
      expect(await storedHash('admin')).toBe(hashOf(firstPassword ?? ''))
    })

    test('two first starts have different passwords', async () => {
      const other = new Users({ store: fakeUserStore(), passwords: new Passwords([fakeScheme()]), clock })
      expect((await users.ensureBuiltIn()).firstPassword).not.toBe(
        (await other.ensureBuiltIn()).firstPassword,
      )
    })

    test('takes a given password for the first admin only, and does not hand it back', async () => {
      expect(await users.ensureBuiltIn('given')).toEqual({ firstPassword: null })
      await users.ensureBuiltIn('another')
      expect(await storedHash('admin')).toBe(hashOf('given'))
    })
  })

  describe('create()', () => {
    test('gives the account back without its password', async () => {
      const created = await users.create(alice)
      expect(created).toEqual({
        id: 3,
        name: 'alice',
        role: 'general',
        basePath: alice.basePath,
        permission: 263,
        disabled: false,
        passwordChangedAt: new Date(1_700_000_000_000),
        allowsLdap: true,
        ssoId: '',
      })
      expect(await users.get(3)).toEqual(created)
      expect(await users.list()).toEqual([created])
    })

    test.each(['admin', 'guest'] as const)('refuses a second %s', async (role) => {
      await expect(users.create({ ...alice, role })).rejects.toMatchObject({
        kind: 'InvalidInput',
        message: 'admin or guest user can not be created',
      })
    })

    test.each([
      ['an empty password', { password: '' }],
      ['an empty name', { name: '  ' }],
      ['a name that Basic credentials cannot carry', { name: 'a:b' }],
      ['a name with a line break', { name: 'a\nb' }],
      ['a permission beyond the sixteen bits', { permission: 0x10000 }],
      ['a permission that is no number', { permission: Number.NaN }],
    ])('refuses %s', async (_, change) => {
      await expect(users.create({ ...alice, ...change })).rejects.toMatchObject({ kind: 'InvalidInput' })
      expect(await users.list()).toEqual([])
    })

    test('refuses a name that is taken', async () => {
      await users.create(alice)
      await expect(users.create(alice)).rejects.toMatchObject({ kind: 'AlreadyExists' })
    })
  })

  describe('update()', () => {
    test('without a password keeps it and its time', async () => {
      const created = await users.create(alice)
      await clock.advance(10_000)
      const changed = await users.update(3, { ...alice, password: '', name: 'bob', permission: 1 })
      expect(changed).toEqual({ ...created, name: 'bob', permission: 1 })
      expect(await storedHash('bob')).toBe(hashOf('first'))
    })

    test('with a password moves its time on, by whole seconds even within one', async () => {
      const created = await users.create(alice)
      const changed = await users.update(3, { ...alice, password: 'second' })
      expect(changed.passwordChangedAt.getTime()).toBe(created.passwordChangedAt.getTime() + 1000)
      expect(await storedHash('alice')).toBe(hashOf('second'))
    })

    test('refuses another role and a disabled admin', async () => {
      await users.ensureBuiltIn()
      const admin = { ...alice, name: 'admin', role: 'admin' as const }
      await expect(users.update(1, { ...admin, role: 'general' })).rejects.toThrow('role can not be changed')
      await expect(users.update(1, { ...admin, disabled: true })).rejects.toThrow(
        'admin user can not be disabled',
      )
      expect((await users.update(1, { ...admin, name: 'root' })).name).toBe('root')
    })

    test('opens the guest', async () => {
      await users.ensureBuiltIn()
      await users.update(2, { ...alice, name: 'guest', role: 'guest', password: '', disabled: false })
      expect((await users.guest()).disabled).toBe(false)
    })

    test('of an unknown account is NotFound', async () => {
      await expect(users.update(9, alice)).rejects.toMatchObject({ kind: 'NotFound' })
    })
  })

  test('setPassword() changes it and refuses an empty one', async () => {
    await users.create(alice)
    await users.setPassword(3, 'new')
    expect(await storedHash('alice')).toBe(hashOf('new'))
    await expect(users.setPassword(3, '')).rejects.toMatchObject({ kind: 'InvalidInput' })
    await expect(users.setPassword(9, 'x')).rejects.toMatchObject({ kind: 'NotFound' })
  })

  test('delete() takes an account away, but never the admin or the guest', async () => {
    await users.ensureBuiltIn()
    await users.create(alice)
    await users.delete(3)
    expect(await users.find('alice')).toBeNull()
    for (const id of [1, 2]) {
      await expect(users.delete(id)).rejects.toMatchObject({
        kind: 'Conflict',
        message: 'cannot delete admin or guest',
      })
    }
    expect(await users.list()).toHaveLength(2)
  })
})

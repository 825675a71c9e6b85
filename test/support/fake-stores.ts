import { StorageError } from '../../src/core/errors.ts'
import type { SettingStore } from '../../src/settings/settings.ts'
import type { Passwords } from '../../src/auth/passwords.ts'
import type { TokenStore } from '../../src/auth/sessions.ts'
import type { StoredUser, UserStore } from '../../src/auth/user.ts'

// Stores that forget with the test, and passwords whose check costs nothing.

export function fakeUserStore(): UserStore {
  const rows = new Map<number, StoredUser>()
  const find = (name: string) => [...rows.values()].find(({ user }) => user.name === name) ?? null
  const assertFree = (name: string, id: number | null) => {
    const other = find(name)
    if (other && other.user.id !== id)
      throw new StorageError('AlreadyExists', `Cannot save user "${name}": name taken`)
  }
  return {
    list: async () => [...rows.values()].map(({ user }) => user).sort((one, other) => one.id - other.id),
    get: async (id) => rows.get(id) ?? null,
    find: async (name) => find(name),
    async create({ user, passwordHash }) {
      assertFree(user.name, null)
      const created = { ...user, id: user.id ?? Math.max(2, ...rows.keys()) + 1 }
      rows.set(created.id, { user: created, passwordHash })
      return created
    },
    async update(stored) {
      assertFree(stored.user.name, stored.user.id)
      rows.set(stored.user.id, stored)
      return stored.user
    },
    async delete(id) {
      if (!rows.delete(id)) throw new StorageError('NotFound', `no user ${id}`)
    },
  }
}

export function fakeSettingStore(saved: Readonly<Record<string, string>> = {}): SettingStore {
  const values = new Map(Object.entries(saved))
  return {
    load: async () => new Map(values),
    async save(changes) {
      for (const { key, value } of changes) values.set(key, value)
    },
  }
}

export function fakeTokenStore(): TokenStore {
  const revoked = new Map<string, number>()
  return {
    revoke: async (sessionId, expiresAt) => void revoked.set(sessionId, expiresAt.getTime()),
    isRevoked: async (sessionId) => revoked.has(sessionId),
    async sweep(now) {
      for (const [id, at] of revoked) if (at < now.getTime()) revoked.delete(id)
    },
  }
}

/** For `new Passwords([...])`; counts its checks. */
export function fakeScheme(): ConstructorParameters<typeof Passwords>[0][0] & { checks: number } {
  return {
    prefix: '$fake$',
    checks: 0,
    hash: async (text) => `$fake$${text}`,
    async verify(text, stored) {
      this.checks += 1
      return stored === `$fake$${text}`
    },
  }
}

import { randomInt } from 'node:crypto'
import { StorageError } from '../core/errors.ts'
import { VPath } from '../core/path.ts'
import type { Clock } from '../lib/clock.ts'
import { type Passwords, staticHashOf } from './passwords.ts'
import { everyPermission } from './permission.ts'
import type { Role, StoredUser, User, UserStore } from './user.ts'

export const adminId = 1
export const guestId = 2

/** What somebody may say about an account. */
export interface UserInput {
  readonly name: string
  /** Plain; empty or absent on update keeps the present one. */
  readonly password?: string
  readonly role: Role
  readonly basePath: VPath
  readonly permission: number
  readonly disabled: boolean
  readonly allowsLdap?: boolean
  readonly ssoId?: string
}

export interface BuiltIn {
  /** The random password of the admin this call created, which cannot be asked for again; else null. */
  readonly firstPassword: string | null
}

interface UsersParts {
  readonly store: UserStore
  readonly passwords: Passwords
  readonly clock: Clock
}

/** The accounts and AList's rules about them: an admin and a guest exist from the start and stay. */
export class Users {
  readonly #store: UserStore
  readonly #passwords: Passwords
  readonly #clock: Clock

  constructor(parts: UsersParts) {
    this.#store = parts.store
    this.#passwords = parts.passwords
    this.#clock = parts.clock
  }

  /**
   * Creates the admin and the guest where they are missing. The admin gets `adminPassword`, or a random one
   * when that is empty or absent; there is no default anybody could know.
   */
  async ensureBuiltIn(adminPassword = ''): Promise<BuiltIn> {
    await this.#ensureGuest()
    if (await this.#store.get(adminId)) return { firstPassword: null }
    const firstPassword = adminPassword === '' ? randomPassword() : null
    const user = {
      id: adminId,
      name: 'admin',
      role: 'admin',
      basePath: VPath.root,
      permission: everyPermission,
      disabled: false,
      passwordChangedAt: this.#second(),
      allowsLdap: true,
      ssoId: '',
    } as const
    await this.#store.create({ user, passwordHash: await this.#hash(firstPassword ?? adminPassword) })
    return { firstPassword }
  }

  list(): Promise<readonly User[]> {
    return this.#store.list()
  }

  /** Throws NotFound. */
  async get(id: number): Promise<User> {
    return (await this.#stored(id)).user
  }

  /** The account with exactly that name, and what its password is checked against; null when there is none. */
  find(name: string): Promise<StoredUser | null> {
    return this.#store.find(name)
  }

  /** The account of everybody who does not log in. */
  guest(): Promise<User> {
    return this.get(guestId)
  }

  /** The account that the static token stands for. */
  admin(): Promise<User> {
    return this.get(adminId)
  }

  /** Throws InvalidInput for a second admin or guest, an empty password or a bad name; AlreadyExists. */
  async create(input: UserInput): Promise<User> {
    if (input.role !== 'general') {
      throw new StorageError('InvalidInput', 'admin or guest user can not be created')
    }
    if (!input.password) throw new StorageError('InvalidInput', 'Cannot create user: password is empty')
    const user = {
      ...factsOf(input),
      id: null,
      role: input.role,
      passwordChangedAt: this.#second(),
      allowsLdap: input.allowsLdap ?? true,
      ssoId: input.ssoId ?? '',
    }
    return this.#store.create({ user, passwordHash: await this.#hash(input.password) })
  }

  /** A new password ends every session of the account. Throws NotFound, InvalidInput, AlreadyExists. */
  async update(id: number, input: UserInput): Promise<User> {
    const old = await this.#stored(id)
    if (input.role !== old.user.role) throw new StorageError('InvalidInput', 'role can not be changed')
    if (old.user.role === 'admin' && input.disabled) {
      throw new StorageError('InvalidInput', 'admin user can not be disabled')
    }
    const user = {
      ...old.user,
      ...factsOf(input),
      allowsLdap: input.allowsLdap ?? old.user.allowsLdap,
      ssoId: input.ssoId ?? old.user.ssoId,
    }
    if (!input.password) return this.#store.update({ user, passwordHash: old.passwordHash })
    return this.#store.update(await this.#withPassword(user, input.password))
  }

  /** Ends every session of the account. Throws NotFound, InvalidInput when `password` is empty. */
  async setPassword(id: number, password: string): Promise<User> {
    if (password === '') throw new StorageError('InvalidInput', 'Cannot set password: it is empty')
    const { user } = await this.#stored(id)
    return this.#store.update(await this.#withPassword(user, password))
  }

  /** Throws NotFound, Conflict for the admin and the guest. */
  async delete(id: number): Promise<void> {
    if (id === adminId || id === guestId) {
      throw new StorageError('Conflict', 'cannot delete admin or guest')
    }
    await this.#store.delete(id)
  }

  async #ensureGuest(): Promise<void> {
    if (await this.#store.get(guestId)) return
    const user = {
      id: guestId,
      name: 'guest',
      role: 'guest',
      basePath: VPath.root,
      permission: 0,
      // A site is closed until its owner opens it.
      disabled: true,
      passwordChangedAt: this.#second(),
      allowsLdap: false,
      ssoId: '',
    } as const
    await this.#store.create({ user, passwordHash: await this.#hash('guest') })
  }

  async #stored(id: number): Promise<StoredUser> {
    const stored = await this.#store.get(id)
    if (stored) return stored
    throw new StorageError('NotFound', `Cannot find user ${id}`)
  }

  async #withPassword(user: User, password: string): Promise<StoredUser> {
    // Tokens carry this time in seconds: two changes within one second must still differ.
    const later = Math.max(this.#second().getTime(), user.passwordChangedAt.getTime() + 1000)
    return { user: { ...user, passwordChangedAt: new Date(later) }, passwordHash: await this.#hash(password) }
  }

  #hash(password: string): Promise<string> {
    return this.#passwords.hash(staticHashOf(password))
  }

  #second(): Date {
    return new Date(Math.floor(this.#clock.now() / 1000) * 1000)
  }
}

function factsOf(input: UserInput): Pick<User, 'name' | 'basePath' | 'permission' | 'disabled'> {
  const name = input.name.trim()
  // A colon would end the name in Basic credentials, and the account could never log in to WebDAV.
  if (name === '' || name.length > 100 || /[:\p{Cc}]/u.test(name)) {
    throw new StorageError('InvalidInput', `Cannot save user "${name.slice(0, 40)}": name is not usable`)
  }
  const permission = input.permission
  if (!Number.isInteger(permission) || permission < 0 || permission > everyPermission) {
    throw new StorageError('InvalidInput', `Cannot save user "${name}": permission is "${permission}"`)
  }
  return { name, permission, basePath: input.basePath, disabled: input.disabled }
}

// Without the letters and digits people mix up when they copy a password from a terminal.
const legible = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

function randomPassword(): string {
  return Array.from({ length: 16 }, () => legible[randomInt(legible.length)]).join('')
}

import type { VPath } from '../core/path.ts'

export type Role = 'admin' | 'guest' | 'general'

/** An account as everybody above the store may see it: without anything of its password. */
export interface User {
  /** Positive, given by the store, never reused. 1 is the admin, 2 the guest. */
  readonly id: number
  /** Unique, case counts. */
  readonly name: string
  readonly role: Role
  /** What the user sees as `/`. */
  readonly basePath: VPath
  /** Bits as AList numbers them (`permission.ts`). */
  readonly permission: number
  readonly disabled: boolean
  /** Whole seconds; tokens of an earlier password carry another value. */
  readonly passwordChangedAt: Date
  readonly allowsLdap: boolean
  readonly ssoId: string
}

/** A user with the text its password is checked against (`passwords.ts`). */
export interface StoredUser {
  readonly user: User
  readonly passwordHash: string
}

/** Where users are kept. Every write is on disk, whole, once its promise resolves. */
export interface UserStore {
  /** By id. */
  list(): Promise<readonly User[]>
  get(id: number): Promise<StoredUser | null>
  /** The one with exactly that name. */
  find(name: string): Promise<StoredUser | null>
  /** Gives the next free id, or `user.id` when that is not null. Throws AlreadyExists when name or id is taken. */
  create(stored: {
    readonly user: Omit<User, 'id'> & { readonly id: number | null }
    readonly passwordHash: string
  }): Promise<User>
  /** Replaces the whole row. Throws NotFound, and AlreadyExists when the name is another one's. */
  update(stored: StoredUser): Promise<User>
  /** Throws NotFound. */
  delete(id: number): Promise<void>
}

import * as z from 'zod'
import type { Role, User } from '../../auth/user.ts'
import type { UserInput } from '../../auth/users.ts'
import { isStorageError } from '../../core/errors.ts'
import type { Language } from '../../lib/language.ts'
import type { MeData, PageData } from './contract.ts'
import { ApiError, refuse } from './errors.ts'
import { assertGiven, flag, pageOf, paging, parseId, parseInput, text, whole } from './input.ts'
import type { ApiParts } from './parts.ts'
import { parsePath } from './paths.ts'
import type { Call, Route } from './route.ts'

const pageInput = z.object(paging)
const userInput = z.object({
  id: whole,
  username: text,
  password: text,
  base_path: text,
  role: whole,
  disabled: flag,
  permission: whole,
  sso_id: text,
  allow_ldap: flag,
})

const roles = { general: 0, guest: 1, admin: 2 } as const satisfies Record<Role, number>

/** Accounts, for administrators. */
export function userRoutes(parts: ApiParts): readonly Route[] {
  const { users } = parts
  const admin = { access: 'admin' } as const

  /** AList's words for a refusal of the accounts, whatever verb it was. */
  const saying = (answer: (call: Call) => Promise<unknown>) => async (call: Call) => {
    try {
      return await answer(call)
    } catch (error) {
      throw refuseUser(error, call.language)
    }
  }

  async function list(call: Call): Promise<PageData<MeData>> {
    const input = parseInput(pageInput, call.query)
    const all = await users.list()
    return { content: pageOf(all, input).map(describeUser), total: all.length }
  }

  async function create({ input }: Call): Promise<null> {
    await users.create(readUser(input))
    return null
  }

  async function update({ input }: Call): Promise<null> {
    await users.update(parseInput(userInput, input).id, readUser(input))
    return null
  }

  async function remove({ query }: Call): Promise<null> {
    await users.delete(parseId(query))
    return null
  }

  return [
    { ...admin, method: 'GET', url: '/api/admin/user/list', answer: saying(list) },
    {
      ...admin,
      method: 'GET',
      url: '/api/admin/user/get',
      answer: saying(async ({ query }) => describeUser(await users.get(parseId(query)))),
    },
    { ...admin, method: 'POST', url: '/api/admin/user/create', answer: saying(create) },
    { ...admin, method: 'POST', url: '/api/admin/user/update', answer: saying(update) },
    { ...admin, method: 'POST', url: '/api/admin/user/delete', answer: saying(remove) },
  ]
}

export function describeUser(user: User): MeData {
  return {
    id: user.id,
    username: user.name,
    password: '',
    base_path: user.basePath.toString(),
    role: roles[user.role],
    disabled: user.disabled,
    permission: user.permission,
    sso_id: user.ssoId,
    allow_ldap: user.allowsLdap,
  }
}

/** What saving `user` unchanged would take. */
export function inputOf(user: User): UserInput {
  const { name, role, basePath, permission, disabled, allowsLdap, ssoId } = user
  return { name, role, basePath, permission, disabled, allowsLdap, ssoId }
}

/** The accounts' own words, which are AList's where AList has some. */
export function refuseUser(error: unknown, language: Language): unknown {
  if (isStorageError(error, 'InvalidInput')) return new ApiError(400, error.message)
  if (isStorageError(error, 'Conflict')) return new ApiError(500, error.message)
  if (isStorageError(error, 'AlreadyExists')) {
    return new ApiError(500, 'UNIQUE constraint failed: x_users.username')
  }
  return isStorageError(error, 'NotFound') ? refuse(error, 'failed get user', language) : error
}

function readUser(input: unknown): UserInput {
  const given = parseInput(userInput, input)
  assertGiven(given.username, 'User', 'Username')
  const role = (Object.keys(roles) as Role[]).find((name) => roles[name] === given.role)
  if (!role) throw new ApiError(400, `cannot read field "role": ${given.role} is not 0, 1 or 2`)
  return {
    name: given.username,
    password: given.password,
    role,
    basePath: parsePath(given.base_path),
    permission: given.permission,
    disabled: given.disabled,
    ssoId: given.sso_id,
    allowsLdap: given.allow_ldap,
  }
}

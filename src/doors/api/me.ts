import * as z from 'zod'
import { everyPermission } from '../../auth/permission.ts'
import type { User } from '../../auth/user.ts'
import type { MeData } from './contract.ts'
import { ApiError } from './errors.ts'
import { parseInput, text } from './input.ts'
import type { ApiParts } from './parts.ts'
import type { Route } from './route.ts'
import { describeUser, inputOf, refuseUser } from './user.ts'

const meInput = z.object({ username: text, password: text, sso_id: text })

/** The caller's own account. */
export function meRoutes(parts: ApiParts): readonly Route[] {
  return [
    { method: 'GET', url: '/api/me', access: 'user', answer: async ({ user }) => describeMe(user) },
    {
      method: 'POST',
      url: '/api/me/update',
      access: 'user',
      answer: async ({ user, input, language }) => {
        if (user.role === 'guest') throw new ApiError(403, 'Guest user can not update profile')
        const given = parseInput(meInput, input)
        const changed = { name: given.username || user.name, password: given.password, ssoId: given.sso_id }
        try {
          await parts.users.update(user.id, { ...inputOf(user), ...changed })
        } catch (error) {
          throw refuseUser(error, language)
        }
        return null
      },
    },
  ]
}

/** An admin may do everything, and some front ends look at the bits alone to know. */
function describeMe(user: User): MeData & { readonly otp: boolean } {
  const permission = user.role === 'admin' ? everyPermission : user.permission
  return { ...describeUser(user), permission, otp: false }
}

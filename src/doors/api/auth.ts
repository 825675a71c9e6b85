import * as z from 'zod'
import type { User } from '../../auth/user.ts'
import { ApiError } from './errors.ts'
import { assertGiven, parseInput, text } from './input.ts'
import type { ApiParts } from './parts.ts'
import type { Route, Visit } from './route.ts'

const loginInput = z.object({ username: text, password: text, otp_code: text })

/** Logging in and out. */
export function authRoutes(parts: ApiParts): readonly Route[] {
  const { authenticator, sessions } = parts

  async function login(
    visit: Visit,
    find: (given: Credentials) => Promise<User>,
  ): Promise<{ token: string }> {
    const { username, password } = parseInput(loginInput, visit.input)
    assertGiven(username, 'LoginReq', 'Username')
    const network = parts.clientIp(visit.request.raw)
    return { token: await sessions.issue(await find({ name: username, password, network })) }
  }

  return [
    {
      method: 'POST',
      url: '/api/auth/login',
      access: 'anyone',
      answer: (visit) => login(visit, (given) => authenticator.byPassword(given)),
    },
    {
      method: 'POST',
      url: '/api/auth/login/hash',
      access: 'anyone',
      answer: (visit) =>
        login(visit, ({ name, password, network }) =>
          authenticator.byStaticHash({ name, hash: password, network }),
        ),
    },
    {
      method: 'POST',
      url: '/api/auth/login/ldap',
      access: 'anyone',
      answer: async () => {
        throw new ApiError(403, 'ldap is not enabled')
      },
    },
    {
      method: 'GET',
      url: '/api/auth/logout',
      access: 'user',
      answer: async ({ token }) => {
        await sessions.revoke(token)
        return null
      },
    },
  ]
}

interface Credentials {
  readonly name: string
  readonly password: string
  readonly network: string
}

import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../auth/auth-error.ts'
import type { User } from '../../auth/user.ts'
import { parseBasic } from '../../lib/http-basic.ts'

/** What this door needs of the entrance that all doors share. */
export interface DavAuthenticator {
  /** Counts failures. Throws AuthError. */
  byPassword(given: {
    readonly name: string
    readonly network: string
    readonly password: string
  }): Promise<User>
  /** Throws AuthError. */
  byStaticToken(token: string): Promise<User>
}

/**
 * The user that the request's `Authorization` stands for: an account's name and plain password, or the static
 * token as `Bearer`. Throws AuthError; `missing` when nothing was sent, which counts as no failure since many
 * players look first and ask for the password then.
 */
export async function userOf(
  req: IncomingMessage,
  network: string,
  authenticator: DavAuthenticator,
): Promise<User> {
  const { authorization } = req.headers
  if (authorization === undefined) throw new AuthError('missing', 'A user name and password are needed')
  const given = parseBasic(authorization)
  if (given) return authenticator.byPassword({ ...given, network })
  const [, token] = /^\s*bearer\s+(\S+)\s*$/i.exec(authorization) ?? []
  if (token !== undefined) return authenticator.byStaticToken(token)
  throw new AuthError('missing', 'Only Basic and Bearer credentials are understood')
}

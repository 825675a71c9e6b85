import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../auth/auth-error.ts'
import type { User } from '../../auth/user.ts'

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
  const [, scheme = '', credentials = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return authenticator.byPassword({ ...parseBasic(credentials), network })
    case 'bearer':
      return authenticator.byStaticToken(credentials)
    default:
      throw new AuthError('missing', 'Only Basic and Bearer credentials are understood')
  }
}

/** Name and password in UTF-8, as our challenge asks for. A name holds no colon, a password may. */
function parseBasic(credentials: string): { name: string; password: string } {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) throw new AuthError('missing', 'Malformed Basic credentials')
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

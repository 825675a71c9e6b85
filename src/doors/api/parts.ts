import type { IncomingMessage } from 'node:http'
import type { FastifyServerFactory } from 'fastify'
import type { Authenticator } from '../../auth/authenticator.ts'
import type { Sessions } from '../../auth/sessions.ts'
import type { Signer } from '../../auth/signer.ts'
import type { User } from '../../auth/user.ts'
import type { Users } from '../../auth/users.ts'
import type { Logger } from '../../core/ctx.ts'
import type { QrLogin } from '../../core/qr-login.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Storages } from '../../vfs/storages.ts'
import type { Subject } from '../../vfs/subject.ts'
import type { View } from '../../vfs/view.ts'

/** What the app gives the door. */
export interface ApiParts {
  readonly authenticator: Pick<Authenticator, 'byToken' | 'byPassword' | 'byStaticHash'>
  readonly sessions: Pick<Sessions, 'issue' | 'revoke'>
  readonly users: Pick<Users, 'list' | 'get' | 'create' | 'update' | 'delete'>
  readonly subjectOf: (user: User) => Subject
  readonly signer: Pick<Signer, 'sign'>
  readonly settings: Settings
  readonly storages: Storages
  readonly viewOf: (subject: Subject) => View
  readonly qrLogin: QrLogin
  readonly clock: Clock
  readonly log: Logger
  /** The address of the client itself, trusted proxies looked through. */
  readonly clientIp: (request: IncomingMessage) => string
  /** Scheme, host and prefix by which this client reaches us, without a slash at the end. */
  readonly originOf: (request: IncomingMessage) => string
  /** The gateway's own version, digits and dots. */
  readonly version: string
  /** Makes the server that requests come through; absent: a plain one. */
  readonly serverFactory?: FastifyServerFactory
}

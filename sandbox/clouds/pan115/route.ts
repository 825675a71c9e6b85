import type { Answer } from '../../server/answer.ts'
import type { Exchange } from '../../server/exchange.ts'
import type { Session } from '../../state/accounts.ts'
import type { RequestClass } from '../../state/request-log.ts'
import type { Pan115 } from './cloud.ts'
import type { HostFamily } from './hosts.ts'
import type { Dialect } from './reply.ts'

/** What a handler works with. */
export interface Call {
  readonly exchange: Exchange
  readonly cloud: Pan115
  /** The path segment that stands where the pattern says `:app`; empty when the pattern has none. */
  readonly app: string
}

interface RouteFacts {
  readonly family: HostFamily
  /** `:app` stands for one segment, a final `*` for any rest. A trailing slash in a request does not matter. */
  readonly path: string
  /** Query parameters that choose among scripts of one path. */
  readonly select?: Readonly<Record<string, string>>
  readonly class: RequestClass
  /** Every parameter it knows, besides those that any call may carry. */
  readonly params: readonly string[]
  readonly dialect: Dialect
}

/** A call that everybody may make. */
interface OpenRoute extends RouteFacts {
  readonly open: (call: Call) => Answer | Promise<Answer>
}

/** A call that needs a living login. */
interface GuardedRoute extends RouteFacts {
  readonly guarded: (call: Call, session: Session) => Answer | Promise<Answer>
}

export type Route = OpenRoute | GuardedRoute

/** The route and its `:app` for a request; null when there is none. */
export function matchRoute(
  routes: readonly Route[],
  family: HostFamily,
  path: string,
  param: (name: string) => string | null,
): { route: Route; app: string } | null {
  for (const route of routes) {
    if (route.family !== family) continue
    const app = matchPath(route.path, path)
    if (app === null) continue
    if (Object.entries(route.select ?? {}).every(([name, value]) => param(name) === value))
      return { route, app }
  }
  return null
}

function matchPath(pattern: string, path: string): string | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (given.length > 2 && given.at(-1) === '') given.pop()
  const isOpenEnded = wanted.at(-1) === '*'
  if (isOpenEnded ? given.length < wanted.length : given.length !== wanted.length) return null
  let app = ''
  for (const [i, segment] of wanted.entries()) {
    if (segment === '*') break
    if (segment === ':app') app = given[i] ?? ''
    else if (segment !== given[i]) return null
  }
  return app
}

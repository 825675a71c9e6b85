import { cdnRoutes } from './cdn.ts'
import { infoRoutes } from './info.ts'
import { linkRoutes } from './link.ts'
import { listRoutes } from './list.ts'
import { loginRoutes } from './login.ts'
import { qrRoutes } from './qr.ts'
import type { Route } from './route.ts'
import { searchRoutes } from './search.ts'
import { userRoutes } from './user.ts'

/** Every call the emulated 115 answers; the first match wins. */
export function allRoutes(): readonly Route[] {
  return [
    ...loginRoutes(),
    ...qrRoutes(),
    ...userRoutes(),
    ...listRoutes(),
    ...infoRoutes(),
    ...searchRoutes(),
    ...linkRoutes(),
    ...cdnRoutes(),
  ]
}

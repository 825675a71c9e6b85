import type { VPath } from '../core/path.ts'

/** What somebody may do at a path. */
export type Right =
  | 'read'
  | 'refresh'
  | 'write'
  | 'rename'
  | 'move'
  | 'copy'
  | 'remove'
  | 'offline'
  | 'davRead'
  | 'davWrite'

/** Who asks, as the vfs needs to know it; auth makes them. The one gate below every door. */
export interface Subject {
  readonly name: string
  readonly isAdmin: boolean
  /** What the subject sees as `/`. */
  readonly basePath: VPath
  /** `path` is a full path, base path included. */
  can(right: Right, path: VPath): boolean
}

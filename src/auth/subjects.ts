import { VPath } from '../core/path.ts'
import type { Subject } from '../vfs/subject.ts'
import { grants } from './permission.ts'
import type { User } from './user.ts'

/** What `user` may do, for the vfs. An administrator may do everything, a disabled user nothing. */
export function subjectOf(user: User): Subject {
  const isAdmin = user.role === 'admin'
  return {
    name: user.name,
    isAdmin,
    basePath: user.basePath,
    can: (right, path) => {
      if (user.disabled) return false
      if (isAdmin) return true
      // On segment borders: a base path "/team/a" says nothing about "/team/ab".
      return user.basePath.contains(path) && grants(user.permission, right)
    },
  }
}

/** Whoever holds a signed link: may read exactly the file it was signed for, nothing beside or below it. */
export function signedSubject(fullPath: VPath): Subject {
  return {
    name: 'signed link',
    isAdmin: false,
    basePath: VPath.root,
    can: (right, path) => right === 'read' && path.equals(fullPath),
  }
}

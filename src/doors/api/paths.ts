import { VPath } from '../../core/path.ts'
import { ApiError } from './errors.ts'

/**
 * A path as clients send it: backslashes count as `/`, a leading `/` is optional, empty and `.` segments vanish.
 * Throws 403 for `..` in any place, 400 for what no path can hold.
 */
export function parsePath(text: string): VPath {
  const segments = text
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
  // Clients look for "using relative path is not allowed" as a part of this text.
  if (segments.includes('..')) throw new ApiError(403, 'access using relative path is not allowed')
  if (segments.some((segment) => segment.includes('\0'))) throw new ApiError(400, 'path must not contain NUL')
  return VPath.of(segments)
}

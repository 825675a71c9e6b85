import { type ErrorKind, StorageError } from '../../core/errors.ts'

const kinds: Readonly<Record<string, ErrorKind>> = {
  ENOENT: 'NotFound',
  ENOTDIR: 'NotADirectory',
  EISDIR: 'IsADirectory',
  EEXIST: 'AlreadyExists',
  EACCES: 'PermissionDenied',
  EPERM: 'PermissionDenied',
  EROFS: 'PermissionDenied',
  ELOOP: 'NotFound',
  ENAMETOOLONG: 'InvalidName',
  EINVAL: 'InvalidName',
  ENOSPC: 'QuotaExceeded',
  EDQUOT: 'QuotaExceeded',
  EMFILE: 'Unavailable',
  ENFILE: 'Unavailable',
  EIO: 'Unavailable',
  ESTALE: 'Unavailable',
  EHOSTDOWN: 'Unavailable',
}

/** The StorageError of what the operating system refused; anything that is not its answer is thrown as it came. */
export function fromErrno(error: unknown, action: string): StorageError {
  if (error instanceof StorageError) return error
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (typeof code !== 'string') throw error
  // The system's own message carries the absolute path, which is nobody's business above here.
  return new StorageError(kinds[code] ?? 'Unavailable', `Cannot ${action}: ${code}`, {
    upstream: { code },
    cause: error,
  })
}

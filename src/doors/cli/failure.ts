import { isStorageError, type StorageError } from '../../core/errors.ts'
import { exitCodes } from './exit-codes.ts'
import type { Messages } from './messages/messages.ts'

/** A failure together with what was being done. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly action: string
  readonly exitCode: number

  /** `action` is a sentence such as `Cannot add user "ann"`; `cause` says why, undefined: it says it all. */
  constructor(action: string, cause: unknown, exitCode: number = exitCodes.failure) {
    super(action, { cause })
    this.action = action
    this.exitCode = exitCode
  }
}

/** Runs `work`; what it throws becomes a CommandFailure of `action`, once. */
export async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof CommandFailure ? error : new CommandFailure(action, error)
  }
}

/** One line: what failed, why, and what the person can do. */
export function describeFailure(error: unknown, say: Messages): string {
  const text = error instanceof CommandFailure ? describeAction(error, say) : describeCause(error, say)
  return text.replaceAll(/\s*\n\s*/g, ' ')
}

function describeAction({ action, cause }: CommandFailure, say: Messages): string {
  return cause === undefined ? action : say.errors.because(action, describeCause(cause, say))
}

function describeCause(error: unknown, say: Messages): string {
  if (isStorageError(error)) return describeStorageError(error, say)
  if (error instanceof Error) return describeSystemError(error, say) ?? error.message
  return String(error)
}

function describeStorageError(error: StorageError, { errors }: Messages): string {
  const kind = errors.kinds?.[error.kind]
  const why = kind === undefined ? error.message : errors.detail(kind, error.message)
  const words = error.upstream?.message
  const parts = [why]
  // The driver may have put the cloud's words into its own message already.
  if (words && !error.message.includes(words)) parts.push(errors.upstream(words))
  if (error.advice) parts.push(errors.advice[error.advice])
  return errors.sentence(...parts)
}

interface SystemError extends Error {
  readonly code?: string
  readonly address?: string
  readonly port?: number
  readonly path?: string
}

/** Null when it is not one of the failures a person can mend. */
function describeSystemError(error: SystemError, { errors }: Messages): string | null {
  const address = error.port === undefined ? (error.address ?? '') : `${error.address}:${error.port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return errors.addressInUse(address)
    case 'EADDRNOTAVAIL':
      return errors.addressUnknown(address)
    case 'EACCES':
    case 'EPERM':
      return error.path === undefined ? errors.addressRefused(address) : errors.noAccess(error.path)
    default:
      return null
  }
}

import type { Account } from '../state/accounts.ts'
import type { Entry } from '../state/tree.ts'
import { type ControlContext, ControlError } from './control-call.ts'

type Fields = Readonly<Record<string, unknown>>

/** A text or number among the fields, as text; null when absent. */
export function optionalText(fields: Fields, name: string): string | null {
  const value = fields[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new ControlError(`"${name}" is not a text`)
  return String(value)
}

/** The same, needed. Throws ControlError when absent. */
export function requiredText(fields: Fields, name: string): string {
  const value = optionalText(fields, name)
  if (value === null) throw new ControlError(`"${name}" is missing`)
  return value
}

/** A number among the fields; null when absent. */
export function optionalNumber(fields: Fields, name: string): number | null {
  const value = fields[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new ControlError(`"${name}" is not a number`)
  return value
}

/** The account of that id; the first one when none is named. Throws ControlError when there is none. */
export function findAccount({ world }: ControlContext, userId: string | null): Account {
  const account = userId === null ? world.accounts.all()[0] : world.accounts.find(userId)
  if (!account) throw new ControlError(userId === null ? 'there is no account yet' : `no account "${userId}"`)
  return account
}

/** The entry of that id in the account's drive. Throws ControlError when there is none. */
export function findEntry(account: Account, id: string): Entry {
  const entry = account.tree.find(id)
  if (!entry) throw new ControlError(`no entry "${id}" in the drive of "${account.userId}"`)
  return entry
}

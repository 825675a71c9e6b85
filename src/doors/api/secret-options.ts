import { isSecretOption, type OptionSchema, type OptionValue } from '../../core/options.ts'
import { ApiError } from './errors.ts'

/**
 * Stands for a stored secret on its way to a browser and back. A form that is saved with it unchanged keeps what
 * is stored, so no cookie has to leave the gateway for a person to change a page size.
 */
export const keptMark = '***kept***'

type Values = Readonly<Record<string, OptionValue>>

/** Turns the handle of a finished QR login into its cookie, once. Null: not a handle, or used up, or too old. */
export type TakeLogin = (handle: string) => string | null

/** What the handle of a QR login begins with. */
export const loginHandlePrefix = 'qr-login:'

/**
 * `values` without their secrets. With no schema (the driver is of another version) nobody can tell which texts
 * are secret, so all of them are.
 */
export function maskOptions(values: Values, schema: OptionSchema | null): Values {
  const secrets = new Set(schema?.filter(isSecretOption).map(({ name }) => name))
  const entries = Object.entries(values).map(([name, value]) => {
    const isSecret = schema ? secrets.has(name) : typeof value === 'string'
    return [name, isSecret && value !== '' ? keptMark : value] as const
  })
  return Object.fromEntries(entries)
}

/**
 * The options of `addition`, marks and login handles replaced by what they stand for. Absent ones are as
 * `stored`; those the driver does not have are dropped, since nobody would know whether they are secret.
 * Throws 400 for text that is no JSON object, a mark with nothing stored behind it, a spent handle.
 */
export function readAddition(
  addition: unknown,
  schema: OptionSchema,
  stored: Values | null,
  takeLogin: TakeLogin,
): Record<string, unknown> {
  const given = parseAddition(addition)
  const options: Record<string, unknown> = {}
  for (const spec of schema) {
    const value = given[spec.name] ?? stored?.[spec.name]
    options[spec.name] = isSecretOption(spec) ? readSecret(spec.name, value, stored, takeLogin) : value
  }
  return options
}

function parseAddition(addition: unknown): Readonly<Record<string, unknown>> {
  if (addition === undefined || addition === null || addition === '') return {}
  let value: unknown = addition
  if (typeof addition === 'string') {
    try {
      value = JSON.parse(addition)
    } catch {
      // The parser's words quote the text, and a cookie may stand in it.
      throw new ApiError(400, 'cannot read field "addition": malformed JSON')
    }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new ApiError(400, 'cannot read field "addition": a JSON object is needed')
}

function readSecret(name: string, given: unknown, stored: Values | null, takeLogin: TakeLogin): unknown {
  if (typeof given !== 'string') return given
  const text = given.trim()
  if (text === keptMark) {
    const kept = stored?.[name]
    if (kept !== undefined && kept !== '') return kept
    throw new ApiError(400, `option "${name}" holds only the mark of a stored secret and must hold its value`)
  }
  if (!text.startsWith(loginHandlePrefix)) return given
  const cookie = takeLogin(text)
  if (cookie !== null) return cookie
  throw new ApiError(400, `option "${name}" holds a QR login that was used or is too old, scan again`)
}

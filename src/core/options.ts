import { StorageError } from './errors.ts'
import { Secret } from './secret.ts'

/** One text in both languages of the product. */
export interface Bilingual {
  readonly zh: string
  readonly en: string
}

interface OptionFacts {
  readonly name: string
  readonly help: Bilingual
  /** An empty value is refused. */
  readonly required?: boolean
}

export type OptionSpec = OptionFacts &
  (
    | { readonly type: 'string' | 'text'; readonly default: string; readonly secret?: false }
    /** Sealed at rest, never in a log, reply to a non-admin, export or error. */
    | { readonly type: 'string' | 'text'; readonly default: ''; readonly secret: true }
    | {
        readonly type: 'number'
        readonly default: number
        readonly min: number
        readonly max: number
        readonly integer?: boolean
      }
    | { readonly type: 'bool'; readonly default: boolean }
    | { readonly type: 'select'; readonly default: string; readonly choices: readonly string[] }
  )

export type OptionSchema = readonly OptionSpec[]

/** A value as it is stored and sent: a secret is plain here, so keep these out of sight. */
export type OptionValue = string | number | boolean
export type RawOptions = Readonly<Record<string, unknown>>

type ValueOf<S extends OptionSpec> = S extends { secret: true }
  ? Secret
  : S extends { type: 'number' }
    ? number
    : S extends { type: 'bool' }
      ? boolean
      : S extends { type: 'select'; choices: readonly (infer C)[] }
        ? C
        : string

/** The typed values of a schema declared `as const satisfies OptionSchema`. */
export type OptionsOf<S extends OptionSchema> = {
  readonly [K in S[number] as K['name']]: ValueOf<K>
}

/**
 * Validates `raw` against `schema`: absent and null become the default, numbers and booleans are also taken
 * as text (forms and older programs send them so), texts are trimmed. Unknown keys are ignored.
 * Throws InvalidInput naming the option, what was given and what is allowed.
 */
export function parseOptions<const S extends OptionSchema>(schema: S, raw: RawOptions): OptionsOf<S> {
  const values: Record<string, OptionValue | Secret> = {}
  for (const spec of schema) {
    const value = parseOption(spec, raw[spec.name])
    values[spec.name] = isSecretOption(spec) ? new Secret(String(value)) : value
  }
  return values as OptionsOf<S>
}

/** Validated plain values by name, with every default filled in: what is stored. Throws as `parseOptions`. */
export function normaliseOptions(schema: OptionSchema, raw: RawOptions): Record<string, OptionValue> {
  return Object.fromEntries(schema.map((spec) => [spec.name, parseOption(spec, raw[spec.name])]))
}

export function isSecretOption(spec: OptionSpec): boolean {
  return 'secret' in spec && spec.secret
}

function parseOption(spec: OptionSpec, given: unknown): OptionValue {
  const value = given === undefined || given === null ? spec.default : given
  switch (spec.type) {
    case 'number':
      return parseNumber(spec, value)
    case 'bool':
      return parseBool(spec.name, value)
    case 'select':
      return parseSelect(spec, value)
    default:
      return parseText(spec, value)
  }
}

function parseNumber(spec: OptionSpec & { type: 'number' }, value: unknown): number {
  const number = toNumber(value, spec.default)
  // NaN fits nothing.
  const fits = Number.isFinite(number) && number >= spec.min && number <= spec.max
  if (!fits || (spec.integer && !Number.isInteger(number))) {
    const kind = spec.integer ? 'a whole number' : 'a number'
    throw refuse(spec.name, value, `${kind} from ${spec.min} to ${spec.max}`)
  }
  return number
}

/** NaN for what is no number: `Number` alone would take `true`, `[5]` and `null` for one. */
function toNumber(value: unknown, whenEmpty: number): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return Number.NaN
  return value.trim() === '' ? whenEmpty : Number(value)
}

function parseBool(name: string, value: unknown): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false' || value === '') return false
  throw refuse(name, value, 'true or false')
}

function parseSelect(spec: OptionSpec & { type: 'select' }, value: unknown): string {
  const choice = value === '' ? spec.default : value
  // The default is accepted although it may not be among the choices: older programs shipped such defaults.
  if (typeof choice === 'string' && (spec.choices.includes(choice) || choice === spec.default)) return choice
  throw refuse(spec.name, value, `one of ${spec.choices.join(', ')}`)
}

function parseText(spec: OptionSpec, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw refuse(spec.name, typeof value, 'text')
  const text = String(value).trim()
  if (text === '' && spec.required) {
    throw new StorageError('InvalidInput', `Option "${spec.name}" must not be empty`)
  }
  return text
}

function refuse(name: string, given: unknown, allowed: string): StorageError {
  const isPlain = typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
  const shown = isPlain ? String(given).slice(0, 40) : typeof given
  return new StorageError('InvalidInput', `Option "${name}" is "${shown}" and must be ${allowed}`)
}

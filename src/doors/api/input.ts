import * as z from 'zod'
import { ApiError } from './errors.ts'

/**
 * Fields as AList's clients send them: absent and null are the type's zero, numbers and booleans also come as
 * text (forms, queries). Anything else of a wrong type is refused.
 */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

const digits = z
  .string()
  .regex(/^(-?\d{1,15})?$/)
  .transform(Number)

export const whole = z
  .union([z.number().int(), digits])
  .nullish()
  .transform((value) => value ?? 0)

const word = z.enum(['true', 'false', '']).transform((given) => given === 'true')

export const flag = z
  .union([z.boolean(), word])
  .nullish()
  .transform((value) => value ?? false)

/** Where several elements of one request sit: `page < 1` is the first, `per_page < 1` is everything. */
export const paging = { page: whole, per_page: whole }

/** `given` as `schema` says, unknown fields dropped. Throws 400 naming the first field that does not fit. */
export function parseInput<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.join('.') || 'body'
  throw new ApiError(400, `cannot read field "${field}": wrong type`)
}

/** Throws 400 with the text of AList's validator for a `value` that must not be empty. */
export function assertGiven(value: string, structName: string, field: string): void {
  if (value !== '') return
  const where = `${structName}.${field}`
  throw new ApiError(
    400,
    `Key: '${where}' Error:Field validation for '${field}' failed on the 'required' tag`,
  )
}

type Query = Readonly<Record<string, unknown>>

/** The text of a query parameter; empty when it is absent or given twice. */
export function queryText(query: Query, name: string): string {
  const value = query[name]
  return typeof value === 'string' ? value : ''
}

/** The number in `?id=`. Throws 400 when it is none. */
export function parseId(query: Query): number {
  const given = queryText(query, 'id')
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new ApiError(400, `cannot read id: "${given.slice(0, 40)}" is not a number`)
}

/** The elements on the asked page. */
export function pageOf<T>(items: readonly T[], input: { page: number; per_page: number }): readonly T[] {
  if (input.per_page < 1) return items
  const start = (Math.max(1, input.page) - 1) * input.per_page
  return items.slice(start, start + input.per_page)
}

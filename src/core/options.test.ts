import { describe, expect, expectTypeOf, test } from 'vitest'
import { isSecretOption, normaliseOptions, type OptionSchema, parseOptions } from './options.ts'
import { Secret } from './secret.ts'

const help = { zh: '', en: '' }
const schema = [
  { name: 'cookie', type: 'text', default: '', secret: true, help },
  { name: 'root_folder_id', type: 'string', default: '0', required: true, help },
  { name: 'page_size', type: 'number', default: 1000, min: 1, max: 1150, integer: true, help },
  { name: 'limit_rate', type: 'number', default: 2, min: 0, max: 100, help },
  { name: 'qrcode_source', type: 'select', default: 'old default', choices: ['web', 'tv'], help },
  { name: 'active', type: 'bool', default: true, help },
] as const satisfies OptionSchema

const refuses = (raw: Record<string, unknown>) => {
  try {
    parseOptions(schema, raw)
  } catch (error) {
    return error
  }
  return null
}

describe('parseOptions()', () => {
  test('fills in defaults for what is absent or null and ignores what it does not know', () => {
    const options = parseOptions(schema, { page_size: null, unknown: 1 })
    expect(options).toEqual({
      cookie: new Secret(''),
      root_folder_id: '0',
      page_size: 1000,
      limit_rate: 2,
      qrcode_source: 'old default',
      active: true,
    })
    expectTypeOf(options.page_size).toEqualTypeOf<number>()
    expectTypeOf(options.cookie).toEqualTypeOf<Secret>()
    expectTypeOf(options.active).toEqualTypeOf<boolean>()
  })

  test('makes secrets that cannot be printed', () => {
    const { cookie } = parseOptions(schema, { cookie: ' UID=1 ' })
    expect(cookie.reveal()).toBe('UID=1')
    expect(JSON.stringify({ cookie })).not.toContain('UID')
  })

  test.each([
    [{ page_size: '56' }, { page_size: 56 }],
    [{ page_size: ' 56 ' }, { page_size: 56 }],
    [{ page_size: '' }, { page_size: 1000 }],
    [{ limit_rate: '0.5' }, { limit_rate: 0.5 }],
    [{ active: 'false' }, { active: false }],
    [{ active: '' }, { active: false }],
    [{ active: 'true' }, { active: true }],
    [{ root_folder_id: 12 }, { root_folder_id: '12' }],
    [{ root_folder_id: ' 12 ' }, { root_folder_id: '12' }],
    [{ qrcode_source: 'tv' }, { qrcode_source: 'tv' }],
    [{ qrcode_source: '' }, { qrcode_source: 'old default' }],
    [{ qrcode_source: 'old default' }, { qrcode_source: 'old default' }],
  ])('takes %j as %j', (raw, parsed) => {
    expect(parseOptions(schema, raw)).toMatchObject(parsed)
  })

  test.each([
    [{ page_size: 0 }, 'Option "page_size" is "0" and must be a whole number from 1 to 1150'],
    [{ page_size: 1151 }, 'Option "page_size" is "1151" and must be a whole number from 1 to 1150'],
    [{ page_size: 1.5 }, 'Option "page_size" is "1.5" and must be a whole number from 1 to 1150'],
    [{ page_size: 'many' }, 'Option "page_size" is "many" and must be a whole number from 1 to 1150'],
    [{ page_size: true }, 'Option "page_size" is "true" and must be a whole number from 1 to 1150'],
    [{ page_size: [5] }, 'Option "page_size" is "object" and must be a whole number from 1 to 1150'],
    [{ page_size: {} }, 'Option "page_size" is "object" and must be a whole number from 1 to 1150'],
    [{ limit_rate: Number.NaN }, 'Option "limit_rate" is "NaN" and must be a number from 0 to 100'],
    [{ limit_rate: 'Infinity' }, 'Option "limit_rate" is "Infinity" and must be a number from 0 to 100'],
    [{ active: 'yes' }, 'Option "active" is "yes" and must be true or false'],
    [{ active: 1 }, 'Option "active" is "1" and must be true or false'],
    [{ qrcode_source: 'windows' }, 'Option "qrcode_source" is "windows" and must be one of web, tv'],
    [{ root_folder_id: '  ' }, 'Option "root_folder_id" must not be empty'],
  ])('refuses %j: %s', (raw, message) => {
    expect(refuses(raw)).toMatchObject({ kind: 'InvalidInput', message })
  })

  test('never repeats a secret it refuses', () => {
    const error = refuses({ cookie: { UID: 'topsecret' } })
    expect(error).toMatchObject({ kind: 'InvalidInput' })
    expect(String(error)).not.toContain('topsecret')
  })
})

test('normaliseOptions() gives plain values, every one of the schema', () => {
  expect(normaliseOptions(schema, { cookie: 'UID=1', page_size: '7', other: 1 })).toEqual({
    cookie: 'UID=1',
    root_folder_id: '0',
    page_size: 7,
    limit_rate: 2,
    qrcode_source: 'old default',
    active: true,
  })
})

test('isSecretOption() is true for secrets alone', () => {
  expect(schema.filter(isSecretOption).map(({ name }) => name)).toEqual(['cookie'])
})

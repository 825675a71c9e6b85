import { StorageError } from '../core/errors.ts'
import type { SettingSpec } from './setting-spec.ts'

/** The text of a setting's default. */
export function defaultText(spec: SettingSpec): string {
  return String(spec.default)
}

/**
 * `text` as it is stored, or InvalidInput naming the setting, what was given and what is allowed. Values are
 * not trimmed: an announcement may begin with spaces.
 */
export function checkText(spec: SettingSpec, text: string): string {
  switch (spec.type) {
    case 'bool':
      if (text === 'true' || text === 'false') return text
      throw refuse(spec, text, 'true or false')
    case 'number':
      return checkNumber(spec, text)
    case 'select':
      if (spec.choices.includes(text)) return text
      throw refuse(spec, text, `one of ${spec.choices.join(', ')}`)
    default:
      if (spec.format === 'site') return checkSite(spec, text)
      return spec.format === 'json' ? checkJson(spec, text) : text
  }
}

/** The value in the program's types of a checked text. */
export function parseText(spec: SettingSpec, text: string): string | number | boolean {
  if (spec.type === 'bool') return text === 'true'
  if (spec.type === 'number') return Number(text)
  return text
}

function checkNumber(spec: SettingSpec & { type: 'number' }, text: string): string {
  const number = Number(text)
  const fits = text.trim() !== '' && Number.isSafeInteger(number) && number >= spec.min
  if (fits) return String(number)
  throw refuse(spec, text, `a whole number, ${spec.min} or more`)
}

/** Web pages parse these at start and show nothing at all when that fails. */
function checkJson(spec: SettingSpec, text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch (error) {
    throw new StorageError('InvalidInput', `Setting "${spec.key}" is not JSON`, { cause: error })
  }
}

/** It goes in front of every link we hand out, so nothing may stand in it but where a site is. */
function checkSite(spec: SettingSpec, text: string): string {
  const address = text.trim()
  if (address === '') return ''
  const url = URL.canParse(address) ? new URL(address) : null
  const isSite = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (isSite && url.search === '' && url.hash === '') return address.replace(/\/+$/, '')
  throw refuse(spec, text, 'empty or an address such as https://pan.example.com')
}

function refuse(spec: SettingSpec, given: string, allowed: string): StorageError {
  const shown = spec.secret ? 'not acceptable' : `"${given.slice(0, 40)}"`
  return new StorageError('InvalidInput', `Setting "${spec.key}" is ${shown} and must be ${allowed}`)
}

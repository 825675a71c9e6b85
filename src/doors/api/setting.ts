import * as z from 'zod'
import { isStorageError } from '../../core/errors.ts'
import type { SettingItem } from '../../settings/settings.ts'
import type { Visibility } from '../../settings/setting-spec.ts'
import type { Language } from '../../lib/language.ts'
import type { SettingData } from './contract.ts'
import { ApiError } from './errors.ts'
import { parseInput, queryText, text } from './input.ts'
import type { ApiParts } from './parts.ts'
import type { Call, Route } from './route.ts'

const saveInput = z.array(z.object({ key: z.string(), value: text }))

const flags = { public: 0, private: 1, readonly: 2 } as const satisfies Record<Visibility, number>

/** Run-time settings, for administrators. The static token is among them: it is theirs to hand out. */
export function settingRoutes(parts: ApiParts): readonly Route[] {
  const { settings } = parts
  const admin = { access: 'admin' } as const

  const list = (all: () => readonly SettingItem[]) => async (call: Call) => {
    const groups = readGroups(call.query)
    const items = all().filter(({ group }) => groups === null || groups.has(group))
    return items.map((item): SettingData => describeSetting(item, call.language))
  }

  async function get({ query, language }: Call): Promise<unknown> {
    const items = settings.items().map((item) => describeSetting(item, language))
    const keys = queryText(query, 'keys')
    if (keys !== '') {
      const wanted = new Set(keys.split(','))
      return items.filter((item) => wanted.has(item.key))
    }
    const key = queryText(query, 'key')
    const found = items.find((item) => item.key === key)
    if (!found) throw new ApiError(400, `setting [${key.slice(0, 100)}] not found`)
    return found
  }

  async function save({ input }: Call): Promise<null> {
    const items = parseInput(saveInput, input)
    try {
      await settings.save(Object.fromEntries(items.map(({ key, value }) => [key, value])))
    } catch (error) {
      throw isStorageError(error, 'InvalidInput') ? new ApiError(400, error.message) : error
    }
    return null
  }

  return [
    { ...admin, method: 'GET', url: '/api/admin/setting/list', answer: list(() => settings.items()) },
    // For a form to put back what was built in; nothing is saved.
    { ...admin, method: 'POST', url: '/api/admin/setting/default', answer: list(() => settings.defaults()) },
    { ...admin, method: 'GET', url: '/api/admin/setting/get', answer: get },
    { ...admin, method: 'POST', url: '/api/admin/setting/save', answer: save },
    {
      ...admin,
      method: 'POST',
      url: '/api/admin/setting/reset_token',
      answer: () => settings.resetToken(),
    },
    {
      ...admin,
      method: 'POST',
      url: '/api/admin/setting/delete',
      answer: async ({ query }: Call) => {
        // Every setting there is has a use; AList deletes only what its newer versions forgot.
        throw new ApiError(500, `setting [${queryText(query, 'key').slice(0, 100)}] is not deprecated`)
      },
    },
  ]
}

/** Null: all groups. */
function readGroups(query: Call['query']): ReadonlySet<number> | null {
  const given = queryText(query, 'groups') || queryText(query, 'group')
  if (given === '') return null
  const numbers = given.split(',').map(Number)
  if (numbers.every(Number.isInteger)) return new Set(numbers)
  throw new ApiError(400, `cannot read group: "${given.slice(0, 40)}" is not a number`)
}

function describeSetting(item: SettingItem, language: Language): SettingData {
  return {
    key: item.key,
    value: item.value,
    help: item.help[language],
    type: item.type,
    options: item.choices.join(','),
    group: item.group,
    flag: flags[item.visibility],
    index: item.index,
  }
}

import type { Bilingual } from '../core/options.ts'

/** The pages AList's administration sorts settings into, by its numbers. */
export const settingGroups = {
  single: 0,
  site: 1,
  style: 2,
  preview: 3,
  global: 4,
  offline: 5,
  index: 6,
  sso: 7,
  ldap: 8,
  s3: 9,
  ftp: 10,
  traffic: 11,
} as const

type SettingGroup = keyof typeof settingGroups

/** Who may see a setting: everybody, administrators, or everybody while nobody may change it. */
export type Visibility = 'public' | 'private' | 'readonly'

interface SettingFacts {
  /** AList's key: its web pages and its clients know settings by it. */
  readonly key: string
  readonly group: SettingGroup
  readonly visibility: Visibility
  readonly help: Bilingual
  /** Sealed at rest. Only private settings may be secret. */
  readonly secret?: boolean
}

export type SettingSpec = SettingFacts &
  (
    | { readonly type: 'string' | 'text'; readonly default: string; readonly format?: 'json' | 'site' }
    | { readonly type: 'number'; readonly default: number; readonly min: number }
    | { readonly type: 'bool'; readonly default: boolean }
    | { readonly type: 'select'; readonly default: string; readonly choices: readonly string[] }
  )

/** The type a setting has in the program; on the wire and on disk all are texts. */
export type ValueOf<S extends SettingSpec> = S extends { type: 'bool' }
  ? boolean
  : S extends { type: 'number' }
    ? number
    : S extends { type: 'select'; choices: readonly (infer C)[] }
      ? C
      : string

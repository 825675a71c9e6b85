import { randomBytes, randomUUID } from 'node:crypto'
import type { Bilingual } from '../core/options.ts'
import { StorageError } from '../core/errors.ts'
import { settingSchema } from './schema.ts'
import { type SettingSpec, settingGroups, type ValueOf, type Visibility } from './setting-spec.ts'
import { checkText, defaultText, parseText } from './setting-value.ts'

type Spec = (typeof settingSchema)[number]
export type SettingKey = Spec['key']

/** A changed setting on its way to the store. */
export interface SettingChange {
  readonly key: string
  readonly value: string
  /** Must be sealed. */
  readonly secret: boolean
}

/** Where settings are kept. A write is on disk, all changes or none, once its promise resolves. */
export interface SettingStore {
  /** Texts by key, secrets opened; only what was ever saved. */
  load(): Promise<ReadonlyMap<string, string>>
  save(changes: readonly SettingChange[]): Promise<void>
}

/** A setting as administrators see it. */
export interface SettingItem {
  readonly key: SettingKey
  readonly value: string
  readonly help: Bilingual
  readonly type: SettingSpec['type']
  /** What a `select` allows; empty for other types. */
  readonly choices: readonly string[]
  /** AList's number of the group. */
  readonly group: number
  readonly visibility: Visibility
  /** Position in the schema, from 0. */
  readonly index: number
}

const specs: ReadonlyMap<string, SettingSpec> = new Map(settingSchema.map((spec) => [spec.key, spec]))

/** Shorter static tokens could be guessed; the token opens everything. */
const minTokenLength = 16

/** The run-time settings: read once, kept in memory, every change written through. */
export class Settings {
  readonly #store: SettingStore
  #values: ReadonlyMap<string, string>

  private constructor(store: SettingStore, values: ReadonlyMap<string, string>) {
    this.#store = store
    this.#values = values
  }

  /** Reads everything; makes the static token when there is none yet. */
  static async load(store: SettingStore): Promise<Settings> {
    const settings = new Settings(store, await store.load())
    if (settings.get('token') === '') await settings.resetToken()
    return settings
  }

  /** Reads again what another process may have changed. */
  async reload(): Promise<void> {
    this.#values = await this.#store.load()
  }

  get<K extends SettingKey>(key: K): ValueOf<Extract<Spec, { key: K }>> {
    const spec = specOf(key)
    return parseText(spec, this.#text(spec)) as ValueOf<Extract<Spec, { key: K }>>
  }

  /** Every setting, the token among them: for administrators only. */
  items(): readonly SettingItem[] {
    return itemsOf((spec) => this.#text(spec))
  }

  /** Every setting with its built-in value; without the token, which has none. */
  defaults(): readonly SettingItem[] {
    return itemsOf(defaultText).filter(({ key }) => key !== 'token')
  }

  /** What anybody may know, as texts by key. */
  publicValues(): Readonly<Record<string, string>> {
    const visible = this.items().filter(({ visibility }) => visibility !== 'private')
    return Object.fromEntries(visible.map(({ key, value }) => [key, value]))
  }

  /**
   * Saves all of `changes` or, when one is refused, none. A read-only setting may be sent back as it is.
   * Throws InvalidInput for unknown keys, read-only settings and values that do not fit.
   */
  async save(changes: Readonly<Record<string, string>>): Promise<void> {
    const checked = Object.entries(changes).flatMap(([key, text]) => this.#check(key, text))
    await this.#write(checked)
  }

  /** Replaces the static token. Ends its sessions and every signed link. Gives the new one. */
  async resetToken(): Promise<string> {
    const token = `alist-${randomUUID()}${randomBytes(48).toString('base64url')}`
    await this.#write([{ key: 'token', value: token, secret: true }])
    return token
  }

  async #write(changes: readonly SettingChange[]): Promise<void> {
    if (changes.length === 0) return
    await this.#store.save(changes)
    this.#values = new Map([...this.#values, ...changes.map(({ key, value }) => [key, value] as const)])
  }

  #check(key: string, text: string): SettingChange[] {
    const spec = specOf(key)
    const value = checkText(spec, text)
    if (spec.visibility === 'readonly') {
      // AList's pages post a whole group, read-only settings included.
      if (value === this.#text(spec)) return []
      throw new StorageError('InvalidInput', `Setting "${key}" cannot be changed`)
    }
    if (key === 'token' && value.length < minTokenLength) {
      throw new StorageError('InvalidInput', `Setting "token" must have ${minTokenLength} characters or more`)
    }
    return [{ key, value, secret: spec.secret === true }]
  }

  /** A stored text that no longer fits (another version wrote it) counts as not saved. */
  #text(spec: SettingSpec): string {
    const stored = spec.visibility === 'readonly' ? undefined : this.#values.get(spec.key)
    if (stored === undefined) return defaultText(spec)
    try {
      return checkText(spec, stored)
    } catch {
      // Nothing is lost on disk; the next save replaces it.
      return defaultText(spec)
    }
  }
}

function itemsOf(valueOf: (spec: SettingSpec) => string): readonly SettingItem[] {
  return settingSchema.map((spec: SettingSpec, index) => ({
    key: spec.key as SettingKey,
    value: valueOf(spec),
    help: spec.help,
    type: spec.type,
    choices: spec.type === 'select' ? spec.choices : [],
    group: settingGroups[spec.group],
    visibility: spec.visibility,
    index,
  }))
}

function specOf(key: string): SettingSpec {
  const spec = specs.get(key)
  if (spec) return spec
  throw new StorageError('InvalidInput', `Unknown setting "${key}"`)
}

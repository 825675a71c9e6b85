import type { Clock } from '../lib/clock.ts'
import type { Logger } from './ctx.ts'
import type { Driver } from './driver.ts'
import type { OptionSchema, OptionsOf, OptionValue } from './options.ts'

/** What every driver gets from the app for one configured storage. */
export interface DriverEnv {
  readonly clock: Clock
  readonly log: Logger
  /**
   * Keeps changed options (a refreshed token, a cookie gained from a QR token), sealed as they were.
   * Resolves once they are on disk. A driver never saves itself.
   */
  saveOptions(changed: Readonly<Record<string, OptionValue>>): Promise<void>
}

/** A kind of storage: its name, its options and how to make one. `E` is what it needs from the app besides. */
export interface DriverDefinition<S extends OptionSchema = OptionSchema, E = unknown> {
  /** As AList spells it where AList has the same one, e.g. `115 Cloud`: it is what storages are saved under. */
  readonly name: string
  readonly options: S
  /** The option that says where the mount begins; its default is the cloud's own root. */
  readonly rootOption: S[number]['name'] | null
  /** True: links of this driver cannot be given to anybody else, so every byte passes the gateway. */
  readonly mustProxy: boolean
  /** True: files can be put there, as the verb `upload` says of a running one. Absent: reading only. */
  readonly takesUploads?: boolean
  /** True: its listings cost nothing and are made anew each time, so no age of a remembered one applies. */
  readonly listsAnew?: boolean
  /** Does no I/O; the first verb does. Throws InvalidInput when values contradict each other. */
  create(options: OptionsOf<S>, env: DriverEnv & E): Driver
}

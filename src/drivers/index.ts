import type { DriverDefinition, DriverEnv } from '../core/driver-definition.ts'
import type { OptionSchema } from '../core/options.ts'
import { localDriver } from './local/index.ts'
import { pan115Driver } from './pan115/index.ts'

type EnvOf<D extends { create: (...args: never) => unknown }> = Omit<
  Parameters<D['create']>[1],
  keyof DriverEnv
>

/** What all drivers together need from the app. */
export type DriversEnv = EnvOf<typeof pan115Driver> & EnvOf<typeof localDriver>

/** Every kind of storage that can be mounted, in the order people are shown them. */
export const driverDefinitions: readonly DriverDefinition<OptionSchema, DriversEnv>[] = [
  pan115Driver,
  localDriver,
]

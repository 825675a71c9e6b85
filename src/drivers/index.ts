import type { DriverDefinition } from '../core/driver-definition.ts'
import type { OptionSchema } from '../core/options.ts'
import { localDriver } from './local/index.ts'
import { pan115Driver } from './pan115/index.ts'

/** What all drivers together need from the app. */
export type DriversEnv = Parameters<typeof pan115Driver.create>[1] & Parameters<typeof localDriver.create>[1]

/** Every kind of storage that can be mounted, in the order people are shown them. */
export const driverDefinitions: readonly DriverDefinition<OptionSchema, DriversEnv>[] = [
  pan115Driver,
  localDriver,
]

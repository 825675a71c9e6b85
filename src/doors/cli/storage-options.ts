import type { DriverDefinition } from '../../core/driver-definition.ts'
import { isSecretOption, normaliseOptions, type OptionSpec, type OptionValue } from '../../core/options.ts'
import { type DownloadMode, newStorage, type StorageInput } from '../../vfs/storage-record.ts'
import type { Cli } from './console.ts'
import { askSecret, readSecret, terminalOf } from './secret-input.ts'
import { UsageError } from './usage-error.ts'

/** Stands for a secret that is set. */
const secretMark = '***'

/** The driver of that name. Throws UsageError. */
export function chooseDriver(
  { say }: Cli,
  drivers: readonly DriverDefinition[],
  name: string,
): DriverDefinition {
  const found = drivers.find((driver) => driver.name === name)
  if (found) return found
  throw new UsageError(say.usage.driver(name, drivers.map((driver) => `"${driver.name}"`).join(', ')))
}

/**
 * The options given as `name=value`, and one secret that is asked for or read from standard input.
 * Throws UsageError for names the driver has not, and for a secret written as an argument.
 */
export async function collectOptions(
  cli: Cli,
  driver: DriverDefinition,
  given: { readonly pairs: readonly string[]; readonly secrets: readonly string[] },
): Promise<Record<string, string>> {
  const { say } = cli
  const options: Record<string, string> = {}
  for (const pair of given.pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(say.usage.pair(pair))
    const spec = specOf(cli, driver, pair.slice(0, at))
    if (isSecretOption(spec)) throw new UsageError(say.usage.secretAsArgument(spec.name))
    options[spec.name] = pair.slice(at + 1)
  }
  for (const name of given.secrets) {
    if (!isSecretOption(specOf(cli, driver, name))) throw new UsageError(say.usage.notSecret(name))
  }
  return { ...options, ...(await collectSecrets(cli, given.secrets)) }
}

/** A new storage of `driver`, by the driver's nature and the defaults of everything that is not asked. */
export function storageOf(
  driver: DriverDefinition,
  mountPath: string,
  raw: Readonly<Record<string, string>>,
): StorageInput {
  const mode: DownloadMode = driver.mustProxy ? 'proxy' : 'redirect'
  const options = normaliseOptions(driver.options, raw)
  return newStorage({ mountPath, driver: driver.name, options, webMode: mode, davMode: mode })
}

/** Options as they may be shown. What the driver does not declare is taken for a secret. */
export function maskOptions(
  driver: DriverDefinition | undefined,
  options: Readonly<Record<string, OptionValue>>,
): Record<string, OptionValue> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const spec = driver?.options.find((each) => each.name === name)
      const isPublic = spec !== undefined && !isSecretOption(spec)
      return [name, isPublic || value === '' ? value : secretMark]
    }),
  )
}

function specOf({ say }: Cli, driver: DriverDefinition, name: string): OptionSpec {
  const found = driver.options.find((spec) => spec.name === name)
  if (found) return found
  const known = driver.options.map((spec) => spec.name).join(', ')
  throw new UsageError(say.usage.driverOption(name, driver.name, known))
}

async function collectSecrets(cli: Cli, names: readonly string[]): Promise<Record<string, string>> {
  const terminal = terminalOf(cli)
  if (!terminal && names.length > 1) throw new UsageError(cli.say.usage.oneSecret)
  const secrets: Record<string, string> = {}
  for (const name of names) {
    const value = terminal ? await askSecret(cli, terminal, cli.say.storage.ask(name)) : await readSecret(cli)
    if (value === '') throw new UsageError(cli.say.usage.secretSource(name))
    secrets[name] = value
  }
  return secrets
}

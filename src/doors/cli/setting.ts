import { Option } from 'commander'
import type { Cli } from './console.ts'
import { UsageError } from './usage-error.ts'

interface SettingSpec {
  /** As commander takes them, e.g. `--data <folder>`. */
  readonly flags: string
  readonly help: string
  /** The environment variable that says it when the flag does not; an empty one counts as unset. */
  readonly env?: string
  readonly fallback?: string
}

/** An option whose value comes from the flag, else from the environment, else is the fallback. */
export function setting({ parts, say }: Cli, spec: SettingSpec): Option {
  const fromEnv = spec.env === undefined ? undefined : parts.env[spec.env]
  const mark = spec.env === undefined ? '' : say.help.environment(spec.env)
  const value = fromEnv || spec.fallback
  const option = new Option(spec.flags, spec.help + mark)
  // Help shows the built-in value, not the environment's: that one may hold a password (a database address).
  return value === undefined ? option : option.default(value, spec.fallback)
}

/**
 * `host:port` from `host:port`, `[v6]:port`, `:port` or `port`; `host` stands in where none is given.
 * Throws UsageError.
 */
export function parseListen({ say }: Cli, text: string, host: string): string {
  const parts = /^(?:(\[[0-9a-f:.%a-z]+\]|[^\s:/[\]]*):)?(\d{1,5})$/i.exec(text.trim())
  const port = Number(parts?.[2])
  if (!parts || port > 65_535) throw new UsageError(say.usage.listen(text))
  return `${parts[1] || host}:${port}`
}

/** The address without a trailing slash. Throws UsageError for what is not http or https. */
function parseAddress({ say }: Cli, text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(say.usage.address(text))
  }
  return text.replace(/\/+$/, '')
}

/** An optional `--sandbox` value: null when it is not given. Throws UsageError. */
export function parseSandbox(cli: Cli, text: string | undefined): string | null {
  return text === undefined ? null : parseAddress(cli, text)
}

import { StorageError } from './core/errors.ts'
import { Secret } from './core/secret.ts'

/** Everything a gateway is told from outside, checked once and never changed. */
export interface Config {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The data folder. */
  readonly folder: string
  /** Null: a random one is made at the first start. */
  readonly adminPassword: Secret | null
  /** Null: a key file in the data folder. */
  readonly secretKey: Secret | null
  /** Where an emulator stands in for the clouds; null: the real ones. */
  readonly sandbox: URL | null
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

export interface RawConfig {
  readonly listen: string
  readonly data: string
  readonly adminPassword?: string | undefined
  readonly secretKey?: string | undefined
  readonly sandbox?: string | null | undefined
  readonly database?: string | undefined
  readonly logLevel?: string | undefined
}

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Throws InvalidInput naming the setting, what it is and what it must be. */
export function readConfig(raw: RawConfig): Config {
  const { host, port } = parseListen(raw.listen)
  if (raw.database !== undefined && raw.database !== '' && !raw.database.startsWith('sqlite:')) {
    throw new StorageError(
      'InvalidInput',
      'Setting "database" must be empty: this version keeps its data in SQLite files in the data folder',
    )
  }
  return Object.freeze({
    host,
    port,
    folder: raw.data,
    adminPassword: secretOrNull(raw.adminPassword),
    secretKey: secretOrNull(raw.secretKey),
    sandbox: parseSandbox(raw.sandbox),
    logLevel: parseLevel(raw.logLevel ?? 'info'),
  })
}

/** `127.0.0.1:5244`, `[::1]:5244`, `:5244` (all addresses). Throws InvalidInput. */
export function parseListen(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(listen.trim())
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    throw new StorageError('InvalidInput', `Setting "listen" is "${listen}" and must be ADDRESS:PORT`)
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

function secretOrNull(text: string | undefined): Secret | null {
  return text === undefined || text === '' ? null : new Secret(text)
}

function parseSandbox(text: string | null | undefined): URL | null {
  if (text === undefined || text === null || text === '') return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new StorageError('InvalidInput', `Setting "sandbox" is "${text}" and must be an http address`)
}

function parseLevel(text: string): Config['logLevel'] {
  const level = levels.find((each) => each === text)
  if (level) return level
  throw new StorageError(
    'InvalidInput',
    `Setting "logLevel" is "${text}" and must be one of ${levels.join(', ')}`,
  )
}

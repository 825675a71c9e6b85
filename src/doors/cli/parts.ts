import type { Readable, Writable } from 'node:stream'
import type { Users } from '../../auth/users.ts'
import type { DriverDefinition } from '../../core/driver-definition.ts'
import type { RawOptions } from '../../core/options.ts'
import type { QrLogin } from '../../core/qr-login.ts'
import type { Clock } from '../../lib/clock.ts'
import type { StorageStore } from '../../vfs/storage-record.ts'
import type { Locale } from './locale.ts'

export type StopSignal = 'SIGINT' | 'SIGTERM'

/** Something that runs until it is told to stop. */
export interface Running {
  /** Ends it and releases what it holds; resolves when nothing of it is left. */
  close(): Promise<void>
}

export interface GatewayOptions {
  /** `host:port`; IPv6 hosts in brackets. Port 0 lets the system choose. */
  readonly listen: string
  /** The data folder; made when missing. */
  readonly data: string
  /** The administrator's password on the very first start; a random one when absent. */
  readonly adminPassword?: string
  /** The master key that seals secrets; kept in a file of the data folder when absent. */
  readonly secretKey?: string
  /** Base address of a sandbox that stands in for the clouds; null: the real hosts. */
  readonly sandbox?: string | null
  /** A database address; SQLite files in the data folder when absent. */
  readonly database?: string
  readonly logLevel?: string
}

export interface RunningGateway extends Running {
  readonly url: string
  readonly davUrl: string
  /** Only on the very first start, and only when nobody gave one; null otherwise. */
  readonly firstPassword: string | null
}

export interface DemoOptions {
  readonly listen: string
  readonly sandboxListen: string
  /** Null: a temporary folder that goes away with the demo. */
  readonly data: string | null
}

export interface RunningDemo extends Running {
  readonly url: string
  readonly davUrl: string
  readonly sandboxUrl: string
  readonly user: string
  readonly password: string
  readonly mounts: readonly { readonly path: string; readonly driver: string }[]
}

/** Milliseconds added to each answer of one kind of host. */
export type Latency = Readonly<Partial<Record<'api' | 'cdn' | 'oss', number>>>

export interface SandboxOptions {
  readonly listen: string
  readonly tls: boolean
  /** Name of a seed. */
  readonly scenario: string
  /** Unknown calls are let through instead of answered with 501. */
  readonly loose: boolean
  readonly latencyMs: Latency
}

export interface RunningSandbox extends Running {
  readonly url: string
  /** The certificate authority its clients must trust; null without TLS. */
  readonly caFile: string | null
}

/** The databases of a data folder, open for a short while, perhaps beside a running gateway. */
export interface Administration extends Running {
  /** The administrator's password when opening made the folder and nobody gave one; null otherwise. */
  readonly firstPassword: string | null
  readonly users: Pick<Users, 'list' | 'find' | 'create' | 'update' | 'setPassword' | 'delete'>
  readonly storages: Pick<StorageStore, 'list' | 'get' | 'create' | 'delete' | 'setDisabled'>
  readonly drivers: readonly DriverDefinition[]
  /** Throws InvalidInput for options that no gateway could mount, such as a cookie that is none. */
  checkOptions(driver: string, options: RawOptions): Promise<void>
}

/** Standard input; a terminal can be asked for a password without showing it. */
export type TerminalInput = Readable & { readonly isTTY?: boolean }

/** Everything the command line needs from the process and from the app. */
export interface CliParts {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Writable
  readonly stderr: Writable
  readonly stdin?: TerminalInput
  /** A person watches stderr: hints are shown and questions may be asked. */
  readonly isTty: boolean
  /** Width of the terminal in cells. */
  readonly columns: number
  readonly locale: Locale
  readonly clock: Clock
  /** Calls `handler` for every SIGINT and SIGTERM until the returned function is called. */
  onSignal(handler: (signal: StopSignal) => void): () => void

  /** Resolves when the gateway answers. */
  startGateway(options: GatewayOptions): Promise<RunningGateway>
  /** Resolves when sandbox, gateway and every mount answer. */
  startDemo(options: DemoOptions): Promise<RunningDemo>
  startSandbox(options: SandboxOptions): Promise<RunningSandbox>
  /** Logging in to 115; `sandbox` is the base address of a sandbox, null the real hosts. */
  qrLogin(options: { readonly sandbox: string | null }): Promise<QrLogin>
  openAdministration(options: {
    readonly data: string
    readonly secretKey?: string
    readonly adminPassword?: string
  }): Promise<Administration>

  /** Opens a file with the desktop's own program. Rejects when there is none. */
  openFile(path: string): Promise<void>
  /** Writes a file that only this user may read. */
  writeFile(path: string, content: Buffer): Promise<void>
  /** A path for a new temporary file whose name ends with `suffix`. */
  tempFile(suffix: string): Promise<string>
}

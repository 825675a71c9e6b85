import { Buffer } from 'node:buffer'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'

/** A running sandbox and its control calls. */
export interface TestSandbox {
  readonly sandbox: Sandbox
  readonly control: SandboxControl
  close(): Promise<void>
}

/** An account as the sandbox made it. */
export interface TestAccount {
  /** User id. */
  readonly account: string
  readonly name: string
  readonly userkey: string
  /** The 4-character point in its pickcodes. */
  readonly stable: string
  readonly entries: number
  /** By device, `UID=…; CID=…; SEID=…; KID=…`. */
  readonly cookies: Readonly<Record<string, string>>
}

/** An entry to seed; with `children` it is a directory. */
export interface SeedEntry {
  /** `{n}` stands for 1, 2, … when there is a count. */
  readonly name: string
  readonly count?: number
  readonly size?: number
  /** Names the made-up content; the entry's own name when not given. */
  readonly seed?: string
  /** Id of pushed bytes. */
  readonly blob?: string
  /** Epoch seconds or ISO 8601. */
  readonly modifiedAt?: number | string
  readonly createdAt?: number | string
  readonly starred?: boolean
  readonly children?: readonly SeedEntry[]
}

export type SeedTree =
  | readonly SeedEntry[]
  | { readonly generator: string; readonly seed?: string }
  | { readonly flat: number; readonly seed?: string }

/** What seeding made: ids directly under the parent, in order, and totals. */
export interface Seeded {
  readonly ids: readonly string[]
  readonly files: number
  readonly directories: number
}

/** The truth about an entry. */
export interface TrueEntry {
  readonly id: string
  readonly parentId: string | null
  readonly name: string
  readonly kind: 'file' | 'directory'
  readonly size: number | null
  /** Upper hex; null for directories. */
  readonly sha1: string | null
  readonly pickcode: string
  /** Epoch seconds. */
  readonly modifiedAt: number
  readonly count?: number
  readonly children?: readonly TrueEntry[]
}

/** One request that a cloud received. */
export interface LogLine {
  readonly number: number
  readonly time: number
  readonly host: string
  readonly method: string
  readonly path: string
  readonly class: string
  readonly account: string | null
  readonly device: string | null
  readonly userAgent: string
  readonly status: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly inFlight: number
  readonly durationMs: number | null
  readonly aborted: boolean
  readonly cut: boolean
  readonly cdn: { readonly fileId: string; readonly link: string; readonly connections: number } | null
}

/** A fault switch; further fields are the parameters of that fault. */
export interface FaultSpec {
  readonly fault: string
  readonly times?: number
  /** Matching requests that still pass. */
  readonly after?: number
  readonly match?: {
    readonly class?: string
    readonly host?: string
    readonly pathIncludes?: string
    readonly account?: string
  }
  readonly [param: string]: unknown
}

export type PhoneAction = 'scan' | 'confirm' | 'cancel' | 'expire'

export type OutsideChange =
  | { readonly remove: string }
  | { readonly rename: { readonly id: string; readonly name: string } }
  | { readonly move: { readonly id: string; readonly to: string } }
  | { readonly order: { readonly id: string; readonly order: string; readonly asc: 0 | 1 } }

/** Public keys of the sandbox, for clients that must be told them. */
export interface SandboxKeys {
  /** Hex modulus and exponent. */
  readonly m115: { readonly n: string; readonly e: number }
  readonly ec115: { readonly x: string; readonly y: string }
  readonly ca: string | null
}

/**
 * Starts a sandbox for a test. The firewall that counts listings is off unless `limits` sets one, so that tests of
 * other things may list as fast as they can.
 */
export async function startTestSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const failures: string[] = []
  const sandbox = await startSandbox({
    log: (message) => failures.push(message),
    ...options,
    limits: { firewall: null, ...options.limits },
  })
  return {
    sandbox,
    control: new SandboxControl(sandbox.url),
    close: async () => {
      await sandbox.close()
      if (failures.length > 0) throw new Error(`The sandbox itself failed:\n${failures.join('\n')}`)
    },
  }
}

/** The sandbox's control calls. Each throws Error with the sandbox's own words when it is refused. */
export class SandboxControl {
  readonly #url: string

  constructor(sandboxUrl: string) {
    this.#url = `${sandboxUrl}/__sandbox`
  }

  createAccount(
    spec: { name?: string; devices?: readonly string[]; space?: number } = {},
  ): Promise<TestAccount> {
    return this.#post('accounts', spec)
  }

  async accounts(): Promise<readonly TestAccount[]> {
    return (await this.#get<{ accounts: TestAccount[] }>('accounts')).accounts
  }

  /** Another login of a device; an older one of the same slot goes stale. Returns its cookie. */
  async logIn(account: string, device: string): Promise<string> {
    return (await this.#post<{ cookie: string }>('sessions', { account, device })).cookie
  }

  seed(account: string, tree: SeedTree, parent = '0'): Promise<Seeded> {
    return this.#post('seed', { account, parent, tree })
  }

  pushBlob(bytes: Buffer): Promise<{ blob: string; size: number; sha1: string }> {
    return this.#send('POST', 'blobs', bytes)
  }

  tree(account: string, path = '/', depth = 1): Promise<TrueEntry> {
    return this.#get(`tree?${new URLSearchParams({ account, path, depth: String(depth) }).toString()}`)
  }

  /** What the account's owner does in the cloud's own app. */
  async change(account: string, change: OutsideChange): Promise<void> {
    await this.#post('change', { account, ...change })
  }

  async log(since = 0): Promise<readonly LogLine[]> {
    return (await this.#get<{ lines: LogLine[] }>(`log?since=${since}`)).lines
  }

  async resetLog(): Promise<void> {
    await this.#send('DELETE', 'log')
  }

  /** Requests by class. */
  counts(): Promise<Readonly<Record<string, number>>> {
    return this.#get('counts')
  }

  /** What the phone does with a QR code; of the first account unless one is named. */
  async qr(uid: string, action: PhoneAction, account?: string): Promise<void> {
    await this.#post(`qr/${uid}`, { action, ...(account !== undefined && { account }) })
  }

  /** QR codes that wait for a phone, newest first. */
  async pendingQr(): Promise<readonly { uid: string; state: string }[]> {
    return (await this.#get<{ codes: { uid: string; state: string }[] }>('qr')).codes
  }

  /** Switches a fault on; returns its id. */
  async fault(spec: FaultSpec): Promise<number> {
    return (await this.#post<{ id: number }>('faults', spec)).id
  }

  async removeFault(id: number): Promise<void> {
    await this.#send('DELETE', `faults/${id}`)
  }

  /** Switches all faults off and lifts the firewall's blocks. */
  async clearFaults(): Promise<void> {
    await this.#send('DELETE', 'faults')
  }

  /** Moves virtual time forward; returns the new time in epoch milliseconds. */
  async advance(advanceMs: number): Promise<number> {
    return (await this.#post<{ now: number }>('clock', { advanceMs })).now
  }

  async freeze(freeze: boolean): Promise<void> {
    await this.#post('clock', { freeze })
  }

  async setLimits(limits: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#post('limits', limits)
  }

  keys(): Promise<SandboxKeys> {
    return this.#get('keys')
  }

  #get<T>(call: string): Promise<T> {
    return this.#send('GET', call)
  }

  #post<T>(call: string, fields: object): Promise<T> {
    return this.#send('POST', call, Buffer.from(JSON.stringify(fields)))
  }

  async #send<T>(method: string, call: string, body?: Buffer): Promise<T> {
    const response = await fetch(`${this.#url}/${call}`, {
      method,
      ...(body && { body: new Uint8Array(body) }),
    })
    const value = (await response.json()) as T & { error?: string }
    if (!response.ok) throw new Error(`Cannot ${method} ${call}: ${value.error}`)
    return value
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPan115 } from './clouds/pan115/cloud.ts'
import { familyOf } from './clouds/pan115/hosts.ts'
import type { Limits } from './clouds/pan115/limits.ts'
import { createPan115Server } from './clouds/pan115/serve.ts'
import { createControl } from './control/control.ts'
import { plantScenario, type ScenarioName } from './scenarios/scenarios.ts'
import { isLoopback, parseListen } from './server/address.ts'
import { createListener, type Latency } from './server/listener.ts'
import { openDoor } from './server/door.ts'
import { createWorld } from './state/world.ts'
import { createAuthority } from './tls.ts'

/** How a sandbox is started. */
export interface SandboxOptions {
  /** `host:port` on loopback; port 0 chooses a free one, which is the default. */
  readonly listen?: string
  /** Serves TLS beside plain http on the same port, with certificates of its own CA. */
  readonly tls?: boolean
  /** Where the CA is kept; a temporary folder, removed on close, when not given. */
  readonly tlsFolder?: string
  readonly scenario?: ScenarioName
  /** Ignores unknown parameters and headers, as the real service does, instead of answering 501. */
  readonly loose?: boolean
  /** Real time added before every answer, by kind of host. */
  readonly latencyMs?: Latency
  /** Differences from the usual limits of 115. */
  readonly limits?: Partial<Limits>
  /** Equal seeds give equal ids, cookies and user keys. */
  readonly seed?: string
  /** Told about failures of the sandbox itself. */
  readonly log?: (message: string) => void
}

/** A running sandbox. */
export interface Sandbox {
  /** The plain http address, without trailing slash; 115's hosts are its first path segments. */
  readonly url: string
  readonly port: number
  /** The certificate to trust, as a PEM file; null without TLS. */
  readonly caFile: string | null
  close(): Promise<void>
}

const DEFAULT_LISTEN = '127.0.0.1:0'

/** Starts an emulated 115 on loopback. Throws Error for an address that others could reach. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host, port } = parseListen(options.listen ?? DEFAULT_LISTEN)
  const log = options.log ?? (() => {})
  const world = createWorld(options.seed ?? 'sandbox')
  const pan115 = await createPan115(world, { isLoose: options.loose ?? false, limits: options.limits ?? {} })
  await plantScenario(options.scenario ?? 'empty', pan115)
  const authority = options.tls ? await openAuthority(options.tlsFolder) : null

  let url = ''
  const control = createControl({ world, pan115, caFile: authority?.caFile ?? null })
  const listener = createListener({
    world,
    control,
    cloud: createPan115Server(pan115),
    isKnownHost: (name) => familyOf(name) !== null,
    ownUrl: () => url,
    hasTls: authority !== null,
    latencyMs: options.latencyMs ?? {},
    log,
  })
  const door = await openDoor(listener, { host, port, contextFor: authority?.contextOf ?? null })
  url = addressUrl(door.address)
  return {
    url,
    port: door.address.port,
    caFile: authority?.caFile ?? null,
    close: async () => {
      await door.close()
      await authority?.remove()
    },
  }
}

async function openAuthority(folder: string | undefined) {
  const temporary = folder === undefined ? await mkdtemp(join(tmpdir(), 'panport-sandbox-')) : null
  const authority = await createAuthority(folder ?? temporary ?? '.')
  const contextOf = async (host: string) => {
    if (familyOf(host) === null && !isLoopback(host))
      throw new Error(`Cannot answer for "${host}": not emulated`)
    return authority.contextFor(host)
  }
  const remove = async () => {
    if (temporary !== null) await rm(temporary, { recursive: true, force: true })
  }
  return { caFile: authority.caFile, contextOf, remove }
}

function addressUrl(address: AddressInfo): string {
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}

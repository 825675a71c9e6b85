// The clouds the gateway speaks to: the real ones, or a sandbox that stands in for them.
import type { Logger } from './core/ctx.ts'
import { StorageError } from './core/errors.ts'
import type { OpenUrl } from './core/open-url.ts'
import type { QrLogin } from './core/qr-login.ts'
import { driverDefinitions } from './drivers/index.ts'
import { systemClock } from './lib/clock.ts'
import { AccountTransports } from './transport/account-transports.ts'
import { createAgent, createExchange } from './transport/http.ts'
import { createOpenUrl } from './transport/open-url.ts'
import { createTransport } from './transport/stack.ts'
import { type Addresses, realAddresses, sandboxAddresses } from './upstream/pan115/addresses.ts'
import { browserUserAgent } from './upstream/pan115/client.ts'
import { createPan115Login, type Pan115Access } from './upstream/pan115/env.ts'
import { type Pan115Keys, productionKeys } from './upstream/pan115/keys.ts'
import { type AvailableDriver, available } from './vfs/storages.ts'

export interface Clouds {
  readonly drivers: readonly AvailableDriver[]
  readonly qrLogin: QrLogin
  readonly openUrl: OpenUrl
  /** What this process calls itself when it reads through links. */
  readonly userAgent: string
  close(): Promise<void>
}

/** A download that stops for this long has failed; a reader who pauses does not count. */
const stallTimeoutMs = 60_000

/** Throws Unavailable or Protocol when a sandbox is asked for and does not answer as one. */
export async function openClouds(sandbox: URL | null, log: Logger): Promise<Clouds> {
  const { addresses, keys } = await waysTo115(sandbox)
  const controlAgent = createAgent()
  const dataAgent = createAgent({ stallTimeoutMs })
  const exchange = createExchange(controlAgent)
  const transports = new AccountTransports({ exchange, clock: systemClock })
  // Logging in is a person waiting for a phone: its questions are held open and must not queue behind each other.
  const loginTransport = createTransport({
    exchange,
    account: 'login',
    clock: systemClock,
    ratePerSecond: 5,
    burst: 5,
    permits: { other: 32 },
  })
  const accessFor = (owner: string): Pan115Access => ({
    addresses,
    keys,
    loginTransport,
    transport: (account, ratePerSecond) => {
      const transport = transports.use(account, ratePerSecond, owner)
      // A driver is made when a person saves or enables a storage: then a login deserves another try.
      transport.trustCredentials()
      return transport
    },
  })
  log.debug({ sandbox: sandbox?.host ?? null }, 'clouds are set up')
  return {
    drivers: driverDefinitions.map((definition) =>
      available(definition, (owner) => ({
        extra: { pan115: accessFor(owner) },
        release: () => transports.leave(owner),
      })),
    ),
    qrLogin: createPan115Login(accessFor('login'), systemClock),
    openUrl: createOpenUrl({ exchange: createExchange(dataAgent), clock: systemClock }),
    userAgent: browserUserAgent(),
    close: async () => {
      await Promise.all([controlAgent.destroy(), dataAgent.destroy()])
    },
  }
}

async function waysTo115(sandbox: URL | null): Promise<{ addresses: Addresses; keys: Pan115Keys }> {
  if (!sandbox) return { addresses: realAddresses, keys: productionKeys }
  return { addresses: sandboxAddresses(sandbox.href), keys: await sandboxKeys(sandbox) }
}

/** The sandbox cannot have 115's private keys, so it has its own and tells their public halves. */
async function sandboxKeys(sandbox: URL): Promise<Pan115Keys> {
  const url = new URL('/__sandbox/keys', sandbox)
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new StorageError('Unavailable', `Cannot reach the sandbox at "${sandbox.origin}"`, {
      cause: error,
      advice: 'check-network',
    })
  })
  const keys = (await response.json().catch(() => null)) as {
    m115?: { n?: unknown; e?: unknown }
    ec115?: { x?: unknown; y?: unknown }
  } | null
  const { n, e } = keys?.m115 ?? {}
  const { x, y } = keys?.ec115 ?? {}
  if (typeof n !== 'string' || typeof e !== 'number' || typeof x !== 'string' || typeof y !== 'string') {
    throw new StorageError('Protocol', `Cannot use "${sandbox.origin}": it does not answer as a sandbox`)
  }
  return { modulusHex: n, exponent: e, ecPointHex: `04${x}${y}` }
}

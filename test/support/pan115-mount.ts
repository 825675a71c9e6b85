import { makeCtx } from '../../src/core/ctx.ts'
import type { Driver, Page } from '../../src/core/driver.ts'
import type { DriverEnv } from '../../src/core/driver-definition.ts'
import type { Entry } from '../../src/core/entry.ts'
import { silentLogger } from '../../src/core/ctx.ts'
import { type OptionValue, parseOptions } from '../../src/core/options.ts'
import { pan115Driver } from '../../src/drivers/pan115/index.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { createAgent, createExchange } from '../../src/transport/http.ts'
import { createTransport } from '../../src/transport/stack.ts'
import { sandboxAddresses } from '../../src/upstream/pan115/addresses.ts'
import type { Pan115Access } from '../../src/upstream/pan115/env.ts'
import type { TestSandbox } from './sandbox.ts'

/** The way into a sandbox for one test file: drivers made with it send over real sockets, as fast as they can. */
export interface Pan115Mounts {
  readonly access: Pan115Access
  /** A driver with `options`, and what it has saved so far. */
  mount(options: Readonly<Record<string, unknown>>, env?: Partial<DriverEnv>): Mounted
  close(): Promise<void>
}

interface Mounted {
  readonly driver: Driver
  readonly saved: Readonly<Record<string, OptionValue>>[]
}

export async function openPan115Mounts({ sandbox, control }: TestSandbox): Promise<Pan115Mounts> {
  const clock: Clock = systemClock
  const agent = createAgent()
  const exchange = createExchange(agent)
  const { m115, ec115 } = await control.keys()
  // One try only: these tests count requests and look at the first error.
  const transport = (account: string) =>
    createTransport({ exchange, account, clock, ratePerSecond: 1000, burst: 1000, attempts: 1 })
  const access: Pan115Access = {
    addresses: sandboxAddresses(sandbox.url),
    keys: { modulusHex: m115.n, exponent: m115.e, ecPointHex: `04${ec115.x}${ec115.y}` },
    transport,
    loginTransport: transport('login'),
  }
  return {
    access,
    mount(options, env = {}) {
      const saved: Readonly<Record<string, OptionValue>>[] = []
      const saveOptions = async (changed: Readonly<Record<string, OptionValue>>) => {
        saved.push(changed)
      }
      const values = parseOptions(pan115Driver.options, options)
      const driver = pan115Driver.create(values, {
        clock,
        log: silentLogger,
        saveOptions,
        ...env,
        pan115: access,
      })
      return { driver, saved }
    },
    close: () => agent.close(),
  }
}

export interface Listed {
  readonly entries: readonly Entry[]
  readonly missing: number
  readonly pages: readonly Page[]
}

/** Everything in `directory`, the root when it is not given. */
export async function listAll(driver: Driver, directory?: Entry): Promise<Listed> {
  const ctx = makeCtx()
  const pages: Page[] = []
  for await (const page of driver.list(directory ?? (await driver.root(ctx)), ctx)) pages.push(page)
  return { entries: pages.flatMap((page) => page.entries), missing: pages.at(-1)?.missing ?? 0, pages }
}

// The 115 driver against the sandbox, bare, stacked over memory, and stacked over the database.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCtx, silentLogger } from '../../src/core/ctx.ts'
import type { EntryStore } from '../../src/core/entry-store.ts'
import { openTree } from '../../src/db/tree-store.ts'
import { pan115Driver } from '../../src/drivers/pan115/index.ts'
import { parseOptions } from '../../src/core/options.ts'
import { createMemoryEntryStore } from '../../src/layers/memory-entry-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { AccountTransports } from '../../src/transport/account-transports.ts'
import { createAgent, createExchange } from '../../src/transport/http.ts'
import { createTransport } from '../../src/transport/stack.ts'
import { sandboxAddresses } from '../../src/upstream/pan115/addresses.ts'
import { buildStack } from '../../src/vfs/stack.ts'
import { type SeedEntry, startTestSandbox, type TestSandbox } from '../support/sandbox.ts'
import { describeDriver, type DriverFixture, randomName, type SeedNode } from './driver.ts'

async function makePan115(): Promise<DriverFixture> {
  const cloud = await startTestSandbox()
  const { control } = cloud
  const { account, cookies } = await control.createAccount({ devices: ['tv'] })
  const [rootId = ''] = (await control.seed(account, [{ name: randomName('root'), children: [] }])).ids
  const driver = pan115Driver.create(
    parseOptions(pan115Driver.options, {
      cookie: cookies['tv'],
      root_folder_id: rootId,
      limit_rate: 100,
      page_size: 100,
    }),
    {
      clock: systemClock,
      log: silentLogger,
      saveOptions: async () => {},
      pan115: await accessTo(cloud),
    },
  )
  return {
    driver,
    seed: async (nodes) => {
      await control.seed(account, await Promise.all(nodes.map((node) => toSeed(cloud, node))), rootId)
    },
    remove: async (name) => {
      for await (const page of driver.list(await driver.root(makeCtx()), makeCtx())) {
        const found = page.entries.find((entry) => entry.name === name)
        if (found) await control.change(account, { remove: found.id })
      }
    },
    removeRoot: () => control.change(account, { remove: rootId }),
    close: async () => {
      await driver.dispose()
      await cloud.close()
    },
  }
}

async function accessTo({ sandbox, control }: TestSandbox) {
  const { m115, ec115 } = await control.keys()
  const exchange = createExchange(createAgent())
  const transports = new AccountTransports({ exchange, clock: systemClock })
  return {
    addresses: sandboxAddresses(sandbox.url),
    keys: { modulusHex: m115.n, exponent: m115.e, ecPointHex: `04${ec115.x}${ec115.y}` },
    transport: (account: string, rate: number) => transports.use(account, rate, 'contract'),
    loginTransport: createTransport({ exchange, account: 'login', clock: systemClock }),
  }
}

async function toSeed(cloud: TestSandbox, node: SeedNode): Promise<SeedEntry> {
  if ('children' in node) {
    return {
      name: node.name,
      children: await Promise.all(node.children.map((child) => toSeed(cloud, child))),
    }
  }
  return { name: node.name, blob: (await cloud.control.pushBlob(node.content)).blob }
}

function stacked(fixture: DriverFixture, store: EntryStore): DriverFixture {
  const parts = { storage: '/115', store, clock: systemClock, listingTtlMs: 60_000 }
  return { ...fixture, driver: buildStack(fixture.driver, parts) }
}

async function makeStackedOnDatabase(): Promise<DriverFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'panport-contract-'))
  const tree = await openTree(join(folder, 'tree.db'))
  const fixture = stacked(await makePan115(), tree.forStorage(1))
  return {
    ...fixture,
    close: async () => {
      await fixture.close()
      await tree.close()
      await rm(folder, { recursive: true })
    },
  }
}

describeDriver({ name: 'pan115', make: makePan115 })
describeDriver({
  name: 'pan115, stacked',
  make: async () => stacked(await makePan115(), createMemoryEntryStore()),
})
describeDriver({ name: 'pan115, stacked on the database', make: makeStackedOnDatabase })

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCtx } from '../../src/core/ctx.ts'
import type { Driver } from '../../src/core/driver.ts'
import type { Entry } from '../../src/core/entry.ts'
import { LocalDriver } from '../../src/drivers/local/driver.ts'
import { MemoryDriver } from '../../src/drivers/memory/driver.ts'
import { createMemoryEntryStore } from '../../src/layers/memory-entry-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { buildStack } from '../../src/vfs/stack.ts'
import { describeDriver, type DriverFixture, type SeedNode } from './driver.ts'

/** The same fixture with every layer around its driver. */
async function stacked(bare: Promise<DriverFixture>): Promise<DriverFixture> {
  const fixture = await bare
  const parts = { storage: '/x', store: createMemoryEntryStore(), clock: systemClock, listingTtlMs: 60_000 }
  return { ...fixture, driver: buildStack(fixture.driver, parts) }
}

async function makeMemory(): Promise<DriverFixture> {
  const driver = new MemoryDriver()
  const root = await driver.root(makeCtx())
  const seed = (parent: Entry, nodes: readonly SeedNode[]) => {
    for (const node of nodes) {
      if ('content' in node) driver.put(parent, node.name, node.content)
      else seed(driver.makeDirectory(parent, node.name), node.children)
    }
  }
  return {
    driver,
    seed: async (nodes) => seed(root, nodes),
    remove: async (name) => driver.drop(await mustFind(driver, root, name)),
    removeRoot: async () => driver.drop(root),
    close: () => driver.dispose(),
  }
}

async function makeLocal(): Promise<DriverFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'panport-local-'))
  const seed = async (parent: string, nodes: readonly SeedNode[]): Promise<void> => {
    for (const node of nodes) {
      const path = join(parent, node.name)
      if ('content' in node) await writeFile(path, node.content)
      else {
        await mkdir(path)
        await seed(path, node.children)
      }
    }
  }
  return {
    driver: new LocalDriver({ folder, showsHidden: true }),
    seed: (nodes) => seed(folder, nodes),
    remove: (name) => rm(join(folder, name), { recursive: true }),
    removeRoot: () => rm(folder, { recursive: true }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

async function mustFind(driver: Driver, directory: Entry, name: string): Promise<Entry> {
  for await (const page of driver.list(directory, makeCtx())) {
    const found = page.entries.find((entry) => entry.name === name)
    if (found) return found
  }
  throw new Error(`no "${name}"`)
}

describeDriver({ name: 'memory', make: makeMemory })
describeDriver({ name: 'memory, stacked', make: () => stacked(makeMemory()) })
describeDriver({ name: 'local', make: makeLocal })
describeDriver({ name: 'local, stacked', make: () => stacked(makeLocal()) })

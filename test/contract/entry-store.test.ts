// Every store that a tree can be remembered in, against the one contract.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTree } from '../../src/db/tree-store.ts'
import { createMemoryEntryStore } from '../../src/layers/memory-entry-store.ts'
import { describeEntryStore } from './entry-store.ts'

describeEntryStore({
  name: 'memory',
  make: async () => ({ store: createMemoryEntryStore(), close: async () => {} }),
})

describeEntryStore({
  name: 'SQLite',
  make: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'panport-tree-'))
    const stores = await openTree(join(folder, 'tree.db'))
    // Another storage of equal ids: nothing of it may ever shine through.
    const other = stores.forStorage(2)
    const recording = other.record('2900000000000000001' as never)
    await recording.commit({ listedAtMs: 99, missing: 0 })
    return {
      store: stores.forStorage(1),
      close: async () => {
        await stores.close()
        await rm(folder, { recursive: true })
      },
    }
  },
})

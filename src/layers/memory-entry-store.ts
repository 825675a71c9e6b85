import type { Page } from '../core/driver.ts'
import type { Entry, EntryId } from '../core/entry.ts'
import type { EntryStore, Recording, Remembered, Shortcut } from '../core/entry-store.ts'

interface Listing extends Remembered {
  readonly entries: readonly Entry[]
  readonly byName: ReadonlyMap<string, Entry>
}

/** An EntryStore that forgets with the process. It is the reading of the contract that tests compare with. */
export function createMemoryEntryStore(): EntryStore {
  const listings = new Map<EntryId, Listing>()
  const shortcuts = new Map<string, Shortcut>()
  const shortcutKey = (names: readonly string[]) => names.join('/')

  async function* children(directory: EntryId, pageSize: number): AsyncGenerator<Page> {
    const listing = listings.get(directory)
    if (!listing) return
    const { entries } = listing
    for (let start = 0; start === 0 || start < entries.length; start += pageSize) {
      const isLast = start + pageSize >= entries.length
      yield { entries: entries.slice(start, start + pageSize), missing: isLast ? listing.missing : 0 }
    }
  }

  function record(directory: EntryId): Recording {
    const entries: Entry[] = []
    let isOpen = true
    return {
      async add(more) {
        entries.push(...more)
      },
      async commit(end) {
        if (!isOpen) return
        isOpen = false
        listings.set(directory, { ...end, count: entries.length, entries, byName: indexByName(entries) })
      },
      async discard() {
        isOpen = false
      },
    }
  }

  function findEntry(id: EntryId): Entry | null {
    for (const { entries } of listings.values()) {
      const found = entries.find((entry) => entry.id === id)
      if (found) return found
    }
    return null
  }

  return {
    async remembered(directory) {
      const listing = listings.get(directory)
      if (!listing) return null
      const { listedAtMs, count, missing } = listing
      return { listedAtMs, count, missing }
    },
    children,
    child: async (directory, name) => listings.get(directory)?.byName.get(name) ?? null,
    entry: async (id) => findEntry(id),
    record,
    shortcut: async (names) => shortcuts.get(shortcutKey(names)) ?? null,
    async rememberShortcut(names, shortcut) {
      shortcuts.set(shortcutKey(names), shortcut)
    },
    async forget(directory) {
      listings.delete(directory)
      for (const key of shortcuts.keys()) if (key !== shortcutKey([])) shortcuts.delete(key)
    },
    async forgetAll() {
      listings.clear()
      shortcuts.clear()
    },
  }
}

/** Of equal names the smallest id wins, ids of fewer digits being smaller, so that it is always the same one. */
function indexByName(entries: readonly Entry[]): Map<string, Entry> {
  const byName = new Map<string, Entry>()
  for (const entry of entries) {
    const other = byName.get(entry.name)
    if (!other || isSmaller(entry.id, other.id)) byName.set(entry.name, entry)
  }
  return byName
}

function isSmaller(one: EntryId, other: EntryId): boolean {
  return one.length === other.length ? one < other : one.length < other.length
}

import { type Entry, entryId } from '../core/entry.ts'
import type { VPath } from '../core/path.ts'
import type { Storage } from './storage.ts'

/** A storage and the rest of a path below its mount. */
export interface Mounted {
  readonly storage: Storage
  readonly below: VPath
}

/** Which storage hangs where. Replaced as a whole when storages change, so readers never see half a change. */
export class Mounts {
  readonly #storages: readonly Storage[]

  /** `storages` in the order they are shown. */
  constructor(storages: readonly Storage[]) {
    this.#storages = storages
  }

  get isEmpty(): boolean {
    return this.#storages.length === 0
  }

  /** The storage whose mount is the longest prefix of `path`; null when none covers it. */
  find(path: VPath): Mounted | null {
    let best: Mounted | null = null
    for (const storage of this.#storages) {
      const below = storage.mountPath.relative(path)
      if (below && (!best || storage.mountPath.segments.length > best.storage.mountPath.segments.length)) {
        best = { storage, below }
      }
    }
    return best
  }

  /** Names directly below `path` that exist because something is mounted there or deeper, each once. */
  children(path: VPath): readonly { readonly name: string; readonly storage: Storage }[] {
    const seen = new Map<string, Storage>()
    for (const storage of this.#storages) {
      const below = path.relative(storage.mountPath)
      const name = below?.segments[0]
      if (name !== undefined && !seen.has(name)) seen.set(name, storage)
    }
    return [...seen].map(([name, storage]) => ({ name, storage }))
  }
}

/** The directory a mount point, or a folder on the way to one, looks like without asking any cloud. */
export function mountEntry(name: string, modifiedAt: Date | null): Entry {
  return {
    id: entryId(`mount:${name}`),
    parentId: null,
    name,
    kind: 'directory',
    size: null,
    modifiedAt,
    createdAt: modifiedAt,
    hashes: {},
  }
}

import type { Account } from './accounts.ts'
import { type FileContent, sha1Of } from './content.ts'
import { nextTurn } from './listing.ts'
import type { Directory, Entry } from './tree.ts'
import type { World } from './world.ts'

/** An entry to be made; with `children` it is a directory. */
export interface Seedling {
  /** `{n}` is replaced by 1, 2, … when there is a count. */
  readonly name: string
  /** Makes so many of them; without `{n}` in the name they are all called the same. */
  readonly count?: number
  /** Bytes of made-up content. */
  readonly size?: number
  /** Names the made-up content; the entry's own name when not given. */
  readonly seed?: string
  /** Bytes that were pushed before, instead of made-up ones. */
  readonly blob?: string
  /** Epoch seconds or ISO 8601; the present when not given. */
  readonly modifiedAt?: number | string
  readonly createdAt?: number | string
  readonly starred?: boolean
  readonly children?: Iterable<Seedling>
}

/** What planting made. */
export interface Planted {
  /** Entries directly under the parent, in order. */
  readonly topLevel: readonly Entry[]
  readonly files: number
  readonly directories: number
}

// Between two turns of the event loop.
const ENTRIES_AT_ONCE = 200

/** Makes entries under `parent`, with the true hash of every file. Throws Error when a seedling makes no sense. */
export async function plant(
  world: World,
  account: Account,
  parent: Directory,
  seedlings: Iterable<Seedling>,
): Promise<Planted> {
  const planter = new Planter(world, account)
  const topLevel = await planter.plantAll(parent, seedlings)
  return { topLevel, files: planter.files, directories: planter.directories }
}

class Planter {
  readonly #world: World
  readonly #account: Account
  readonly #nowS: number
  files = 0
  directories = 0

  constructor(world: World, account: Account) {
    this.#world = world
    this.#account = account
    this.#nowS = Math.floor(world.clock.now() / 1000)
  }

  async plantAll(parent: Directory, seedlings: Iterable<Seedling>): Promise<Entry[]> {
    const planted: Entry[] = []
    for (const seedling of seedlings) {
      const count = seedling.count ?? 1
      for (let n = 1; n <= count; n++) planted.push(await this.#plantOne(parent, seedling, n))
    }
    return planted
  }

  async #plantOne(parent: Directory, seedling: Seedling, n: number): Promise<Entry> {
    const name = seedling.count === undefined ? seedling.name : seedling.name.replaceAll('{n}', String(n))
    if (typeof name !== 'string' || name === '') throw new Error('Cannot plant: an entry has no name')
    const modifiedAtS = this.#epochS(seedling.modifiedAt, this.#nowS)
    const createdAtS = this.#epochS(seedling.createdAt, modifiedAtS)
    const facts = { name, modifiedAtS, createdAtS, starred: seedling.starred ?? false }
    if ((this.files + this.directories) % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) await nextTurn()
    if (!seedling.children) {
      const content = this.#contentOf(seedling, name)
      const sha1 = await sha1Of(this.#world.blobs, content)
      this.files++
      return this.#account.tree.addFile(parent, facts, content, sha1)
    }
    this.directories++
    const directory = this.#account.tree.addDirectory(parent, facts)
    await this.plantAll(directory, seedling.children)
    return directory
  }

  #contentOf(seedling: Seedling, name: string): FileContent {
    if (seedling.blob !== undefined) {
      return { kind: 'blob', id: seedling.blob, size: this.#world.blobs.get(seedling.blob).length }
    }
    const size = seedling.size ?? 0
    if (!Number.isSafeInteger(size) || size < 0)
      throw new Error(`Cannot plant "${name}": size ${size} is none`)
    return { kind: 'seed', seed: seedling.seed ?? name, size }
  }

  #epochS(time: number | string | undefined, fallback: number): number {
    if (time === undefined) return fallback
    const epochS = typeof time === 'number' ? time : Math.floor(Date.parse(time) / 1000)
    if (!Number.isSafeInteger(epochS)) throw new Error(`Cannot plant: time "${time}" is none`)
    return epochS
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { Ctx, Logger } from '../core/ctx.ts'
import { makeCtx } from '../core/ctx.ts'
import { type CheckReport, type Driver, type Page, wrap } from '../core/driver.ts'
import type { DriverDefinition, DriverEnv } from '../core/driver-definition.ts'
import type { EntryStore } from '../core/entry-store.ts'
import { isStorageError, StorageError, toStorageError } from '../core/errors.ts'
import { normaliseOptions, type OptionSchema, parseOptions } from '../core/options.ts'
import { VPath } from '../core/path.ts'
import { distrustRoot } from '../layers/cache.ts'
import type { Clock } from '../lib/clock.ts'
import { Mounts } from './mounts.ts'
import { buildStack } from './stack.ts'
import { Storage } from './storage.ts'
import type { StorageInput, StorageRecord, StorageStore } from './storage-record.ts'

/** How a storage is doing. */
export type StorageStatus =
  | { readonly state: 'disabled' }
  | { readonly state: 'starting' }
  | { readonly state: 'work'; readonly report: CheckReport | null }
  /** Stays mounted: its folder shows, and each use of it tries again. */
  | { readonly state: 'failed'; readonly error: StorageError }

/** A driver definition whose needs beyond `DriverEnv` are already met. */
export interface AvailableDriver {
  readonly definition: DriverDefinition
  /** `owner` names the storage the driver is for; what it takes from the app is given back by `dispose`. */
  create(options: Readonly<Record<string, unknown>>, env: DriverEnv, owner: string): Driver
}

/** What the app gives one driver besides `DriverEnv`, and how it is told that the driver is gone. */
export interface Loan<E> {
  readonly extra: E
  release(): void
}

export interface SavedStorage {
  readonly record: StorageRecord
  /** Null: it came up. Otherwise the row is saved and this is why it does not work. */
  readonly initError: StorageError | null
}

interface StoragesParts {
  readonly store: StorageStore
  readonly drivers: readonly AvailableDriver[]
  /** The remembered tree of one storage. */
  readonly entries: (storageId: number) => EntryStore
  readonly clock: Clock
  readonly log: Logger
}

/** Binds a definition to what the app lends its drivers. */
export function available<S extends OptionSchema, E>(
  definition: DriverDefinition<S, E>,
  lend: (owner: string) => Loan<E>,
): AvailableDriver {
  return {
    definition,
    create: (options, env, owner) => {
      const values = parseOptions(definition.options, options)
      const loan = lend(owner)
      return wrap(definition.create(values, { ...env, ...loan.extra }), {
        dispose: (next) => async () => {
          await next()
          loan.release()
        },
      })
    },
  }
}

/** An enabled storage. */
interface Live {
  /** Null: the row cannot be mounted, and `status` says why. */
  readonly storage: Storage | null
  status: StorageStatus
}

/**
 * The configured storages: their life from row to mount. Changes are applied one after another; what clouds are
 * asked about them is asked outside that order, so that a slow cloud delays nobody but its own storage.
 */
export class Storages {
  readonly #parts: StoragesParts
  readonly #live = new Map<number, Live>()
  #mounts = new Mounts([])
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: StoragesParts) {
    this.#parts = parts
  }

  get drivers(): readonly AvailableDriver[] {
    return this.#parts.drivers
  }

  mounts(): Mounts {
    return this.#mounts
  }

  /** Mounts every enabled storage at once, then brings each up; resolves when all have been tried. */
  async start(): Promise<void> {
    await this.#inTurn(async () => {
      for (const record of await this.#parts.store.list()) if (!record.disabled) this.#mount(record)
      await this.#refreshMounts()
    })
    await this.#bringAllUp(false)
  }

  list(): Promise<readonly StorageRecord[]> {
    return this.#parts.store.list()
  }

  /** Throws NotFound. */
  async get(id: number): Promise<StorageRecord> {
    const record = await this.#parts.store.get(id)
    if (record) return record
    throw new StorageError('NotFound', `Cannot find storage ${id}`)
  }

  status(record: StorageRecord): StorageStatus {
    if (record.disabled) return { state: 'disabled' }
    return this.#live.get(record.id)?.status ?? { state: 'starting' }
  }

  /** The running storage with that id; null when it is disabled or unknown. */
  storage(id: number): Storage | null {
    return this.#live.get(id)?.storage ?? null
  }

  /** Saves and brings up. Throws InvalidInput, InvalidName, AlreadyExists before anything is saved. */
  async create(input: StorageInput): Promise<SavedStorage> {
    return this.#changed(async () => {
      const { id } = await this.#parts.store.create(await this.#checkInput(input))
      return id
    })
  }

  /** Saves and brings up anew. Throws as `create`, NotFound, and Conflict when the driver would change. */
  async update(id: number, input: StorageInput): Promise<SavedStorage> {
    return this.#changed(async () => {
      const old = await this.get(id)
      if (old.driver !== input.driver) {
        throw new StorageError('Conflict', `Cannot change storage ${id}: driver cannot be changed`)
      }
      const checked = await this.#checkInput(input)
      const saved = await this.#parts.store.update(id, checked)
      if (!isDeepStrictEqual(saved.options, old.options)) await distrustRoot(this.#parts.entries(id))
      return id
    })
  }

  /** Throws Conflict when it is so already. */
  async setDisabled(id: number, disabled: boolean): Promise<SavedStorage> {
    return this.#changed(async () => {
      const old = await this.get(id)
      if (old.disabled === disabled) {
        throw new StorageError('Conflict', `this storage have ${disabled ? 'disabled' : 'enabled'}`)
      }
      await this.#parts.store.setDisabled(id, disabled)
      return id
    })
  }

  async delete(id: number): Promise<void> {
    await this.#inTurn(async () => {
      await this.get(id)
      await this.#takeDown(id)
      await this.#refreshMounts()
      await this.#parts.store.delete(id)
    })
  }

  /** Brings every enabled storage up anew. */
  async reload(): Promise<void> {
    await this.#inTurn(async () => {
      for (const { id } of await this.#parts.store.list()) await this.#remount(id)
    })
    await this.#bringAllUp(true)
  }

  /** Ends what is asked of clouds and takes every mount away. */
  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      for (const id of this.#live.keys()) await this.#takeDown(id)
      this.#mounts = new Mounts([])
    })
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(change)
    // The next one waits for this one's end, whichever it is; the caller gets the outcome.
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #checkInput(input: StorageInput): Promise<StorageInput> {
    const driver = this.#driver(input.driver)
    const options = normaliseOptions(driver.definition.options, input.options)
    // Made and thrown away: a driver refuses options that contradict each other before they are saved.
    const { clock, log } = this.#parts
    await driver.create(options, { clock, log, saveOptions: async () => {} }, 'being saved').dispose()
    return { ...input, options, mountPath: VPath.parse(input.mountPath).toString() }
  }

  #driver(name: string): AvailableDriver {
    const found = this.#parts.drivers.find(({ definition }) => definition.name === name)
    if (found) return found
    throw new StorageError('InvalidInput', `no driver named: ${name}`)
  }

  /** What a driver saves counts only where nobody saved something else since it was made. */
  #env({ id, options }: StorageRecord): DriverEnv {
    const { clock, log, store } = this.#parts
    let known = options
    return {
      clock,
      log,
      saveOptions: async (changed) => {
        const saved = await this.get(id)
        if (Object.keys(changed).some((name) => saved.options[name] !== known[name])) {
          throw new StorageError('Conflict', `Cannot save options of "${saved.mountPath}": they were changed`)
        }
        await store.patchOptions(id, changed)
        known = { ...known, ...changed }
      },
    }
  }

  /** Applies one change of a row, which gives its id, and brings the storage up as it is then. */
  async #changed(change: () => Promise<number>): Promise<SavedStorage> {
    const { id, live } = await this.#inTurn(() => change().then((changedId) => this.#remount(changedId)))
    const initError = live && (await this.#bringUp(live, true))
    return { record: await this.get(id), initError }
  }

  /** `live` is null for a disabled storage. */
  async #remount(id: number): Promise<{ readonly id: number; readonly live: Live | null }> {
    await this.#takeDown(id)
    // Read only now: until it was taken down the driver may have saved options of its own.
    const record = await this.get(id)
    const live = record.disabled ? null : this.#mount(record)
    await this.#refreshMounts()
    return { id, live }
  }

  /** A row that cannot be mounted (an unknown driver, options of another version) must not stop the others. */
  #mount(record: StorageRecord): Live {
    const live = this.#build(record)
    this.#live.set(record.id, live)
    return live
  }

  #build(record: StorageRecord): Live {
    try {
      return { storage: this.#assemble(record), status: { state: 'starting' } }
    } catch (error) {
      this.#parts.log.error({ error, storage: record.mountPath }, 'storage cannot be mounted')
      return { storage: null, status: { state: 'failed', error: toStorageError(error) } }
    }
  }

  #assemble(record: StorageRecord): Storage {
    const available = this.#driver(record.driver)
    const store = this.#parts.entries(record.id)
    const bare = available.create(record.options, this.#env(record), String(record.id))
    // Whoever uses a storage finds out how it is doing, and that is its state from then on.
    const learn = <T>(asked: Promise<T>) =>
      asked.then(
        (value) => {
          this.#recover(storage)
          return value
        },
        (error: unknown) => {
          this.#suffer(storage, error)
          throw error
        },
      )
    const watched = wrap(bare, {
      root: (next) => (ctx) => learn(next(ctx)),
      link: (next) => (file, want, ctx) => learn(next(file, want, ctx)),
      list: (next) => (directory, ctx) => learnPages(next(directory, ctx), learn),
    })
    const driver = buildStack(watched, {
      storage: record.mountPath,
      store,
      clock: this.#parts.clock,
      listingTtlMs: record.listingTtlMinutes * 60_000,
    })
    const mountPath = VPath.parse(record.mountPath)
    const { mustProxy } = available.definition
    const storage = new Storage({ record, mountPath, driver, store, mustProxy })
    return storage
  }

  /** Does nothing for a storage that another one has replaced. */
  #recover(storage: Storage): void {
    const live = this.#live.get(storage.record.id)
    if (live?.storage !== storage || live.status.state !== 'failed') return
    live.status = { state: 'work', report: null }
  }

  /** One directory that cannot be listed is no failed storage; a login or an account that is refused is. */
  #suffer(storage: Storage, error: unknown): void {
    const live = this.#live.get(storage.record.id)
    const isBlocked = isStorageError(error, 'RateLimited') && error.upstream?.status === 405
    if (live?.storage !== storage || !(isBlocked || isStorageError(error, 'AuthExpired'))) return
    live.status = { state: 'failed', error }
  }

  async #bringAllUp(withCheck: boolean): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => this.#bringUp(live, withCheck)))
  }

  async #bringUp(live: Live, withCheck: boolean): Promise<StorageError | null> {
    const { storage } = live
    if (!storage) return live.status.state === 'failed' ? live.status.error : null
    // Asks the cloud itself: a remembered root would hide that the login is dead.
    const ctx: Ctx = makeCtx({ log: this.#parts.log, fresh: true })
    try {
      await storage.root(ctx)
      live.status = { state: 'work', report: withCheck ? await storage.check(ctx) : null }
      return null
    } catch (error) {
      const failure = toStorageError(error)
      live.status = { state: 'failed', error: failure }
      return failure
    }
  }

  async #takeDown(id: number): Promise<void> {
    const live = this.#live.get(id)
    if (!live) return
    this.#live.delete(id)
    await live.storage?.dispose()
  }

  async #refreshMounts(): Promise<void> {
    const records = await this.#parts.store.list()
    const storages = records.flatMap(({ id }) => this.#live.get(id)?.storage ?? [])
    this.#mounts = new Mounts(storages)
  }
}

/** Each page is one thing learnt: a long listing may be refused in its middle. */
async function* learnPages(
  pages: AsyncIterable<Page>,
  learn: <T>(asked: Promise<T>) => Promise<T>,
): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await learn(iterator.next())
      if (step.done) return
      yield step.value
    }
  } finally {
    await iterator.return?.()
  }
}

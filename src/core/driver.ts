import type { Ctx } from './ctx.ts'
import type { Entry, EntryId, HashKind } from './entry.ts'
import type { StorageError } from './errors.ts'
import type { ByteRange, Link, LinkBinding, LinkRequest } from './link.ts'
import type { Readable } from 'node:stream'

/** Facts about a cloud that no verb's presence can tell. */
export interface Traits {
  readonly caseSensitive: boolean
  /** Whether one directory may hold two entries of equal name. */
  readonly duplicateNames: boolean
  /** UTF-8 bytes; null when there is no limit we know of. */
  readonly maxNameBytes: number | null
  readonly removeGoesToTrash: boolean
  /** What links of this driver can be tied to; caches key on it. */
  readonly linksBoundTo: readonly LinkBinding[]
  /** Hashes every file's entry carries. */
  readonly hashes: readonly HashKind[]
  /** Entries per page of `list`, at most. */
  readonly pageSize: number
  /** False: listing is as cheap as remembering (local disk), so nobody should remember. */
  readonly worthRemembering: boolean
}

/** Space of the account, in bytes; null when the cloud does not say. */
export interface Usage {
  readonly totalBytes: number | null
  readonly usedBytes: number | null
  readonly freeBytes: number | null
}

/** Re-readable content of a file to be stored. */
export interface UploadSource {
  readonly name: string
  /** Bytes; null when only the end of the stream will tell. */
  readonly size: number | null
  readonly modifiedAt: Date | null
  /** Lower-case hex; null when it is not known without reading the content. */
  hash(kind: HashKind): Promise<string | null>
  open(range: ByteRange | null, ctx: Ctx): Promise<Readable>
}

/** Some children of a directory. */
export interface Page {
  readonly entries: readonly Entry[]
  /**
   * How many children the cloud announced and did not give, even when asked again: hidden or censored rows.
   * 0 on every page but the last of a listing that is known to be short.
   */
  readonly missing: number
}

/** Whether the credential in use may do something; costs requests, so it is asked when a person saves. */
export interface Check {
  readonly of: 'list' | 'link' | 'upload'
  /** Null: it works. Undefined: it could not be tried (nothing there to try it on). */
  readonly error: StorageError | null | undefined
}

/** Something a person should know about the credential although nothing failed. */
export interface Notice {
  readonly code: 'replaces-session' | 'client-not-recommended' | 'missing-kid'
  /** Names the thing, e.g. the device whose session is replaced. */
  readonly detail: string
}

export interface CheckReport {
  readonly checks: readonly Check[]
  readonly notices: readonly Notice[]
}

/** Something that happened upstream since a cursor. */
export type Change =
  | { readonly kind: 'changed'; readonly entry: Entry; readonly cursor: string }
  | { readonly kind: 'removed'; readonly id: EntryId; readonly cursor: string }
  | { readonly kind: 'stale'; readonly directoryId: EntryId; readonly cursor: string }

/** One outcome per entry, in the order asked. A partial failure is a value, not an exception. */
export type Outcomes<T> = readonly (T | StorageError)[]

/**
 * The one seam between this program and any cloud. Verbs take entries, never paths. Every verb throws
 * StorageError only, and `Cancelled` when `ctx.signal` aborts.
 */
export interface Driver {
  readonly traits: Traits
  /** The directory everything else hangs under. Throws NotFound or NotADirectory when it is not there (any more). */
  root(ctx: Ctx): Promise<Entry>
  /**
   * The children of `dir`, in pages, any order, each entry once, complete when it ends.
   * Throws NotFound when `dir` is gone, NotADirectory when it is a file: never an empty lie. A listing that
   * stays short of what the cloud announces says so on its last page (`missing`).
   */
  list(dir: Entry, ctx: Ctx): AsyncIterable<Page>
  /** How to read `file` as the reader that `want` describes. Throws IsADirectory, NotFound. */
  link(file: Entry, want: LinkRequest, ctx: Ctx): Promise<Link>
  dispose(): Promise<void>

  // Optional verbs: being there IS the capability. A verb that can only throw must not exist.

  /** The child of that name, null when there is none. Present only where it is cheaper than a listing. */
  find?(dir: Entry, name: string, ctx: Ctx): Promise<Entry | null>
  /**
   * The directory that `names` lead to from the root, in one request whatever the depth. Null: not found this
   * way, which proves nothing; walk instead. The entry is good for `list`; times and parent may be null.
   */
  findDirectory?(names: readonly string[], ctx: Ctx): Promise<Entry | null>
  changes?(since: string | null, ctx: Ctx): AsyncIterable<Change>
  createDirectory?(parent: Entry, name: string, ctx: Ctx): Promise<Entry>
  rename?(changes: readonly { entry: Entry; name: string }[], ctx: Ctx): Promise<Outcomes<Entry>>
  move?(entries: readonly Entry[], to: Entry, ctx: Ctx): Promise<Outcomes<Entry>>
  /** Settles when the cloud is done. */
  copy?(entries: readonly Entry[], to: Entry, ctx: Ctx): Promise<Outcomes<Entry>>
  /** Recursive; what is gone already counts as removed. */
  remove?(entries: readonly Entry[], ctx: Ctx): Promise<Outcomes<null>>
  upload?(parent: Entry, source: UploadSource, ctx: Ctx): Promise<Entry>
  usage?(ctx: Ctx): Promise<Usage>
  /** What the credential can do. Never throws for what it found: that is in the report. */
  check?(ctx: Ctx): Promise<CheckReport>
}

export type Verb = Exclude<keyof Driver, 'traits'>

/** Gives back a driver that keeps the inner one's meaning. */
export type Layer = (inner: Driver) => Driver

/** Narrows `driver` to one that has `verb`. */
export function supports<V extends Verb>(
  driver: Driver,
  verb: V,
): driver is Driver & Required<Pick<Driver, V>> {
  return typeof driver[verb] === 'function'
}

type Patch = { [V in Verb]?: (next: NonNullable<Driver[V]>) => NonNullable<Driver[V]> }

const verbs = [
  'root',
  'list',
  'link',
  'dispose',
  'find',
  'findDirectory',
  'changes',
  'createDirectory',
  'rename',
  'move',
  'copy',
  'remove',
  'upload',
  'usage',
  'check',
] as const satisfies readonly Verb[]

// Fails to compile when a verb is added to Driver and forgotten in the list above.
type Forgotten = Exclude<Verb, (typeof verbs)[number]>
const nothingForgotten: [Forgotten] extends [never] ? true : Forgotten = true
void nothingForgotten

/** Overrides verbs `inner` has and forwards the rest: a layer can neither invent nor lose a capability. */
export function wrap(inner: Driver, patch: Patch): Driver {
  const outer: Record<string, unknown> = { traits: inner.traits }
  for (const verb of verbs) {
    const own = inner[verb] as ((...args: unknown[]) => unknown) | undefined
    if (typeof own !== 'function') continue
    const next = own.bind(inner)
    const override = patch[verb] as ((next: unknown) => unknown) | undefined
    outer[verb] = override ? override(next) : next
  }
  return outer as unknown as Driver
}

/** First layer sits closest to the driver. */
export function stack(driver: Driver, innermostFirst: readonly Layer[]): Driver {
  return innermostFirst.reduce((inner, layer) => layer(inner), driver)
}

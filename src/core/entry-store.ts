import type { Entry, EntryId } from './entry.ts'
import type { Page } from './driver.ts'

/** What is known about a remembered listing. */
export interface Remembered {
  /** Milliseconds since the epoch, when the listing was complete. */
  readonly listedAtMs: number
  readonly count: number
  /** As in `Page.missing`. */
  readonly missing: number
}

/** A listing being written down. Nobody sees any of it before `commit`. */
export interface Recording {
  add(entries: readonly Entry[]): Promise<void>
  /** Shows the new listing instead of the old one, at once and whole. */
  commit(end: { readonly listedAtMs: number; readonly missing: number }): Promise<void>
  /** Safe to call after `commit`, where it does nothing. */
  discard(): Promise<void>
}

export interface Shortcut {
  readonly directory: Entry
  /** Milliseconds since the epoch. */
  readonly foundAtMs: number
}

/**
 * The memory of one storage's tree: listings by directory. A crash at any moment leaves every listing as it
 * was before or as it is after, never in between. Implementations must not hold the event loop for a large
 * listing: they work in slices.
 */
export interface EntryStore {
  /** Null when the directory was never listed to its end. */
  remembered(directory: EntryId): Promise<Remembered | null>
  /**
   * The remembered children in pages of at most `pageSize`, a snapshot: a listing replaced meanwhile does not
   * change what this iteration gives. Empty when nothing is remembered.
   */
  children(directory: EntryId, pageSize: number): AsyncIterable<Page>
  /** The remembered child of that name; of several, always the same one. */
  child(directory: EntryId, name: string): Promise<Entry | null>
  /** A remembered entry by its id, wherever it was listed. */
  entry(id: EntryId): Promise<Entry | null>
  record(directory: EntryId): Recording
  /** A directory found by path from the root without listing what lies between; null when not remembered. */
  shortcut(names: readonly string[]): Promise<Shortcut | null>
  rememberShortcut(names: readonly string[], shortcut: Shortcut): Promise<void>
  /** Forgets the listing of `directory` and every shortcut but the root's, which is found without any names. */
  forget(directory: EntryId): Promise<void>
  /** Forgets everything: the storage now shows another tree. */
  forgetAll(): Promise<void>
}

import { StorageError } from './errors.ts'

/**
 * A path inside the tree, parsed once where it enters and never again. Segments are decoded text without
 * separators, dot segments or NUL, so joining cannot climb and comparing is by whole segments.
 */
export class VPath {
  static readonly root = new VPath([])
  readonly segments: readonly string[]

  private constructor(segments: readonly string[]) {
    this.segments = segments
  }

  /**
   * Parses decoded text: `/` separates, empty segments vanish, a leading `/` is optional.
   * Throws InvalidName for `.`, `..`, backslashes and NUL.
   */
  static parse(text: string): VPath {
    return VPath.of(text.split('/').filter((segment) => segment !== ''))
  }

  /** Throws InvalidName when one of `segments` is not a single plain segment. */
  static of(segments: readonly string[]): VPath {
    for (const segment of segments) assertSegment(segment)
    return segments.length === 0 ? VPath.root : new VPath(segments)
  }

  get isRoot(): boolean {
    return this.segments.length === 0
  }

  /** The last segment; empty for the root. */
  get name(): string {
    return this.segments.at(-1) ?? ''
  }

  /** The root is its own parent. */
  get parent(): VPath {
    return this.segments.length <= 1 ? VPath.root : new VPath(this.segments.slice(0, -1))
  }

  /** Throws InvalidName when `name` is not a single plain segment. */
  child(name: string): VPath {
    assertSegment(name)
    return new VPath([...this.segments, name])
  }

  join(below: VPath): VPath {
    if (below.isRoot) return this
    return this.isRoot ? below : new VPath([...this.segments, ...below.segments])
  }

  /** True for the path itself and everything below it; decided on segment borders. */
  contains(other: VPath): boolean {
    return (
      this.segments.length <= other.segments.length &&
      this.segments.every((segment, i) => segment === other.segments[i])
    )
  }

  /** What is left of `other` below this path; null when it is not below it. */
  relative(other: VPath): VPath | null {
    if (!this.contains(other)) return null
    return VPath.of(other.segments.slice(this.segments.length))
  }

  equals(other: VPath): boolean {
    return this.segments.length === other.segments.length && this.contains(other)
  }

  /** Decoded text with a leading `/`; parsing it gives this path again. */
  toString(): string {
    return `/${this.segments.join('/')}`
  }

  toJSON(): string {
    return this.toString()
  }

  /** Percent-encoded by segment with a leading `/`, for URLs and WebDAV's hrefs. */
  toUrl(): string {
    return `/${this.segments.map(encodeSegment).join('/')}`
  }
}

function assertSegment(segment: string): void {
  if (segment === '' || segment === '.' || segment === '..') {
    throw new StorageError('InvalidName', `Invalid path segment "${segment}"`)
  }
  if (/[/\\\0]/.test(segment)) {
    throw new StorageError('InvalidName', `Invalid path segment "${segment.replaceAll('\0', '␀')}"`)
  }
}

/** encodeURIComponent plus the five marks it leaves alone, so that no client trips over a quote or a star. */
export function encodeSegment(segment: string): string {
  // A lone surrogate cannot be UTF-8; the replacement character is what any encoder would send.
  return encodeURIComponent(segment.replaceAll(/\p{Surrogate}/gu, '\ufffd')).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Both ends count, as on the wire. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

/** What a Range header asks of a body whose size is known. */
export type RangeChoice =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly span: ByteSpan }
  | { readonly kind: 'unsatisfiable' }

const whole: RangeChoice = { kind: 'whole' }

/**
 * The part of a body of `size` bytes that `header` asks for. Whole: there is no header, or one that RFC 9110
 * section 14.2 lets a server ignore (another unit, bad syntax, parts that do not join into one). Several parts
 * that touch or overlap are one part. Never a span that ends past the body.
 */
export function chooseRange(header: string | undefined, size: number): RangeChoice {
  const specs = header === undefined ? null : parseSpecs(header)
  // No Content-Range can describe a part of nothing, and clients that put a Range on every request expect 200.
  if (!specs || size === 0) return whole
  const spans = specs.flatMap((spec) => spanOf(spec, size) ?? [])
  if (spans.length === 0) return { kind: 'unsatisfiable' }
  const span = joinSpans(spans)
  return span ? { kind: 'part', span } : whole
}

export function contentRange(span: ByteSpan, size: number): string {
  return `bytes ${span.start}-${span.end}/${size}`
}

/** The Content-Range of a 416. */
export function unsatisfiedRange(size: number): string {
  return `bytes */${size}`
}

interface Spec {
  /** Null: the last `last` bytes. */
  readonly first: number | null
  /** Null: up to the end. */
  readonly last: number | null
}

/** Null when the header is not a valid byte ranges-specifier. */
function parseSpecs(header: string): Spec[] | null {
  const match = /^\s*bytes\s*=(.*)$/i.exec(header)
  if (!match) return null
  const specs: Spec[] = []
  // "A recipient MUST parse and ignore a reasonable number of empty list elements" (RFC 9110, 5.6.1.2).
  for (const item of (match[1] ?? '').split(',').map((text) => text.trim())) {
    if (item === '') continue
    const spec = parseSpec(item)
    if (!spec) return null
    specs.push(spec)
  }
  return specs.length > 0 ? specs : null
}

function parseSpec(item: string): Spec | null {
  const match = /^(\d*)-(\d*)$/.exec(item)
  if (!match || item === '-') return null
  const [first, last] = [match[1], match[2]].map((digits) => (digits ? Number(digits) : null))
  if (first === undefined || last === undefined) return null
  // RFC 9110, 14.1.1: a last position before the first makes the specifier invalid, not unsatisfiable.
  if (first !== null && last !== null && last < first) return null
  return { first, last }
}

/** Null when nothing of the spec lies within the body. */
function spanOf({ first, last }: Spec, size: number): ByteSpan | null {
  if (first === null) {
    const suffix = last ?? 0
    return suffix === 0 ? null : { start: Math.max(0, size - suffix), end: size - 1 }
  }
  return first >= size ? null : { start: first, end: Math.min(last ?? size - 1, size - 1) }
}

/** One span when all of them touch or overlap; null when a gap remains. */
function joinSpans(spans: readonly ByteSpan[]): ByteSpan | null {
  const [head, ...rest] = [...spans].sort((one, other) => one.start - other.start)
  if (!head) return null
  let end = head.end
  for (const span of rest) {
    if (span.start > end + 1) return null
    end = Math.max(end, span.end)
  }
  return { start: head.start, end }
}

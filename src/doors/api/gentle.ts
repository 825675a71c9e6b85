/**
 * Work on long lists in slices, so that nobody else's request waits for all of it. A slice of these sizes takes
 * a few milliseconds.
 */
const rowsPerSlice = 250
const stepsPerSlice = 2000

function takeBreath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What `write` gives for each of `items`, in order, joined by commas; pieces of one UTF-8 text. */
export async function writeRows<T>(items: readonly T[], write: (item: T) => string): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  for (let start = 0; start < items.length; start += rowsPerSlice) {
    if (start > 0) await takeBreath()
    const rows = items.slice(start, start + rowsPerSlice).map(write)
    // Encoded here as well: all of a long listing at once would hold everybody up again.
    pieces.push(Buffer.from(start > 0 ? `,${rows.join(',')}` : rows.join(',')))
  }
  return pieces
}

/** `items` sorted, equals in the order they came. */
export async function sortRows<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<readonly T[]> {
  let runs: T[][] = []
  for (let start = 0; start < items.length; start += rowsPerSlice) {
    if (start > 0) await takeBreath()
    runs.push(items.slice(start, start + rowsPerSlice).sort(compare))
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2)
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], compare))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const merged: T[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    // Cannot be undefined: both indexes are inside.
    const first = left[l] as T
    const second = right[r] as T
    // The left one wins ties, which keeps equals in their order.
    if (compare(first, second) <= 0) {
      merged.push(first)
      l += 1
    } else {
      merged.push(second)
      r += 1
    }
    if (merged.length % stepsPerSlice === 0) await takeBreath()
  }
  return merged.concat(left.slice(l), right.slice(r))
}

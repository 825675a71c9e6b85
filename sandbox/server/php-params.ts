/**
 * Parameters of a request as a lax PHP script sees them: query and body together, the body winning, and arrays in
 * three spellings (`fid[0]=1&fid[1]=2`, `fid[]=1&fid[]=2`, `fid=1,2`) or as a repeated bare name.
 */
export class PhpParams {
  readonly #values: [name: string, value: string][] = []

  /** Adds what an urlencoded query or body holds. */
  add(encoded: string): void {
    for (const [name, value] of new URLSearchParams(encoded)) this.#values.push([name, value])
  }

  /** The last value under the bare name, as PHP keeps it; null when absent. */
  get(name: string): string | null {
    return this.#values.findLast(([each]) => each === name)?.[1] ?? null
  }

  /** All values of an array parameter, in order, empty ones left out. */
  list(name: string): string[] {
    return this.#values
      .filter(([each]) => baseName(each) === name)
      .flatMap(([each, value]) => (each === name ? value.split(',') : [value]))
      .filter((value) => value !== '')
  }

  /** Decimal digits as a number; `fallback` for anything else. */
  integer(name: string, fallback: number): number {
    const text = this.get(name)
    return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : fallback
  }

  /** True for `1` only. */
  flag(name: string): boolean {
    return this.get(name) === '1'
  }

  /** Every name that was given, without array brackets. */
  names(): string[] {
    return [...new Set(this.#values.map(([name]) => baseName(name)))]
  }
}

function baseName(name: string): string {
  const bracket = name.indexOf('[')
  return bracket > 0 ? name.slice(0, bracket) : name
}

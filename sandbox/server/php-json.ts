// 115's servers are PHP and print as json_encode does by default: every non-ASCII character as \uXXXX and every
// slash as \/. Clients must cope with both, so the emulator prints the same.

// A string that starts so is printed bare, for numbers that JavaScript cannot hold.
const BARE = '\u0001bare:'
const ROWS_AT_ONCE = 300

/** Marks digits to be printed without quotes: ids of 19 digits, or floats such as `1.0`. */
export function bareNumber(digits: string): string {
  return BARE + digits
}

/** JSON as PHP prints it. */
export function printPhpJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/"\\u0001bare:([^"]*)"/g, '$1')
    .replace(/[\u007f-\uffff/]/g, (char) =>
      char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

/** The same for an object with long arrays: gives way to other work between slices of rows. */
export async function printLargePhpJson(value: object): Promise<string> {
  const fields: string[] = []
  for (const [name, field] of Object.entries(value)) {
    const text = Array.isArray(field) ? await printRows(field) : printPhpJson(field)
    fields.push(`${printPhpJson(name)}:${text}`)
  }
  return `{${fields.join(',')}}`
}

async function printRows(rows: readonly unknown[]): Promise<string> {
  const slices: string[] = []
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    if (start > 0) await new Promise((resolve) => setImmediate(resolve))
    slices.push(printPhpJson(rows.slice(start, start + ROWS_AT_ONCE)).slice(1, -1))
  }
  return `[${slices.join(',')}]`
}

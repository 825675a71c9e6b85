/*
 * A pickcode is prefix ‖ mapped(base36(id)) ‖ mapped(four characters that are constant per user). Each prefix
 * has its own alphabet. The first of the four is always `0`.
 */

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
const suffixLength = 4

const tables: Readonly<Record<string, string>> = {
  a: 'fuln1ytpj3smg8d5a094qh7cxkbi62zvewro',
  b: 'sk721n9a0emlfpcrzbqdw3gjh6ty5xui48vo',
  c: 'ywcz3hite6f1j0guoakvdb2ns7p8qr9ml5x4',
  d: 'rq2vl5o7wsken9u8tp4jg3zbyc6xmhifd01a',
  e: 'ljm9eqbcfhw7ktv3x1dgp5ua8y6s4znr2io0',
  fa: 'fumk0ytpj3sng8d5a194qh7cxlbi62zvewro',
  fb: 'sk732o9a1enmfpcrzbqdw4gjh6ty5xui08vl',
  fc: 'ywcz6hite9f4j3gup2kvdb5osal0qr1nm8x7',
  fd: 'on6vl0r2wpkeq9u3ts8jg7zbyc1xmhifd45a',
  fe: 'ljm0es2cfhwakqv6x4dgp8r1by9u7znt5io3',
}

/** What a pickcode says. `stable` is the same for all of one user's entries. */
export interface Pickcode {
  readonly prefix: string
  readonly id: string
  readonly stable: string
}

/** Null when `text` is no pickcode. */
export function parsePickcode(text: string): Pickcode | null {
  const prefix = text.startsWith('f') ? text.slice(0, 2) : text.slice(0, 1)
  const table = tables[prefix]
  const body = text.slice(prefix.length)
  if (table === undefined || body.length <= suffixLength || /[^0-9a-z]/.test(body)) return null
  const plain = translate(body, alphabet, table)
  const stable = plain.slice(-suffixLength)
  if (!stable.startsWith('0')) return null
  return { prefix, id: fromBase36(plain.slice(0, -suffixLength)), stable }
}

/** The pickcode that says `code`. Throws RangeError for an unknown prefix. */
export function formatPickcode(code: Pickcode): string {
  const table = tables[code.prefix]
  if (table === undefined) throw new RangeError(`No pickcode begins with "${code.prefix}"`)
  return code.prefix + translate(BigInt(code.id).toString(36) + code.stable, table, alphabet)
}

/** Writes each character by its place in `from` as the one at that place in `to`. */
function translate(text: string, from: string, to: string): string {
  return Array.from(text, (char) => to[from.indexOf(char)] ?? '').join('')
}

/** Ids have up to 19 digits, more than a number holds. */
function fromBase36(text: string): string {
  let value = 0n
  for (const char of text) value = value * 36n + BigInt(alphabet.indexOf(char))
  return value.toString()
}

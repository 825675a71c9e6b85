// A pickcode is the id in base 36 and a 4-character point of its owner, each letter replaced by a table that the
// prefix names: `prefix ‖ map(base36(id)) ‖ map(stable)`. Files have a…e, folders fa…fe.
//
// Evidence: read-from-client (p115pickcode), vectors of test/parity, 2026-10.

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'
const STABLE_LENGTH = 4
/** 2^63 - 1, the largest id, has 13 digits in base 36. */
const MAX_ID_DIGITS = 13

/** `TABLES[prefix][i]` is the plain character that is written as `ALPHABET[i]`. */
const TABLES: ReadonlyMap<string, string> = new Map([
  ['a', 'fuln1ytpj3smg8d5a094qh7cxkbi62zvewro'],
  ['b', 'sk721n9a0emlfpcrzbqdw3gjh6ty5xui48vo'],
  ['c', 'ywcz3hite6f1j0guoakvdb2ns7p8qr9ml5x4'],
  ['d', 'rq2vl5o7wsken9u8tp4jg3zbyc6xmhifd01a'],
  ['e', 'ljm9eqbcfhw7ktv3x1dgp5ua8y6s4znr2io0'],
  ['fa', 'fumk0ytpj3sng8d5a194qh7cxlbi62zvewro'],
  ['fb', 'sk732o9a1enmfpcrzbqdw4gjh6ty5xui08vl'],
  ['fc', 'ywcz6hite9f4j3gup2kvdb5osal0qr1nm8x7'],
  ['fd', 'on6vl0r2wpkeq9u3ts8jg7zbyc1xmhifd45a'],
  ['fe', 'ljm0es2cfhwakqv6x4dgp8r1by9u7znt5io3'],
])

/**
 * The pickcode of `id` (decimal). `stable` is its owner's 4-character point, which begins with `0`; `prefix` is
 * `a`…`e` for a file, `fa`…`fe` for a folder. The root (`0`) has the empty pickcode.
 */
export function encodePickcode(id: string, stable: string, prefix: string): string {
  const table = TABLES.get(prefix)
  if (!table) throw new Error(`Cannot encode pickcode of "${id}": prefix "${prefix}" is unknown`)
  if (!/^0[0-9a-z]{3}$/.test(stable)) {
    throw new Error(
      `Cannot encode pickcode of "${id}": stable point "${stable}" is not 0 and three of 0-9a-z`,
    )
  }
  if (id === '0') return ''
  return prefix + translate(BigInt(id).toString(36), table, ALPHABET) + translate(stable, table, ALPHABET)
}

/**
 * The id (decimal) a pickcode stands for, whoever it belongs to; null when it is none. The service answers to any
 * stable point, so callers look up the id, never compare pickcodes.
 */
export function decodePickcode(pickcode: string): string | null {
  const prefix = pickcode.startsWith('f') ? pickcode.slice(0, 2) : pickcode.slice(0, 1)
  const table = TABLES.get(prefix)
  const body = pickcode.slice(prefix.length)
  if (!table || !/^[0-9a-z]+$/.test(body)) return null
  const digits = translate(body.slice(0, -STABLE_LENGTH), ALPHABET, table)
  const stable = translate(body.slice(-STABLE_LENGTH), ALPHABET, table)
  if (digits === '' || digits.length > MAX_ID_DIGITS || !stable.startsWith('0')) return null
  return parseBase36(digits).toString()
}

function translate(text: string, from: string, to: string): string {
  return Array.from(text, (char) => to.charAt(from.indexOf(char))).join('')
}

function parseBase36(digits: string): bigint {
  return Array.from(digits).reduce((sum, digit) => sum * 36n + BigInt(ALPHABET.indexOf(digit)), 0n)
}

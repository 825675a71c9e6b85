// Fewer digits than this always fit a double: 2^53 has sixteen.
const fewestDigits = 16

// Where a bare long integer may begin in valid JSON: at the start, behind `:`, `,`, `[` or white space, with or
// without a minus. Text without such a place, as nearly every answer is, goes to JSON.parse as it came.
const mayHoldLongInteger = /(?:^|[\s:,[])-?[1-9]\d{15}/

// One number token of the JSON grammar; `y` anchors it at lastIndex.
const numberToken = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const zero = 0x30
const nine = 0x39

/**
 * JSON.parse, except that integers of 16 and more digits arrive as strings with exactly their digits, minus
 * included: ids of 19 digits do not fit a double. Numbers with a fraction or an exponent stay numbers, and what
 * stands inside strings is left alone. Throws SyntaxError for what is not JSON.
 */
export function parseLossless(text: string): unknown {
  return JSON.parse(mayHoldLongInteger.test(text) ? quoteLongIntegers(text) : text)
}

/** Quotes long integers outside strings. What was not JSON before is not JSON after. */
function quoteLongIntegers(text: string): string {
  const token = new RegExp(numberToken)
  let out = ''
  let copied = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at)
      continue
    }
    if (code !== minus && (code < zero || code > nine)) {
      at++
      continue
    }
    token.lastIndex = at
    const match = token.exec(text)
    const end = at + (match?.[0].length ?? 1)
    if (match && isLongInteger(match, text, end)) {
      out += `${text.slice(copied, at)}"${match[0]}"`
      copied = end
    }
    at = end
  }
  return out + text.slice(copied)
}

function isLongInteger(match: RegExpExecArray, text: string, end: number): boolean {
  const [token, fraction, exponent] = match
  if (fraction !== undefined || exponent !== undefined) return false
  const digits = token.startsWith('-') ? token.slice(1) : token
  // Leading zeros and numbers as keys are errors that quoting would hide.
  return digits.length >= fewestDigits && !digits.startsWith('0') && !isFollowedByColon(text, end)
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++
  return text.charAt(at) === ':'
}

/** Behind the closing quote of the string that opens at `open`; the end of the text when it never closes. */
function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1)
  while (close >= 0) {
    let slashes = 0
    while (text.charCodeAt(close - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return close + 1
    close = text.indexOf('"', close + 1)
  }
  return text.length
}

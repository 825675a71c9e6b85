/**
 * Cells a text takes in a terminal: two for what East Asian fonts draw wide, none for marks that combine with
 * the character before. Good enough for columns; emoji sequences may be counted too wide.
 */
export function displayWidth(text: string): number {
  let cells = 0
  for (const char of text) cells += cellsOf(char)
  return cells
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

function cellsOf(char: string): number {
  if (/\p{Mark}|\u200d/u.test(char)) return 0
  return wide.test(char) ? 2 : 1
}

export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - displayWidth(text)))
}

/** Breaks a text into lines of at most `cells`, at spaces and, as Chinese has none, between wide characters. */
export function wrap(text: string, cells: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, cells))
    .join('\n')
}

function wrapLine(line: string, cells: number): string {
  const lines: string[] = []
  let current = ''
  for (const piece of pieces(line)) {
    if (displayWidth(current + piece.trimEnd()) > cells && current !== '') {
      lines.push(current.trimEnd())
      current = ''
    }
    current += piece
  }
  return [...lines, current.trimEnd()].join('\n')
}

/** Parts between which a line may break. A closing mark stays with what it closes. */
function pieces(line: string): string[] {
  const closing = /^[，。；：？！、）」』…]/u
  const split = line.match(/^\s+|[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*|\s+/gu) ?? []
  const joined: string[] = []
  for (const piece of split) {
    if (closing.test(piece) && joined.length > 0) joined.push(`${joined.pop()}${piece}`)
    else joined.push(piece)
  }
  return joined
}

import { crc32, deflateSync } from 'node:zlib'
import { encode } from 'uqr'

/** UTF-8 bytes. Keeps one drawing at some milliseconds of work. */
export const maxQrTextBytes = 512
/** Pixels along one side of an image. */
export const qrSizePx = { min: 64, max: 1024 } as const

/** Modules around the code that must stay light. The standard, ISO/IEC 18004, asks for four. */
const quietZone = 4

/**
 * `text` as a square black-and-white PNG of `sizePx` (moved into `qrSizePx`) a side.
 * Throws RangeError when `text` is empty or above `maxQrTextBytes`.
 */
export function qrPng(text: string, sizePx: number): Buffer {
  const modules = modulesOf(text)
  const size = Math.min(Math.max(Math.floor(sizePx) || 0, qrSizePx.min, modules.length), qrSizePx.max)
  return pngOf(paint(modules, size), size)
}

/** `text` as a self-contained SVG that scales. The text itself does not occur in it. Throws as `qrPng`. */
export function qrSvg(text: string): string {
  const modules = modulesOf(text)
  const size = modules.length
  const path = modules.map((row, y) =>
    runsOf(row)
      .map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)
      .join(''),
  )
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path.join('')}"/></svg>`
  )
}

/**
 * `text` drawn with half-height blocks, two rows of modules a line, lines ended by `\n`. The light modules are
 * the ones drawn, so it reads right where letters are light on dark. Throws as `qrPng`.
 */
export function qrTerminal(text: string): string {
  const modules = modulesOf(text)
  const lines: string[] = []
  for (let y = 0; y < modules.length; y += 2) {
    const upper = modules[y] ?? []
    const lower = modules[y + 1]
    lines.push(upper.map((isDark, x) => blockOf(!isDark, lower !== undefined && !lower[x])).join(''))
  }
  return `${lines.join('\n')}\n`
}

/** Rows of modules, true for dark, quiet zone included. */
function modulesOf(text: string): readonly (readonly boolean[])[] {
  const bytes = Buffer.byteLength(text)
  if (bytes === 0 || bytes > maxQrTextBytes) {
    throw new RangeError(`A QR code's text has ${bytes} bytes and must have from 1 to ${maxQrTextBytes}`)
  }
  return encode(text, { ecc: 'M', border: quietZone }).data
}

/** Start and length of each run of dark modules. */
function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = []
  for (const [x, isDark] of row.entries()) {
    const last = runs.at(-1)
    if (!isDark) continue
    if (last && last[0] + last[1] === x) last[1] += 1
    else runs.push([x, 1])
  }
  return runs
}

function blockOf(upperIsLight: boolean, lowerIsLight: boolean): string {
  if (upperIsLight) return lowerIsLight ? '█' : '▀'
  return lowerIsLight ? '▄' : ' '
}

/** Scanlines of one bit a pixel, 1 for white, each after its filter byte; the code in whole pixels, centred. */
function paint(modules: readonly (readonly boolean[])[], size: number): Buffer {
  const scale = Math.floor(size / modules.length)
  const offset = Math.floor((size - scale * modules.length) / 2)
  const lineBytes = 1 + Math.ceil(size / 8)
  const lines = Buffer.alloc(lineBytes * size, 0xff)
  for (let y = 0; y < size; y++) {
    lines[y * lineBytes] = 0
    const row = modules[Math.floor((y - offset) / scale)]
    for (const [start, length] of row ? runsOf(row) : []) {
      const line = lines.subarray(y * lineBytes + 1, (y + 1) * lineBytes)
      blacken(line, offset + start * scale, length * scale)
    }
  }
  return lines
}

function blacken(line: Buffer, start: number, length: number): void {
  for (let x = start; x < start + length; x++) line[x >> 3] = (line[x >> 3] ?? 0) & ~(0x80 >> (x & 7))
}

/** A greyscale PNG of one bit a pixel around `lines`. Source: PNG specification, third edition, clauses 5 and 11. */
function pngOf(lines: Buffer, size: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header[8] = 1
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunkOf('IHDR', header),
    chunkOf('IDAT', deflateSync(lines)),
    chunkOf('IEND', Buffer.alloc(0)),
  ])
}

/** Length, type, data and the checksum over type and data. */
function chunkOf(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}

import { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const BIT_DEPTH = 1
const GREYSCALE = 0

/** A black and white PNG of square modules; true is black. */
export async function drawPng(modules: readonly (readonly boolean[])[], scale: number): Promise<Buffer> {
  const width = modules.length * scale
  const rows = modules.flatMap((row) => {
    const line = packRow(row, scale)
    return Array.from({ length: scale }, () => line)
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(width, 4)
  header[8] = BIT_DEPTH
  header[9] = GREYSCALE
  const pixels = await promisify(deflate)(Buffer.concat(rows))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** One line of pixels: the filter byte, then a bit per pixel, 1 for white. */
function packRow(row: readonly boolean[], scale: number): Buffer {
  const line = Buffer.alloc(1 + Math.ceil((row.length * scale) / 8))
  for (let x = 0; x < row.length * scale; x++) {
    if (row[Math.floor(x / scale)]) continue
    const at = 1 + (x >> 3)
    line[at] = (line[at] ?? 0) | (0x80 >> (x & 7))
  }
  return line
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

// node:zlib has a crc32 in newer releases of Node only; bit by bit is fast enough for a QR code.
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

/**
 * The content of one raw LZ4 block (no frame header). Throws RangeError when the block is malformed or its
 * content would exceed `maxBytes`.
 */
export function readLz4Block(block: Uint8Array, maxBytes: number): Buffer {
  const out = Buffer.alloc(maxBytes)
  const input = { bytes: block, position: 0 }
  let written = 0
  while (input.position < block.length) {
    const token = next(input)
    const literals = lengthOf(token >> 4, input)
    if (input.position + literals > block.length || written + literals > maxBytes) throw malformed()
    out.set(block.subarray(input.position, input.position + literals), written)
    input.position += literals
    written += literals
    // The last sequence of a block is literals only.
    if (input.position === block.length) break
    written = copyMatch(out, written, token, input)
  }
  return out.subarray(0, written)
}

interface Input {
  readonly bytes: Uint8Array
  position: number
}

function copyMatch(out: Buffer, written: number, token: number, input: Input): number {
  const distance = next(input) | (next(input) << 8)
  const length = lengthOf(token & 0x0f, input) + 4
  if (distance === 0 || distance > written || written + length > out.length) throw malformed()
  // Byte by byte, because a match may overlap what it is writing.
  for (let i = 0; i < length; i++) out[written + i] = out[written + i - distance] ?? 0
  return written + length
}

function lengthOf(nibble: number, input: Input): number {
  if (nibble < 15) return nibble
  let length = nibble
  for (;;) {
    const more = next(input)
    length += more
    if (more < 255) return length
  }
}

function next(input: Input): number {
  const byte = input.bytes[input.position]
  if (byte === undefined) throw malformed()
  input.position += 1
  return byte
}

function malformed(): RangeError {
  return new RangeError('Malformed LZ4 block')
}

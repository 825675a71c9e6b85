import { Buffer } from 'node:buffer'
import { type Cipher, createCipheriv, createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { findKnownSha1 } from './known-content.ts'

// The bytes of a file without a disk. A seed names an endless pseudo-random stream, the AES-128-CTR key stream
// under a key hashed from the seed; a file is its first `size` bytes. CTR can start at any block, so byte n costs
// the same whether n is 0 or 2^40, and the processor makes several gigabytes of it per second.

/** What a file of the sandbox holds: a made-up stream, or bytes that a test brought. */
export type FileContent =
  | { readonly kind: 'seed'; readonly seed: string; readonly size: number }
  | { readonly kind: 'blob'; readonly id: string; readonly size: number }

/** Bytes `start` to `end`, both included, as in a Range header. */
export interface ContentRange {
  readonly start: number
  readonly end: number
}

const CHUNK_BYTES = 256 * 1024
// Generating and hashing one slice holds the event loop for about two milliseconds.
const SLICE_BYTES = 2 * 1024 * 1024
const AES_BLOCK_BYTES = 16

/** Bytes pushed by tests and uploads, kept in memory, and the hashes computed so far. */
export class BlobStore {
  readonly #blobs = new Map<string, Buffer>()
  readonly #sha1s = new Map<string, Promise<string>>()

  /** Keeps `bytes` (not copied; the caller must not change them) and tells how to find them. */
  put(bytes: Buffer): FileContent & { kind: 'blob' } {
    const id = randomUUID()
    this.#blobs.set(id, bytes)
    return { kind: 'blob', id, size: bytes.length }
  }

  /** The bytes kept under `id`. Throws when there are none. */
  get(id: string): Buffer {
    const bytes = this.#blobs.get(id)
    if (!bytes) throw new Error(`Cannot read blob "${id}": no such blob`)
    return bytes
  }

  /** Forgets the bytes and their hash; does nothing when they are gone. */
  delete(id: string): void {
    this.#blobs.delete(id)
    this.#sha1s.delete(blobKey(id))
  }

  /** The hash under `key`, computed by the first caller only; others, also while it is in the making, share it. */
  rememberSha1(key: string, compute: () => Promise<string>): Promise<string> {
    const known = this.#sha1s.get(key)
    if (known) return known
    const sha1 = compute()
    this.#sha1s.set(key, sha1)
    // A failure is the asker's to see; the next asker must get a fresh try.
    sha1.catch(() => this.#sha1s.delete(key))
    return sha1
  }
}

/**
 * A stream of the content's bytes, or of an inclusive range of them, made only as fast as the reader takes them.
 * Throws RangeError when the range is not inside the file.
 */
export function openContent(seed: string, size: number, range?: ContentRange): Readable {
  const { start, end } = spanOf(size, range)
  const source = new KeyStream(seed, start)
  let left = end - start
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      if (left === 0) {
        this.push(null)
        return
      }
      const length = Math.min(CHUNK_BYTES, left)
      left -= length
      this.push(source.take(length))
    },
  })
}

/** `length` bytes of the seed's stream from `start` on, at once: for small ranges. */
export function readContent(seed: string, start: number, length: number): Buffer {
  return new KeyStream(seed, start).take(length)
}

/**
 * SHA-1 of the first `size` bytes of the seed's stream, upper hex. Computed at about 1.5 GB/s in slices that let
 * other work through; immediate for the table of known contents. Not remembered here: `sha1Of` does.
 */
export function sha1OfContent(seed: string, size: number): Promise<string> {
  const known = findKnownSha1(seed, size)
  return known === null ? hashContent(seed, size) : Promise.resolve(known)
}

/** SHA-1 of the first `size` bytes, computed whatever the table says; for checking the table. */
export async function hashContent(seed: string, size: number): Promise<string> {
  const source = new KeyStream(seed, 0)
  return hashSlices(size, (_, length) => source.take(length))
}

/** A stream of the file's bytes, or of an inclusive range of them. Throws RangeError outside the file. */
export function openFile(blobs: BlobStore, content: FileContent, range?: ContentRange): Readable {
  if (content.kind === 'seed') return openContent(content.seed, content.size, range)
  const { start, end } = spanOf(content.size, range)
  return Readable.from(cut(blobs.get(content.id).subarray(start, end)), { objectMode: false })
}

/** SHA-1 of the file, upper hex; each content is hashed once. */
export function sha1Of(blobs: BlobStore, content: FileContent): Promise<string> {
  if (content.kind === 'seed') {
    const { seed, size } = content
    return blobs.rememberSha1(`seed ${size} ${seed}`, () => sha1OfContent(seed, size))
  }
  return blobs.rememberSha1(blobKey(content.id), async () => {
    const bytes = blobs.get(content.id)
    return hashSlices(bytes.length, (start, length) => bytes.subarray(start, start + length))
  })
}

/** The seed's stream, read forward from a byte. */
class KeyStream {
  readonly #cipher: Cipher
  #zeros = Buffer.alloc(0)

  constructor(seed: string, start: number) {
    const key = createHash('sha256').update(seed).digest().subarray(0, 16)
    const counter = Buffer.alloc(AES_BLOCK_BYTES)
    counter.writeBigUInt64BE(BigInt(Math.floor(start / AES_BLOCK_BYTES)), 8)
    this.#cipher = createCipheriv('aes-128-ctr', key, counter)
    this.take(start % AES_BLOCK_BYTES)
  }

  /** The next `length` bytes. */
  take(length: number): Buffer {
    if (this.#zeros.length < length) this.#zeros = Buffer.alloc(length)
    return this.#cipher.update(this.#zeros.subarray(0, length))
  }
}

async function hashSlices(size: number, read: (start: number, length: number) => Buffer): Promise<string> {
  const hash = createHash('sha1')
  for (let start = 0; start < size; start += SLICE_BYTES) {
    if (start > 0) await new Promise((resolve) => setImmediate(resolve))
    hash.update(read(start, Math.min(SLICE_BYTES, size - start)))
  }
  return hash.digest('hex').toUpperCase()
}

function* cut(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
    yield bytes.subarray(start, start + CHUNK_BYTES)
}

/** The range as a half-open span. */
function spanOf(size: number, range: ContentRange | undefined): { start: number; end: number } {
  if (!range) return { start: 0, end: size }
  const { start, end } = range
  if (!(start >= 0 && start <= end && end < size)) {
    throw new RangeError(`Cannot open bytes ${start}-${end}: content has ${size} bytes`)
  }
  return { start, end: end + 1 }
}

function blobKey(id: string): string {
  return `blob ${id}`
}

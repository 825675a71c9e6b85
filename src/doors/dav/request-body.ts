import type { IncomingMessage } from 'node:http'
import { SaxesParser } from 'saxes'
import { StorageError } from '../../core/errors.ts'

/** A property as XML names it: two parts, whatever the prefix. */
export interface PropertyName {
  readonly namespace: string
  readonly local: string
}

/** What a PROPFIND wants to know of each entry. */
export type Wanted =
  | { readonly kind: 'allprop' }
  | { readonly kind: 'propname' }
  | { readonly kind: 'prop'; readonly names: readonly PropertyName[] }

/** Real bodies have some hundred bytes, three levels and a dozen names. */
const maxBytes = 64 * 1024
const maxDepth = 16
const maxNames = 256

/**
 * The body, whole; null when it is longer than allowed. The rest is left unread and the request open, so that
 * an answer can still be sent.
 */
export async function readSmallBody(req: IncomingMessage): Promise<Buffer | null> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return null
  const chunks: Buffer[] = []
  let size = 0
  // Leaving a plain `for await` would destroy the connection.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > maxBytes) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, size)
}

/** What the body of a PROPFIND asks for; without a body, everything. Throws InvalidInput. */
export function parsePropfind(body: Buffer): Wanted {
  const text = decodeXml(body)
  if (text.trim() === '') return { kind: 'allprop' }
  const parser = new SaxesParser({ xmlns: true })
  const reading = new PropfindReading()
  parser.on('error', (error) => {
    throw refuse(error.message)
  })
  // No client sends one, and with it come entities: small texts that grow without bounds.
  parser.on('doctype', () => {
    throw refuse('document type declarations are not allowed')
  })
  parser.on('opentag', ({ uri, local }) => reading.open({ namespace: uri, local }))
  parser.on('closetag', () => reading.close())
  parser.write(text).close()
  return reading.wanted()
}

class PropfindReading {
  readonly #names: PropertyName[] = []
  #kind: Wanted['kind'] | null = null
  /** Of the element the reader is in. */
  #depth = 0
  /** Whether the second-level element the reader is in is `prop`. */
  #isInProp = false

  open(name: PropertyName): void {
    this.#depth += 1
    if (this.#depth > maxDepth) throw refuse('too many levels')
    if (this.#depth === 1) this.#openRoot(name)
    if (this.#depth === 2) this.#openKind(name)
    if (this.#depth === 3 && this.#isInProp) this.#names.push(name)
    if (this.#names.length > maxNames) throw refuse(`more than ${maxNames} properties`)
  }

  close(): void {
    this.#depth -= 1
  }

  wanted(): Wanted {
    if (this.#kind === null) throw refuse('none of allprop, propname and prop')
    return this.#kind === 'prop' ? { kind: 'prop', names: this.#names } : { kind: this.#kind }
  }

  #openRoot({ namespace, local }: PropertyName): void {
    if (namespace !== 'DAV:' || local !== 'propfind') throw refuse(`"${local}" is not a DAV: propfind`)
  }

  /** Elements nobody defined are ignored, as RFC 4918 section 17 demands. */
  #openKind({ namespace, local }: PropertyName): void {
    this.#isInProp = namespace === 'DAV:' && local === 'prop'
    if (namespace !== 'DAV:') return
    if (local !== 'allprop' && local !== 'propname' && local !== 'prop') return
    if (this.#kind !== null) throw refuse(`both "${this.#kind}" and "${local}"`)
    this.#kind = local
  }
}

/** RFC 4918 section 8.2: both UTF-8 and UTF-16 must be understood; the latter has a byte order mark. */
function decodeXml(body: Buffer): string {
  const mark = body.subarray(0, 2).toString('hex')
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body)
  } catch (error) {
    throw refuse('not valid UTF-8 or UTF-16', error)
  }
}

function refuse(why: string, cause?: unknown): StorageError {
  return new StorageError('InvalidInput', `Cannot read the PROPFIND body: ${why}`, { cause })
}

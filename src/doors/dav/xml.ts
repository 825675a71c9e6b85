import type { ServerResponse } from 'node:http'
import { writeSlowly } from '../../lib/http-exchange.ts'

export const xmlHeader = '<?xml version="1.0" encoding="UTF-8"?>\n'
export const xmlMediaType = 'application/xml; charset=utf-8'

/**
 * `text` as the content of an element. Characters that XML 1.0 cannot hold, not even as a reference, become the
 * replacement character; a carriage return becomes a reference, since parsers turn a bare one into a line feed.
 */
export function escapeXml(text: string): string {
  return text.replaceAll(special, (char) => references[char] ?? '\ufffd')
}

/** `text` as the value of an attribute in double quotes. */
export function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll(/["\t\n]/g, (char) => `&#${char.charCodeAt(0)};`)
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const special = /[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu

/** Pieces large enough that their number costs nothing, small enough that a slow client costs no memory. */
const pieceLength = 64 * 1024

/** Collects text and sends it in pieces as fast as the client reads. */
export class XmlWriter {
  readonly #res: ServerResponse
  readonly #signal: AbortSignal
  #pending = ''

  constructor(res: ServerResponse, signal: AbortSignal) {
    this.#res = res
    this.#signal = signal
  }

  add(text: string): void {
    this.#pending += text
  }

  /** True once enough is collected to be worth sending. */
  get isFull(): boolean {
    return this.#pending.length >= pieceLength
  }

  /** Sends what is collected. Rejects with the signal's reason when the client has left. */
  async flush(): Promise<void> {
    const text = this.#pending
    this.#pending = ''
    if (text !== '') await writeSlowly(this.#res, text, this.#signal)
  }
}

/** What kind of work a request is; the budgets of tests are written in these. */
export type RequestClass = (typeof REQUEST_CLASSES)[number]

const REQUEST_CLASSES = [
  'login',
  'list',
  'info',
  'link',
  'write',
  'upload',
  'oss',
  'cdn',
  'life',
  'share',
  'offline',
  'ali',
  'other',
] as const

/** One request to an emulated cloud. */
export interface LogLine {
  readonly number: number
  /** Virtual time at the start, milliseconds since the epoch. */
  readonly time: number
  readonly host: string
  readonly method: string
  /** With the query, its secrets masked. */
  readonly path: string
  class: RequestClass
  /** User id; null when nobody is logged in. */
  account: string | null
  device: string | null
  readonly userAgent: string
  /** 0 while running, and for a connection that was dropped without an answer. */
  status: number
  /** Bytes of the bodies. */
  bytesIn: number
  bytesOut: number
  /** Requests in progress at the start, this one included. */
  readonly inFlight: number
  /** Of real time; null while running. */
  durationMs: number | null
  /** The client left before the answer was complete. */
  aborted: boolean
  /** A fault dropped the connection. */
  cut: boolean
  /** Of the CDN only. */
  cdn: CdnFacts | null
}

interface CdnFacts {
  readonly fileId: string
  /** The part of the address that names the link. */
  readonly link: string
  /** Downloads open on that link, this one included. */
  readonly connections: number
}

/** What is known of a request as it arrives. */
export type Arrival = Pick<LogLine, 'time' | 'host' | 'method' | 'path' | 'userAgent'>

const MAX_LINES = 200_000
const LINES_DROPPED_AT_ONCE = 20_000

/** Every request in order of arrival; the oldest are dropped when there are very many. */
export class RequestLog {
  #lines: LogLine[] = []
  #lastNumber = 0
  #inFlight = 0
  #counts = zeroCounts()

  /** Starts a line; it is finished with `close`. */
  open(arrival: Arrival): LogLine {
    this.#inFlight++
    const line: LogLine = {
      ...arrival,
      number: ++this.#lastNumber,
      class: 'other',
      account: null,
      device: null,
      status: 0,
      bytesIn: 0,
      bytesOut: 0,
      inFlight: this.#inFlight,
      durationMs: null,
      aborted: false,
      cut: false,
      cdn: null,
    }
    this.#lines.push(line)
    if (this.#lines.length > MAX_LINES) this.#lines.splice(0, LINES_DROPPED_AT_ONCE)
    return line
  }

  /** Counts the request under its class, once that is known. */
  classify(line: LogLine, requestClass: RequestClass): void {
    line.class = requestClass
    this.#counts[requestClass]++
  }

  close(line: LogLine, durationMs: number): void {
    this.#inFlight--
    line.durationMs = durationMs
  }

  /** Lines after number `since`, running ones included. */
  since(number: number): readonly LogLine[] {
    const first = this.#lines[0]
    if (!first) return []
    return this.#lines.slice(Math.max(0, number + 1 - first.number))
  }

  counts(): Readonly<Record<RequestClass, number>> {
    return { ...this.#counts }
  }

  /** Forgets all lines and counts; numbering goes on. */
  clear(): void {
    this.#lines = []
    this.#counts = zeroCounts()
  }
}

function zeroCounts(): Record<RequestClass, number> {
  return Object.fromEntries(REQUEST_CLASSES.map((name) => [name, 0])) as Record<RequestClass, number>
}

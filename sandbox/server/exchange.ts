import type { Buffer } from 'node:buffer'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Session } from '../state/accounts.ts'
import type { RequestFacts } from '../state/faults.ts'
import type { LogLine } from '../state/request-log.ts'
import { PhpParams } from './php-params.ts'

/** What the server knows of a request when it hands it to a cloud. */
export interface ExchangeInit {
  readonly host: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly response: ServerResponse
  readonly line: LogLine
  readonly signal: AbortSignal
  /** The address under which the asking client reaches another emulated host, without trailing slash. */
  readonly urlOf: (host: string) => string
}

/** One request to an emulated cloud and the answer that is being made for it. */
export class Exchange {
  readonly host: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly params: PhpParams
  /** As it came; forms are in `params` too. */
  readonly body: Buffer
  readonly cookies: ReadonlyMap<string, string>
  readonly userAgent: string
  readonly response: ServerResponse
  readonly line: LogLine
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal
  readonly urlOf: (host: string) => string
  session: Session | null = null

  constructor(init: ExchangeInit) {
    this.host = init.host
    this.method = init.method
    this.path = init.path
    this.query = init.query
    this.headers = init.headers
    this.params = readParams(init)
    this.body = init.body
    this.cookies = parseCookies(init.headers.cookie ?? '')
    this.userAgent = init.headers['user-agent'] ?? ''
    this.response = init.response
    this.line = init.line
    this.signal = init.signal
    this.urlOf = init.urlOf
  }

  /** By what the fault switches choose requests. */
  facts(): RequestFacts {
    return { class: this.line.class, host: this.host, path: this.path, account: this.line.account }
  }
}

/** Splits a Cookie header at the first `=` of each item. */
function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const item of header.split(';')) {
    const equals = item.indexOf('=')
    if (equals > 0) cookies.set(item.slice(0, equals).trim(), item.slice(equals + 1).trim())
  }
  return cookies
}

function readParams(init: ExchangeInit): PhpParams {
  const params = new PhpParams()
  params.add(init.query)
  // A sealed body says that it is a form, and is one only once it is opened.
  if (params.get('k_ec') !== null) return params
  const type = init.headers['content-type'] ?? ''
  if (init.body.length > 0 && (type === '' || type.startsWith('application/x-www-form-urlencoded'))) {
    params.add(init.body.toString('utf8'))
  }
  return params
}

import { Readable } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher } from 'undici'
import { abortedError, networkError } from './wire-errors.ts'
import type { Exchange, WireRequest, WireResponse } from './transport.ts'

export interface AgentOptions {
  /** PEM of one more authority to trust, beside those that Node trusts. */
  readonly ca?: string
  readonly connectTimeoutMs?: number
  /**
   * Milliseconds without a byte of a body before it fails with Unavailable; a reader who pauses does not count.
   * 0, the default, leaves that to the timeout layer.
   */
  readonly stallTimeoutMs?: number
}

/** A pool of kept connections, closed by its `close` or `destroy`. Certificates are always verified. */
export function createAgent(options: AgentOptions = {}): Agent {
  return new Agent({
    connect: {
      timeout: options.connectTimeoutMs ?? 10_000,
      // Said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment must not reach the cloud's cookies.
      rejectUnauthorized: true,
      ...(options.ca === undefined ? {} : { ca: [...rootCertificates, options.ca] }),
    },
    headersTimeout: 0,
    bodyTimeout: options.stallTimeoutMs ?? 0,
    // Two requests a second would otherwise pay a TLS handshake after every short pause.
    keepAliveTimeout: 15_000,
    // A seek must never stand in line behind a long body on the same connection.
    pipelining: 1,
  })
}

/**
 * Sends one request as it is: no redirect followed, no cookie kept, nothing decompressed (`identity` is asked for
 * unless the request says otherwise). `ctx.signal` holds for the body too. Throws Unavailable for the network and
 * Cancelled (or the StorageError the signal was aborted with); the body fails with the same. Destroying the body
 * closes the connection under it.
 *
 * It works on undici's `dispatch` and not on `request`, because then the body is ours: its failures are StorageErrors
 * without one more stream in the path of the bytes.
 */
export function createExchange(agent: Dispatcher): Exchange {
  return (request, ctx) =>
    new Promise((resolve, reject) => {
      if (ctx.signal.aborted) {
        reject(abortedError(ctx.signal))
        return
      }
      const exchange = new WireExchange(request, ctx.signal, resolve, reject)
      try {
        agent.dispatch(exchange.options, exchange)
      } catch (error) {
        exchange.onResponseError(null, error)
      }
    })
}

/** One request on the wire, from dispatch to the end of its body. Ends exactly once. */
class WireExchange implements Dispatcher.DispatchHandler {
  readonly #request: WireRequest
  readonly #signal: AbortSignal
  readonly #resolve: (response: WireResponse) => void
  readonly #reject: (error: Error) => void
  readonly #onAbort = () => this.#stop(abortedError(this.#signal))
  #controller: Dispatcher.DispatchController | null = null
  #body: WireBody | null = null
  #stopped: Error | null = null

  constructor(
    request: WireRequest,
    signal: AbortSignal,
    resolve: (response: WireResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.#request = request
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  get options(): Dispatcher.DispatchOptions {
    const { method, url, headers, body } = this.#request
    return {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
      body: body ?? null,
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Aborted while it waited for a connection: undici asks only now.
    if (this.#stopped) controller.abort(this.#stopped)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: WireResponse['headers'],
  ): void {
    if (status < 200) return
    this.#body = new WireBody(controller, () => this.#unlink())
    this.#resolve({ status, headers, body: this.#body })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body && !this.#body.push(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.#body?.complete()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.#stop(this.#describe(error))
  }

  #describe(error: unknown): Error {
    return networkError(error, this.#request.url.host)
  }

  #stop(error: Error): void {
    if (this.#stopped) return
    this.#stopped = error
    this.#unlink()
    if (this.#body) this.#body.destroy(error)
    else this.#reject(error)
    this.#controller?.abort(error)
  }

  #unlink(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}

/** A response body that pauses the connection when its reader does. */
export class WireBody extends Readable {
  readonly #controller: Dispatcher.DispatchController
  #isComplete = false
  /** Bytes that came over the wire so far. */
  receivedBytes = 0

  constructor(controller: Dispatcher.DispatchController, onClose: () => void) {
    super({ highWaterMark: 64 * 1024 })
    this.#controller = controller
    this.once('close', onClose)
    // An error between two readers (the head was awaited, the body not yet read) must not end the process; whoever
    // reads next is told all the same, since the stream keeps the error.
    this.on('error', () => undefined)
  }

  override push(chunk: Buffer | null): boolean {
    if (chunk) this.receivedBytes += chunk.length
    return super.push(chunk)
  }

  complete(): void {
    this.#isComplete = true
    this.push(null)
  }

  override _read(): void {
    this.#controller.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Closes the connection: there is no other way to tell HTTP/1.1 that the rest is not wanted.
    if (!this.#isComplete) this.#controller.abort(error ?? new Error('Body is not wanted any more'))
    done(error)
  }
}

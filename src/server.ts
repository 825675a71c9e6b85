// One port, several doors: which request goes to which is decided here, before any of them looks at it.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { FastifyServerFactory } from 'fastify'
import { lookOutside, type Outside, parseNetworks } from './lib/forwarded.ts'

/** Takes a request or, by resolving with false, leaves it to the next door. */
export type Door = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>

export interface Front {
  readonly server: Server
  /** Makes fastify answer what no other door took. */
  readonly serverFactory: FastifyServerFactory
  listen(host: string, port: number): Promise<AddressInfo>
  /** Stops listening, lets running answers end for a moment, then cuts what is left. */
  close(): Promise<void>
}

/** How long running answers may take to end when the process is asked to stop. */
const graceMs = 3000

export function createFront(doors: readonly Door[]): Front {
  let last: RequestListener = (_req, res) => res.writeHead(503).end()
  const sockets = new Set<Socket>()

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    for (const door of doors) if (await door(req, res)) return
    last(req, res)
  }

  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 60_000, requestTimeout: 0 },
    (req, res) => {
      // Doors answer their own failures; whatever still comes through is a bug and must not end the process.
      answer(req, res).catch((error: unknown) => {
        server.emit('doorError', error)
        res.destroy()
      })
    },
  )
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  return {
    server,
    serverFactory: (handler) => {
      last = handler
      return server
    },
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve(server.address() as AddressInfo)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => {
          for (const socket of sockets) socket.destroy()
        }, graceMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** What requests looked like outside, by the trusted networks of the moment. */
export function createOutside(trustedProxies: () => string): (req: IncomingMessage) => Outside {
  let known = { text: '', networks: parseNetworks('') }
  return (req) => {
    const text = trustedProxies()
    if (text !== known.text) known = { text, networks: parseNetworks(text) }
    const isEncrypted = 'encrypted' in req.socket
    return lookOutside(
      { remoteAddress: req.socket.remoteAddress ?? '', isEncrypted, headers: req.headers },
      known.networks,
    )
  }
}

import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { callbackify } from 'node:util'

/** An open port. */
export interface Door {
  readonly address: AddressInfo
  /** Stops listening and drops every connection. */
  close(): Promise<void>
}

interface DoorOptions {
  readonly host: string
  readonly port: number
  /** Certificates by name; null serves plain http only. */
  readonly contextFor: ((host: string) => Promise<SecureContext>) | null
}

/** The first byte of a TLS handshake record. */
const TLS_HANDSHAKE = 0x16

/**
 * Opens the port. With certificates it speaks TLS and plain http on that one port, told apart by the first byte: some
 * of 115's hosts are asked over plain http by clients that use https for the rest.
 */
export async function openDoor(listener: RequestListener, options: DoorOptions): Promise<Door> {
  const http = createHttpServer(listener)
  // Long polls and stalled downloads last as long as the emulated cloud wants.
  http.requestTimeout = 0
  if (!options.contextFor) return listen(http, options, http)
  const https = createHttpsServer({ SNICallback: sniCallback(options.contextFor) }, listener)
  https.requestTimeout = 0
  const net = createNetServer((socket) => route(socket, http, https))
  return listen(net, options, http, https)
}

function sniCallback(contextFor: (host: string) => Promise<SecureContext>) {
  return callbackify(contextFor)
}

function route(socket: Socket, http: Server, https: Server): void {
  socket.on('error', () => socket.destroy())
  socket.once('readable', () => {
    const head: Buffer | null = socket.read() as Buffer | null
    if (!head) {
      socket.destroy()
      return
    }
    socket.unshift(head)
    const server = head[0] === TLS_HANDSHAKE ? https : http
    server.emit('connection', socket)
  })
}

async function listen(server: Server, { host, port }: DoorOptions, ...speakers: Server[]): Promise<Door> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    address: server.address() as AddressInfo,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      for (const socket of sockets) socket.destroy()
      for (const speaker of speakers) if (speaker !== server) speaker.close()
      await closed
    },
  }
}

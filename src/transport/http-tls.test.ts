import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecureContext } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority } from '../../sandbox/tls.ts'
import { makeCtx } from '../core/ctx.ts'
import { readAll } from '../lib/streams.ts'
import { type AgentOptions, createAgent, createExchange } from './http.ts'

type SniDone = (error: null, context: SecureContext) => void

let folder: string
let ca: string
let server: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panport-tls-'))
  const authority = await createAuthority(folder)
  ca = await readFile(authority.caFile, 'utf8')
  const context = await authority.contextFor('localhost')
  const options = { SNICallback: (_host: string, done: SniDone) => done(null, context) }
  server = createServer(options, (_req, res) => res.end('over TLS')).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

async function read(options: AgentOptions): Promise<string> {
  const agent = createAgent(options)
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/`)
  try {
    const { body } = await createExchange(agent)({ method: 'GET', url, headers: {} }, makeCtx())
    return (await readAll(body, 100)).toString()
  } finally {
    await agent.destroy()
  }
}

describe('createAgent()', () => {
  it('trusts the authority it is given', async () => {
    expect(await read({ ca })).toBe('over TLS')
  })

  it('refuses a certificate it cannot verify, whatever the environment says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      await expect(read({})).rejects.toMatchObject({
        kind: 'Unavailable',
        message: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      })
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
  })
})

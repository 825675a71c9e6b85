import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, get, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import { callbackify, promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../src/lib/clock.ts'
import { canRun, clientTest } from '../test/support/clients.ts'
import { type Authority, createAuthority } from './tls.ts'

const HOST = 'webapi.115.com'
const run = promisify(execFile)

const GO_PROGRAM = `package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, os.Args[1])
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial}}
	reply, err := client.Get("https://" + os.Args[2] + "/")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	body, _ := io.ReadAll(reply.Body)
	fmt.Print(string(body))
}
`

let folder: string
let authority: Authority
let server: Server
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panport-tls-'))
  authority = await createAuthority(folder)
  server = createServer(
    { SNICallback: callbackify((host: string) => authority.contextFor(host)) },
    (request, response) => response.end(`hello ${request.headers.host}`),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await rm(folder, { recursive: true })
})

describe('createAuthority()', () => {
  it('keeps its certificate across restarts, and its key to its owner', async () => {
    const before = await readFile(authority.caFile, 'utf8')
    const again = await createAuthority(folder)
    expect(await readFile(again.caFile, 'utf8')).toBe(before)
    expect((await stat(join(folder, 'ca-key.pem'))).mode & 0o777).toBe(0o600)
  })

  it('makes a new certificate once the old one ends before a server could', async () => {
    const own = await mkdtemp(join(tmpdir(), 'panport-tls-'))
    const clock = new ManualClock(Date.UTC(2026, 0, 1))
    const { caFile } = await createAuthority(own, clock)
    const before = new X509Certificate(await readFile(caFile))
    await clock.advance(9 * 366 * 24 * 60 * 60 * 1000)
    await createAuthority(own, clock)
    const after = new X509Certificate(await readFile(caFile))
    await rm(own, { recursive: true })
    expect(after.serialNumber).not.toBe(before.serialNumber)
    expect(before.ca).toBe(true)
    expect(before.checkIssued(before)).toBe(true)
    expect(new Date(after.validTo).getUTCFullYear()).toBe(2045)
  })

  it('writes dates beyond 2049 in the long form', async () => {
    const own = await mkdtemp(join(tmpdir(), 'panport-tls-'))
    const { caFile } = await createAuthority(own, new ManualClock(Date.UTC(2045, 5, 1)))
    const certificate = new X509Certificate(await readFile(caFile))
    await rm(own, { recursive: true })
    expect(new Date(certificate.validTo).getUTCFullYear()).toBe(2055)
  })
})

describe('contextFor()', () => {
  it('makes one context per host, whatever its case', () => {
    expect(authority.contextFor('A.115.com')).toBe(authority.contextFor('a.115.com'))
    expect(authority.contextFor('b.115.com')).not.toBe(authority.contextFor('a.115.com'))
  })

  it.each([
    [HOST, `DNS:${HOST}`],
    ['localhost', 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'],
  ])('answers %s with a certificate for it', async (host, names) => {
    const certificate = await certificateOf(host)
    const issuer = new X509Certificate(await readFile(authority.caFile))
    expect(certificate.subjectAltName).toBe(names)
    expect(certificate.ca).toBe(false)
    expect(certificate.checkIssued(issuer)).toBe(true)
    expect(certificate.verify(issuer.publicKey)).toBe(true)
  })

  it('is trusted by node:https that was given the CA, for the right host only', async () => {
    const ca = await readFile(authority.caFile)
    expect(await fetchText({ ca, servername: HOST })).toBe(`hello ${HOST}`)
    await expect(fetchText({ ca, servername: HOST, host: 'other.115.com' })).rejects.toThrow(/altnames/)
    await expect(fetchText({ servername: HOST })).rejects.toThrow(/verify|self.signed|issuer/)
  })

  it('is trusted by a Node program through NODE_EXTRA_CA_CERTS', async () => {
    const script = `fetch('https://localhost:${port}/').then((r) => r.text()).then(console.log)`
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority.caFile }
    const { stdout } = await run(process.execPath, ['-e', script], { env })
    expect(stdout.trim()).toBe(`hello localhost:${port}`)
  })

  clientTest('curl', 'trusts the CA file for every host', async () => {
    for (const host of [HOST, 'cdnfhnfile.115cdn.net', 'localhost']) {
      const to = ['--connect-to', `::127.0.0.1:${port}`, '--cacert', authority.caFile]
      const { stdout } = await run('curl', ['--silent', '--show-error', ...to, `https://${host}/`])
      expect(stdout).toBe(`hello ${host}`)
    }
  })

  clientTest(
    'openssl',
    'finds no fault in the certificates by the letter of the standard',
    async () => {
      const leaf = join(folder, 'leaf.pem')
      await writeFile(leaf, (await certificateOf(HOST)).toString())
      const checks = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', HOST]
      const { stdout } = await run('openssl', ['verify', ...checks, '-CAfile', authority.caFile, leaf])
      expect(stdout).toBe(`${leaf}: OK\n`)
    },
    { probe: () => canRun('openssl', ['version']) },
  )

  clientTest(
    'go',
    'trusts the CA file for every host',
    async () => {
      const program = join(folder, 'main.go')
      await writeFile(program, GO_PROGRAM)
      const env = { ...process.env, SSL_CERT_FILE: authority.caFile }
      const { stdout } = await run('go', ['run', program, `127.0.0.1:${port}`, HOST], { env })
      expect(stdout).toBe(`hello ${HOST}`)
    },
    // The first run compiles Go's standard library.
    { probe: () => canRun('go', ['version']), timeoutMs: 180_000 },
  )
})

async function certificateOf(host: string): Promise<X509Certificate> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerX509Certificate()
  socket.destroy()
  if (!certificate) throw new Error(`Cannot read certificate of "${host}": none was sent`)
  return certificate
}

/** GET over TLS to the test's server; `host` is the name that the certificate is checked for. */
async function fetchText(options: { ca?: Buffer; servername: string; host?: string }): Promise<string> {
  const { ca, servername, host = servername } = options
  const request = get({
    ...(ca ? { ca } : {}),
    host: '127.0.0.1',
    port,
    servername,
    headers: { host },
    agent: false,
    checkServerIdentity: (_, sent) => checkServerIdentity(host, sent),
  })
  const [response] = await once(request, 'response')
  return text(response)
}

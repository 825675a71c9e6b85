import { createPrivateKey, createPublicKey, generateKeyPair, X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { promisify } from 'node:util'
import { type Clock, systemClock } from '../src/lib/clock.ts'
import { type Issuer, writeCertificate } from './x509.ts'

/** A certificate authority of the sandbox's own, which answers for every host it emulates. */
export interface Authority {
  /** PEM file that clients are told to trust: `curl --cacert`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`. */
  readonly caFile: string
  /** The context to answer `host` (a name or an address) with, for `SNICallback`; made once per host. */
  contextFor(host: string): Promise<SecureContext>
}

const DAY_MS = 24 * 60 * 60 * 1000
const AUTHORITY_DAYS = 3650
// Clients on Apple systems refuse servers' certificates that live longer than 398 days.
const LEAF_DAYS = 365
const AUTHORITY_NAME = 'panport sandbox CA'

/**
 * The authority kept in `folder` (made when missing): an existing one is used again, so that a CA once trusted
 * stays good across restarts, unless it has run out. The key is readable by its owner only.
 */
export async function createAuthority(folder: string, clock: Clock = systemClock): Promise<Authority> {
  await mkdir(folder, { recursive: true })
  const caFile = join(folder, 'ca.pem')
  const keyFile = join(folder, 'ca-key.pem')
  const issuer = (await readIssuer(caFile, keyFile, clock)) ?? (await makeIssuer(caFile, keyFile, clock))
  const contexts = new Map<string, Promise<SecureContext>>()
  return {
    caFile,
    contextFor(host) {
      const name = host.toLowerCase()
      const known = contexts.get(name)
      if (known) return known
      const context = makeContext(issuer, name, clock)
      contexts.set(name, context)
      return context
    },
  }
}

async function readIssuer(caFile: string, keyFile: string, clock: Clock): Promise<Issuer | null> {
  const [caPem, keyPem] = await Promise.all([readIfPresent(caFile), readIfPresent(keyFile)])
  if (caPem === null || keyPem === null) return null
  const certificate = new X509Certificate(caPem)
  const privateKey = createPrivateKey(keyPem)
  // A leaf must not outlive its authority.
  const isFresh = Date.parse(certificate.validTo) > clock.now() + LEAF_DAYS * DAY_MS
  if (!isFresh || !certificate.checkPrivateKey(privateKey)) return null
  return { name: AUTHORITY_NAME, privateKey, publicKey: certificate.publicKey }
}

async function makeIssuer(caFile: string, keyFile: string, clock: Clock): Promise<Issuer> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const issuer = { name: AUTHORITY_NAME, privateKey, publicKey }
  const fields = { subject: AUTHORITY_NAME, publicKey, hosts: null, ...validity(clock, AUTHORITY_DAYS) }
  const keyPem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  await writeFile(keyFile, keyPem, { mode: 0o600 })
  await writeFile(caFile, writeCertificate(issuer, fields))
  return issuer
}

async function makeContext(issuer: Issuer, host: string, clock: Clock): Promise<SecureContext> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const cert = writeCertificate(issuer, {
    subject: 'panport sandbox',
    publicKey: createPublicKey(privateKey),
    // Who asks by address sends no server name and meets the default context, which is localhost's.
    hosts: host === 'localhost' ? ['localhost', '127.0.0.1', '::1'] : [host],
    ...validity(clock, LEAF_DAYS),
  })
  return createSecureContext({ cert, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) })
}

/** From yesterday, for clients whose clock is a little behind. */
function validity(clock: Clock, days: number): { notBefore: Date; notAfter: Date } {
  const now = clock.now()
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) }
}

async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

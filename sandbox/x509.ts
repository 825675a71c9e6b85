import { Buffer } from 'node:buffer'
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

// X.509 v3 certificates (RFC 5280) in DER. Node reads certificates but cannot write them, and what the sandbox
// needs is small: P-256 keys, one signature algorithm, two profiles. A DER value is tag, length, content.

/** A certificate authority: who signs. */
export interface Issuer {
  readonly name: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** What a certificate says besides its issuer. */
export interface CertificateFields {
  readonly subject: string
  readonly publicKey: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  /** DNS names and IP addresses of a server; null makes it an authority's own certificate. */
  readonly hosts: readonly string[] | null
}

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

// Object identifiers in their encoded form, so that no encoder for them is needed.
const OID = {
  commonName: '550403',
  ecdsaWithSha256: '2a8648ce3d040302',
  subjectKeyIdentifier: '551d0e',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  authorityKeyIdentifier: '551d23',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
} as const

/** A PEM certificate of `fields`, signed by `issuer` (ECDSA with SHA-256; the issuer's key is P-256). */
export function writeCertificate(issuer: Issuer, fields: CertificateFields): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(randomSerial()),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    distinguishedName(fields.subject),
    fields.publicKey.export({ format: 'der', type: 'spki' }),
    explicit(3, sequence(...extensions(issuer, fields))),
  )
  const signature = sign('sha256', toBeSigned, issuer.privateKey)
  return toPem(sequence(toBeSigned, algorithm, bitString(signature, 0)))
}

function extensions(issuer: Issuer, { hosts, publicKey }: CertificateFields): Buffer[] {
  const subjectKey = octetString(keyIdentifier(publicKey))
  if (hosts === null) {
    return [
      extension(OID.basicConstraints, true, sequence(value(TAG.boolean, Buffer.from([0xff])))),
      // keyCertSign and cRLSign are bits 5 and 6; the last bit of the byte is unused.
      extension(OID.keyUsage, true, bitString(Buffer.from([0b0000_0110]), 1)),
      extension(OID.subjectKeyIdentifier, false, subjectKey),
    ]
  }
  return [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, bitString(Buffer.from([0b1000_0000]), 7)), // digitalSignature
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
    extension(OID.subjectKeyIdentifier, false, subjectKey),
    extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
    extension(OID.subjectAltName, false, sequence(...hosts.map(alternativeName))),
  ]
}

function extension(id: string, isCritical: boolean, content: Buffer): Buffer {
  // DER leaves out a value that equals its default, so "critical" is written only when true.
  const critical = isCritical ? [value(TAG.boolean, Buffer.from([0xff]))] : []
  return sequence(oid(id), ...critical, octetString(content))
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? implicit(2, Buffer.from(host, 'ascii')) : implicit(7, addressBytes(host))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groupsOf = (text: string | undefined) => (text ? text.split(':') : [])
  const before = groupsOf(head)
  const after = groupsOf(tail)
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const groups = [...before, ...zeros, ...after]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function distinguishedName(name: string): Buffer {
  const commonName = sequence(oid(OID.commonName), value(TAG.utf8String, Buffer.from(name, 'utf8')))
  return sequence(value(TAG.set, commonName))
}

/** RFC 5280, 4.1.2.5: dates through 2049 MUST be UTCTime, later ones MUST be GeneralizedTime. */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`
  if (date.getUTCFullYear() < 2050) return value(TAG.utcTime, Buffer.from(digits.slice(2), 'ascii'))
  return value(TAG.generalizedTime, Buffer.from(digits, 'ascii'))
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest()
}

/** RFC 5280, 4.1.2.2: positive, at most 20 octets. */
function randomSerial(): Buffer {
  const serial = randomBytes(16)
  serial[0] = (serial.readUInt8(0) & 0x7f) | 0x40
  return serial
}

function value(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthBytes(content.length), content])
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = Buffer.alloc(length < 0x100 ? 1 : 2)
  bytes.writeUIntBE(length, 0, bytes.length)
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

function sequence(...parts: Buffer[]): Buffer {
  return value(TAG.sequence, Buffer.concat(parts))
}

function oid(encodedHex: string): Buffer {
  return value(TAG.oid, Buffer.from(encodedHex, 'hex'))
}

function integer(bytes: Buffer): Buffer {
  return value(TAG.integer, bytes)
}

function octetString(bytes: Buffer): Buffer {
  return value(TAG.octetString, bytes)
}

function bitString(bytes: Buffer, unusedBits: number): Buffer {
  return value(TAG.bitString, Buffer.concat([Buffer.from([unusedBits]), bytes]))
}

function explicit(number: number, content: Buffer): Buffer {
  return value(0xa0 | number, content)
}

function implicit(number: number, content: Buffer): Buffer {
  return value(0x80 | number, content)
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

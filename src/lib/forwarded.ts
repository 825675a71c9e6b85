import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** What a request looked like before the proxies in front of us. */
export interface Outside {
  /** The client's own address. */
  readonly clientIp: string
  /** Scheme and authority as the client wrote them, without a slash at the end. */
  readonly origin: string
  /** The path that proxies took off in front of ours: empty, or with a leading and no trailing `/`. */
  readonly prefix: string
}

export interface Arrived {
  readonly remoteAddress: string
  readonly isEncrypted: boolean
  readonly headers: IncomingHttpHeaders
}

/** Networks as `10.0.0.0/8, ::1/128, 192.168.1.7`. What is no network is left out: fewer are trusted, not more. */
export function parseNetworks(text: string): BlockList {
  const networks = new BlockList()
  for (const part of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const [address = '', bits] = part.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const most = family === 'ipv6' ? 128 : 32
    const prefix = bits === undefined ? most : Number(bits)
    if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) continue
    networks.addSubnet(address, prefix, family)
  }
  return networks
}

/**
 * Believes forwarding headers only from trusted networks, and of a chain of addresses takes the last one that
 * no trusted proxy vouches for: what stands before it anybody may have written.
 */
export function lookOutside(arrived: Arrived, trusted: BlockList): Outside {
  const { headers, isEncrypted } = arrived
  const remote = plainAddress(arrived.remoteAddress)
  const scheme = isEncrypted ? 'https' : 'http'
  const host = validHost(headers.host) ?? 'localhost'
  if (!isTrusted(remote, trusted)) return { clientIp: remote, origin: `${scheme}://${host}`, prefix: '' }
  const forwardedScheme = first(headers['x-forwarded-proto'])
  return {
    clientIp: clientOf(chainOf(headers, remote), trusted),
    origin: `${forwardedScheme === 'https' ? 'https' : scheme}://${validHost(first(headers['x-forwarded-host'])) ?? host}`,
    prefix: validPrefix(first(headers['x-forwarded-prefix'])),
  }
}

function chainOf(headers: IncomingHttpHeaders, remote: string): readonly string[] {
  const listed = String(headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? '')
  return [...listed.split(',').map((each) => plainAddress(each.trim())), remote]
}

function clientOf(chain: readonly string[], trusted: BlockList): string {
  let client = chain.at(-1) ?? ''
  for (const address of chain.toReversed()) {
    if (isIP(address) === 0) break
    client = address
    if (!isTrusted(address, trusted)) break
  }
  return client
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const version = isIP(address)
  return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** IPv4 that came through an IPv6 socket is IPv4. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

function first(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim()
}

/** The host goes into links, so it must be nothing but a host. */
function validHost(host: string | undefined): string | null {
  return host !== undefined && /^(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i.test(host)
    ? host
    : null
}

function validPrefix(prefix: string | undefined): string {
  const trimmed = prefix?.replace(/\/+$/, '') ?? ''
  return /^(?:\/[\w.~-]+){1,10}$/.test(trimmed) ? trimmed : ''
}

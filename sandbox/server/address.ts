/** Where a request wants to go: to an emulated host, to the control calls, or to nothing the sandbox knows. */
export type Target =
  | {
      readonly kind: 'cloud'
      readonly host: string
      readonly path: string
      readonly query: string
      /** The host came as the first path segment, not in the Host header. */
      readonly byPath: boolean
    }
  | { readonly kind: 'control'; readonly path: string; readonly query: string }
  | { readonly kind: 'unknown'; readonly path: string }

const CONTROL_PREFIX = '/__sandbox'
const LOOPBACK_NAMES = ['localhost', '[::1]', '::1']

/** Reads `host:port`. Throws Error when the host is not a loopback address: the sandbox must not be reachable. */
export function parseListen(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  const host = listen.slice(0, colon)
  const port = Number(listen.slice(colon + 1))
  if (colon < 0 || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`Cannot listen on "${listen}": not an address of the form host:port`)
  }
  if (!isLoopback(host)) throw new Error(`Cannot listen on "${listen}": only loopback addresses are allowed`)
  return { host: host.replace(/^\[|\]$/g, ''), port }
}

/** Whether a host name without port can only mean this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(host) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

/** The name of a Host header, lower case, without port. */
export function hostName(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '')
}

/** Finds the target of a request from its Host header and request line. */
export function locate(hostHeader: string, url: string, isKnownHost: (host: string) => boolean): Target {
  const [path, query] = splitOnce(url, '?')
  const host = hostName(hostHeader)
  if (isKnownHost(host)) return { kind: 'cloud', host, path, query, byPath: false }
  if (path === CONTROL_PREFIX || path.startsWith(`${CONTROL_PREFIX}/`)) {
    return { kind: 'control', path: path.slice(CONTROL_PREFIX.length) || '/', query }
  }
  const [first, rest] = splitOnce(path.slice(1), '/')
  if (isKnownHost(first)) return { kind: 'cloud', host: first, path: `/${rest}`, query, byPath: true }
  return { kind: 'unknown', path }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

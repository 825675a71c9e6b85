/** The hosts of 115 that panport speaks to. */
export type Pan115Host =
  | 'webapi.115.com'
  | 'proapi.115.com'
  | 'aps.115.com'
  | 'my.115.com'
  | 'passportapi.115.com'
  | 'qrcodeapi.115.com'

/** Where a host is reached: scheme, authority and perhaps a path, without a trailing `/`. */
export type Addresses = (host: Pan115Host) => string

export const realAddresses: Addresses = (host) => `https://${host}`

/** A sandbox serves every host on one port; the first path segment says which. */
export function sandboxAddresses(baseUrl: string): Addresses {
  const base = baseUrl.replace(/\/+$/, '')
  return (host) => `${base}/${host}`
}

/** The address of `path` (with its leading `/`) on `host`; the query is form-encoded. */
export function addressOf(
  addresses: Addresses,
  host: Pan115Host,
  path: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(addresses(host) + path)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

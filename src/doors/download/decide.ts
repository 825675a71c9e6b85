import type { Link, LinkBinding } from '../../core/link.ts'

/** Who would follow a redirect. */
export interface Client {
  /** Verbatim; empty when it sends none. */
  readonly userAgent: string
  /** Null when it is not known. */
  readonly ip: string | null
}

export type Delivery = { readonly kind: 'redirect'; readonly url: string } | { readonly kind: 'stream' }

const stream: Delivery = { kind: 'stream' }

/**
 * Whether `client` can use `link` itself. Derived from what the link demands and is bound to, never from the
 * cloud it belongs to: a redirect tells a client where to go and nothing of what to send there, so the only
 * header it can count on is the User-Agent the client has anyway. `link` was asked for with this client's facts.
 */
export function decide(link: Link, client: Client): Delivery {
  if (link.kind !== 'url' || !/^https?:\/\//i.test(link.url)) return stream
  const sendsDemanded = Object.entries(link.headers).every(
    ([name, value]) => name === 'user-agent' && value !== '' && value === client.userAgent,
  )
  const isBoundToOthers = link.boundTo.some((binding) => !isKnown(binding, client))
  return sendsDemanded && !isBoundToOthers ? { kind: 'redirect', url: link.url } : stream
}

/** A client that does not say who it is cannot be who the link is bound to. */
function isKnown(binding: LinkBinding, { userAgent, ip }: Client): boolean {
  return binding === 'userAgent' ? userAgent !== '' : ip !== null
}

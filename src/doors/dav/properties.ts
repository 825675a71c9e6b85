import { etagOf, httpDate } from '../../lib/http-validators.ts'
import { mediaTypeOf } from '../../lib/mime.ts'
import type { Located } from '../../vfs/view.ts'
import { encodeName } from './href.ts'
import type { PropertyName, Wanted } from './request-body.ts'
import { escapeAttribute, escapeXml } from './xml.ts'

const dav = 'DAV:'
const owncloud = 'http://owncloud.org/ns'

/** The opening of every multistatus. Proxies replace text inside it, so the prefix `D` is part of the contract. */
export const multistatusStart = `<D:multistatus xmlns:D="${dav}" xmlns:oc="${owncloud}">`
export const multistatusEnd = '</D:multistatus>'

interface Property extends PropertyName {
  /** With the prefix that `multistatusStart` declares. */
  readonly tag: string
  /** The content as XML; null when this entry has no such property. */
  readonly contentOf: (item: Located, client: RenderFor) => string | null
}

/** Whom the answer is for. */
interface RenderFor {
  /** Windows' own client, which reads creation times in another format only. */
  readonly isWindows: boolean
}

const properties: readonly Property[] = [
  property('resourcetype', ({ entry }) => (entry.kind === 'directory' ? '<D:collection/>' : '')),
  property('displayname', ({ name }) => escapeXml(name === '' ? '/' : name)),
  property('getcontentlength', ({ entry }) =>
    entry.kind === 'file' && entry.size !== null ? String(entry.size) : null,
  ),
  property('getlastmodified', ({ entry }) => entry.modifiedAt && httpDate(entry.modifiedAt)),
  property(
    'creationdate',
    ({ entry: { createdAt } }, { isWindows }) =>
      createdAt && (isWindows ? httpDate(createdAt) : createdAt.toISOString()),
  ),
  property('getcontenttype', ({ entry }) => (entry.kind === 'file' ? mediaTypeOf(entry.name) : null)),
  property('getetag', ({ entry }) => {
    const etag = entry.kind === 'file' ? etagOf(entry) : null
    return etag && escapeXml(etag)
  }),
  // Empty while there are no locks: a client that reads an entry here would try one.
  property('supportedlock', () => ''),
  {
    namespace: owncloud,
    local: 'checksums',
    tag: 'oc:checksums',
    contentOf: ({ entry }) => (entry.kind === 'file' ? checksums(entry.hashes) : null),
  },
]

function property(local: string, contentOf: Property['contentOf']): Property {
  return { namespace: dav, local, tag: `D:${local}`, contentOf }
}

/** As ownCloud's clients read it, rclone among them: one element for each known hash. */
function checksums(hashes: Located['entry']['hashes']): string {
  return Object.entries(hashes)
    .map(([kind, hex]) => `<oc:checksum>${kind}:${hex}</oc:checksum>`)
    .join('')
}

/** One `response` element for `item`, whose href is `href`, encoded but not escaped. */
export type RenderResponse = (item: Located, href: string) => string

/** Prepares what is equal for all entries of one answer, so that each entry costs little. */
export function responseRenderer(wanted: Wanted, client: RenderFor): RenderResponse {
  const render =
    wanted.kind === 'prop' ? namedRenderer(wanted.names, client) : allRenderer(wanted.kind, client)
  return (item, href) => `<D:response><D:href>${escapeXml(href)}</D:href>${render(item)}</D:response>\n`
}

/** The href of `item` in the directory whose href is `parentHref`, which ends with `/`. */
export function childHref(parentHref: string, { entry }: Located): string {
  return `${parentHref}${encodeName(entry.name)}${entry.kind === 'directory' ? '/' : ''}`
}

function allRenderer(kind: 'allprop' | 'propname', client: RenderFor): (item: Located) => string {
  return (item) => {
    let found = ''
    for (const { tag, contentOf } of properties) {
      const content = contentOf(item, client)
      if (content !== null) found += kind === 'allprop' ? element(tag, content) : `<${tag}/>`
    }
    return propstat(found, ok)
  }
}

function namedRenderer(names: readonly PropertyName[], client: RenderFor): (item: Located) => string {
  const wanted = names.map((name) => ({ name, known: properties.find((each) => isSame(each, name)) }))
  const known = wanted.flatMap((each) => each.known ?? [])
  const unknown = wanted
    .filter((each) => !each.known)
    .map(({ name }) => `<${name.local} xmlns="${escapeAttribute(name.namespace)}"/>`)
    .join('')
  return (item) => {
    let found = ''
    let missing = unknown
    for (const { tag, contentOf } of known) {
      const content = contentOf(item, client)
      if (content === null) missing += `<${tag}/>`
      else found += element(tag, content)
    }
    if (missing === '') return propstat(found, ok)
    return (found === '' ? '' : propstat(found, ok)) + propstat(missing, notFound)
  }
}

const ok = 'HTTP/1.1 200 OK'
const notFound = 'HTTP/1.1 404 Not Found'

function propstat(props: string, status: string): string {
  return `<D:propstat><D:prop>${props}</D:prop><D:status>${status}</D:status></D:propstat>`
}

function element(tag: string, content: string): string {
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${tag}>`
}

function isSame(one: PropertyName, other: PropertyName): boolean {
  return one.local === other.local && one.namespace === other.namespace
}

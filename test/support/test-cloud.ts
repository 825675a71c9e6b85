import { Readable } from 'node:stream'
import type { CheckReport, Driver, Page } from '../../src/core/driver.ts'
import type { DriverDefinition } from '../../src/core/driver-definition.ts'
import { type Entry, entryId } from '../../src/core/entry.ts'
import { StorageError } from '../../src/core/errors.ts'
import type { Link, LinkRequest } from '../../src/core/link.ts'
import type { OptionSchema } from '../../src/core/options.ts'
import type { Secret } from '../../src/core/secret.ts'

/** A folder of the tests' cloud: numbers are files of that size. */
export interface Tree {
  readonly [name: string]: Tree | number
}

/** What the drivers of one test do; change it while the test runs. */
export class TestCloud {
  tree: Tree = {}
  /** Thrown by every listing when set. */
  failure: StorageError | null = null
  /** Thrown by every link when set. */
  linkFailure: StorageError | null = null
  link: ((file: Entry, want: LinkRequest) => Link) | null = null
  missing = 0
  /** What the definition says; the driver itself only reads. */
  takesUploads = false
  report: CheckReport = { checks: [], notices: [] }
  lists = 0
  readonly linked: LinkRequest[] = []
  /** Cookies that drivers were made with and used. */
  readonly cookies: string[] = []
}

const modifiedAt = new Date('2026-03-01T08:09:10.000Z')
const sha1 = '0123456789abcdef0123456789abcdef01234567'

const cloudOptions = [
  { name: 'cookie', type: 'text', default: '', secret: true, help: { zh: '小饼干', en: 'the cookie' } },
  { name: 'qrcode_token', type: 'string', default: '', secret: true, help: { zh: '令牌', en: 'the token' } },
  {
    name: 'qrcode_source',
    type: 'select',
    default: 'alipaymini',
    choices: ['web', 'alipaymini'],
    help: { zh: '设备', en: 'the device' },
  },
  {
    name: 'limit_rate',
    type: 'number',
    default: 1.5,
    min: 0,
    max: 100,
    help: { zh: '速率', en: 'the rate' },
  },
  {
    name: 'root_folder_id',
    type: 'string',
    default: '0',
    required: true,
    help: { zh: '根', en: 'the root' },
  },
] as const satisfies OptionSchema

/** Named as the real one, because clients know it by that name. */
export function cloudDriver(cloud: TestCloud): DriverDefinition<typeof cloudOptions> {
  return {
    name: '115 Cloud',
    options: cloudOptions,
    rootOption: 'root_folder_id',
    mustProxy: false,
    get takesUploads() {
      return cloud.takesUploads
    },
    create: (values) => {
      if (values.cookie.isEmpty && values.qrcode_token.isEmpty) {
        throw new StorageError('InvalidInput', 'One of options "cookie" and "qrcode_token" is needed')
      }
      return createDriver(cloud, values.cookie, 'url')
    },
  }
}

const localOptions = [
  {
    name: 'root_folder_path',
    type: 'string',
    default: '/',
    required: true,
    help: { zh: '路径', en: 'path' },
  },
] as const satisfies OptionSchema

export function localDriver(cloud: TestCloud): DriverDefinition<typeof localOptions> {
  return {
    name: 'Local',
    options: localOptions,
    rootOption: 'root_folder_path',
    mustProxy: true,
    listsAnew: true,
    create: () => createDriver(cloud, null, 'stream'),
  }
}

function createDriver(cloud: TestCloud, cookie: Secret | null, kind: Link['kind']): Driver {
  return {
    traits: {
      caseSensitive: true,
      duplicateNames: false,
      maxNameBytes: null,
      removeGoesToTrash: false,
      linksBoundTo: ['userAgent'],
      hashes: ['sha1'],
      pageSize: 3,
      worthRemembering: kind === 'url',
    },
    async root() {
      if (cookie?.reveal() === 'bad') throw expired()
      cloud.cookies.push(cookie?.reveal() ?? '')
      return entryOf('', '/', {})
    },
    async *list(directory) {
      cloud.lists += 1
      if (cloud.failure) throw cloud.failure
      yield* pagesOf(cloud, directory)
    },
    async link(file, want) {
      cloud.linked.push(want)
      if (cloud.linkFailure) throw cloud.linkFailure
      if (cloud.link) return cloud.link(file, want)
      return kind === 'url' ? boundLink(file, want) : { kind, open: async () => Readable.from([]) }
    },
    check: async () => cloud.report,
    dispose: async () => {},
  }
}

function expired(): StorageError {
  const upstream = { code: '990001', message: '登录超时，请重新登录。' }
  return new StorageError('AuthExpired', 'Cannot open drive: the login is not accepted', {
    upstream,
    advice: 'log-in-again',
  })
}

/** As 115 gives them: good for one User-Agent alone. */
function boundLink(file: Entry, { userAgent }: LinkRequest): Link {
  return {
    kind: 'url',
    url: `https://cdn.test/${file.name}?ua=${encodeURIComponent(userAgent)}`,
    headers: { 'user-agent': userAgent },
    expiresAt: null,
    maxConnections: 2,
    boundTo: ['userAgent'],
  }
}

function* pagesOf(cloud: TestCloud, directory: Entry): Generator<Page> {
  const names = directory.id.split('/').filter((name) => name !== '')
  let here: Tree | number | undefined = cloud.tree
  for (const name of names) here = typeof here === 'object' ? here[name] : undefined
  if (typeof here !== 'object')
    throw new StorageError('NotFound', `Cannot list "${directory.name}": it is gone`)
  const entries = Object.entries(here).map(([name, child]) => entryOf(name, directory.id, child))
  for (let start = 0; start === 0 || start < entries.length; start += 3) {
    const isLast = start + 3 >= entries.length
    yield { entries: entries.slice(start, start + 3), missing: isLast ? cloud.missing : 0 }
  }
}

function entryOf(name: string, parentId: string, child: Tree | number): Entry {
  const isFile = typeof child === 'number'
  return {
    id: entryId(`${parentId === '/' ? '' : parentId}/${name}`),
    parentId: entryId(parentId),
    name,
    kind: isFile ? 'file' : 'directory',
    size: isFile ? child : null,
    modifiedAt,
    createdAt: null,
    hashes: isFile ? { sha1 } : {},
  }
}

import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SaxesParser } from 'saxes'
import { AuthError } from '../../src/auth/auth-error.ts'
import type { User } from '../../src/auth/user.ts'
import { silentLogger } from '../../src/core/ctx.ts'
import type { Driver } from '../../src/core/driver.ts'
import { type Entry, entryId } from '../../src/core/entry.ts'
import type { EntryStore } from '../../src/core/entry-store.ts'
import { VPath } from '../../src/core/path.ts'
import { Mounts } from '../../src/vfs/mounts.ts'
import type { Reader } from '../../src/vfs/reader.ts'
import { Storage } from '../../src/vfs/storage.ts'
import { newStorage, type StorageRecord } from '../../src/vfs/storage-record.ts'
import { View } from '../../src/vfs/view.ts'
import { createDav } from '../../src/doors/dav/dav.ts'
import type { ServeFile } from '../../src/doors/dav/request.ts'

const modifiedAt = new Date('2026-03-01T08:09:10.500Z')
const createdAt = new Date('2026-02-01T00:00:00.000Z')

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A gateway with one storage at `/drive` and its WebDAV door, on a port of its own. */
export class TestServer {
  /** The children of each directory, by the directory's name; `''` is the storage's root. */
  readonly tree = new Map<string, Entry[]>()
  /** Entries per page; the pages of a listing are made one by one, as they are asked for. */
  pageLength = 100
  /** Thrown in place of the page with this number. */
  failure: { readonly page: number; readonly error: Error } | null = null
  pagesGiven = 0
  user: User = { ...admin }
  prefix = ''
  /** Serves the files; the real one belongs to another door. */
  serveFile: ServeFile = async ({ res, file, mode }) => {
    res.end(`${mode} ${file.fullPath}`)
  }
  readonly attempts: object[] = []
  readonly #server: Server

  constructor() {
    this.#server = createServer((req, res) => {
      this.#dav()(req, res).catch(() => res.destroy())
    })
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** As the admin unless `headers` say otherwise. Rejects when the connection ends before the answer does. */
  ask(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      const asked = request({
        port: this.port,
        path,
        method,
        agent: false,
        headers: { authorization: basic('admin', 'right'), ...(body !== '' && length), ...headers },
      })
      asked.once('error', reject)
      asked.once('response', (res) => {
        buffer(res).then(
          (bytes) => resolve({ status: res.statusCode ?? 0, headers: res.headers, text: bytes.toString() }),
          reject,
        )
      })
      asked.end(body)
    })
  }

  propfind(path: string, depth: string, body = ''): Promise<Reply> {
    return this.ask('PROPFIND', path, { depth }, body)
  }

  #dav() {
    const storage = new Storage({
      record: defaultRecord,
      mountPath: VPath.parse('/drive'),
      driver: this.#driver(),
      // The view asks the driver only.
      store: {} as EntryStore,
      mustProxy: false,
    })
    return createDav({
      viewFor: (subject) => new View({ subject, mounts: () => new Mounts([storage]), reader: noReader }),
      authenticator: {
        byPassword: async (given) => {
          this.attempts.push(given)
          if (given.password === 'locked') throw new AuthError('locked', 'Too many', { retryAfterMs: 1500 })
          if (given.password !== 'right') throw new AuthError('wrong-credentials', 'Wrong')
          if (this.user.disabled) throw new AuthError('disabled', 'Account is disabled')
          return this.user
        },
        byStaticToken: async (token) => {
          if (token !== 'token') throw new AuthError('invalid', 'Not the static token')
          return this.user
        },
      },
      serveFile: (asked, ctx) => this.serveFile(asked, ctx),
      clientIp: () => '192.0.2.7',
      sitePrefix: () => this.prefix,
      log: silentLogger,
    })
  }

  #driver(): Driver {
    const root = directory('')
    return {
      traits: {
        caseSensitive: true,
        duplicateNames: false,
        maxNameBytes: null,
        removeGoesToTrash: false,
        linksBoundTo: [],
        hashes: ['sha1'],
        pageSize: 100,
        worthRemembering: false,
      },
      root: async () => root,
      list: (dir) => this.#pages(this.tree.get(dir.name) ?? []),
      find: async (dir, name) => this.tree.get(dir.name)?.find((child) => child.name === name) ?? null,
      link: async () => {
        throw new Error('no links here')
      },
      dispose: async () => {},
    }
  }

  async *#pages(children: readonly Entry[]) {
    for (let page = 0; page === 0 || page * this.pageLength < children.length; page++) {
      if (this.failure?.page === page) throw this.failure.error
      const entries = children.slice(page * this.pageLength, (page + 1) * this.pageLength)
      this.pagesGiven += 1
      yield { entries, missing: 0 }
    }
  }
}

const noReader: Reader = {
  open: async () => {
    throw new Error('no reads here')
  },
}

export function file(name: string, facts: Partial<Entry> = {}): Entry {
  return { ...directory(name), kind: 'file', size: 5, ...facts }
}

export function directory(name: string, facts: Partial<Entry> = {}): Entry {
  const id = entryId(name)
  return {
    id,
    parentId: null,
    name,
    kind: 'directory',
    size: null,
    modifiedAt,
    createdAt,
    hashes: {},
    ...facts,
  }
}

export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}

const admin: User = {
  id: 1,
  name: 'admin',
  role: 'admin',
  basePath: VPath.root,
  permission: 0xffff,
  disabled: false,
  passwordChangedAt: modifiedAt,
  allowsLdap: false,
  ssoId: '',
}

const defaultRecord: StorageRecord = {
  ...newStorage({ mountPath: '/drive', driver: 'Test', davMode: 'proxy' }),
  id: 1,
  modifiedAt,
}

/** A `response` element: properties by `{namespace}name`, in the propstat of each status. */
export interface ParsedResponse {
  href: string
  readonly found: Record<string, string>
  readonly missing: string[]
}

/** Reads a multistatus back as a client does. Throws when it is not well-formed. */
export function parseMultistatus(text: string): ParsedResponse[] {
  const responses: ParsedResponse[] = []
  const open: string[] = []
  let props: Record<string, string> = {}
  let content = ''
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ uri, local }) => {
    open.push(`{${uri}}${local}`)
    content = ''
    if (local === 'response') responses.push({ href: '', found: {}, missing: [] })
    if (local === 'propstat') props = {}
    // What stands inside a property is shown as its name.
    const isInside = open.at(-3) === '{DAV:}prop'
    if (isInside) props[open.at(-2) ?? ''] = `<${local}>`
    else if (open.at(-2) === '{DAV:}prop') props[open.at(-1) ?? ''] = ''
  })
  parser.on('text', (part) => {
    content += part
  })
  parser.on('closetag', ({ local }) => {
    const [name = '', parent = '', above] = [open.at(-1), open.at(-2), open.at(-3)]
    const last = responses.at(-1)
    if (local === 'href' && last) last.href = content
    if (parent === '{DAV:}prop' && !props[name]) props[name] = content
    if (above === '{DAV:}prop') props[parent] += content
    if (local === 'status' && last) {
      if (content.includes('200')) Object.assign(last.found, props)
      else last.missing.push(...Object.keys(props))
    }
    content = ''
    open.pop()
  })
  parser.write(text).close()
  return responses
}

import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { silentLogger } from '../../src/core/ctx.ts'
import type { Driver } from '../../src/core/driver.ts'
import { type Entry, entryId } from '../../src/core/entry.ts'
import type { ByteRange, Link, LinkRequest } from '../../src/core/link.ts'
import type { OpenUrl } from '../../src/core/open-url.ts'
import { VPath } from '../../src/core/path.ts'
import type { EntryStore } from '../../src/core/entry-store.ts'
import { ManualClock } from '../../src/lib/clock.ts'
import { Mounts } from '../../src/vfs/mounts.ts'
import { createReader } from '../../src/vfs/reader.ts'
import { Storage } from '../../src/vfs/storage.ts'
import { newStorage, type StorageRecord } from '../../src/vfs/storage-record.ts'
import { View } from '../../src/vfs/view.ts'
import { createDownloads } from '../../src/doors/download/downloads.ts'
import { createServeFile } from '../../src/doors/download/serve-file.ts'

/** A file of the tests: what the listing says of it and what a link to it is. */
export interface TestFile {
  readonly name: string
  readonly size: number | null
  readonly sha1?: string
  readonly modifiedAt?: Date | null
  /** By default a link bound to the user agent it was asked for with. */
  readonly link?: (want: LinkRequest) => Link
  /** Given in place of the content, e.g. to break off. */
  readonly body?: (range: ByteRange | null) => Readable
  /** Holds the cloud's answer back. */
  readonly opening?: (signal: AbortSignal) => Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The byte at `offset` of every test file. */
function byteAt(offset: number): number {
  return (offset * 31 + (offset >> 8)) & 0xff
}

export function contentOf(start: number, end: number): Buffer {
  return Buffer.from(Array.from({ length: end - start + 1 }, (_, i) => byteAt(start + i)))
}

export const modifiedAt = new Date('2026-03-01T08:09:10.500Z')

/** A gateway with one storage at `/drive` and its download door, on a port of its own. */
export class TestServer {
  readonly files: TestFile[] = []
  record: Partial<StorageRecord> = {}
  mustProxy = false
  signAll = false
  prefix = ''
  /** User agents that links were asked for with. */
  readonly linked: string[] = []
  /** Header sets that the cloud was read with. */
  readonly opened: Record<string, string>[] = []
  /** Bytes taken from the cloud's bodies. */
  pulledBytes = 0
  /** Resolves when the next body of the cloud is closed. */
  readonly bodyClosed: Promise<void>
  #bodyClose = () => {}
  readonly #server: Server

  constructor() {
    this.bodyClosed = new Promise((resolve) => {
      this.#bodyClose = resolve
    })
    this.#server = createServer((req, res) => {
      const downloads = this.#downloads()
      downloads(req, res).then(
        (isMine) => {
          if (!isMine) res.writeHead(418).end()
        },
        () => res.destroy(),
      )
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

  /** Rejects when the connection ends before the answer does. */
  ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const asked = request({ port: this.port, path, method, headers, agent: false })
      asked.once('error', reject)
      asked.once('response', (res) => {
        buffer(res).then(
          (body) => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }),
          reject,
        )
      })
      asked.end()
    })
  }

  #downloads() {
    const clock = new ManualClock(42)
    const storage = new Storage({
      record: { ...defaultRecord, ...this.record },
      mountPath: VPath.parse('/drive'),
      driver: this.#driver(),
      // The view asks the driver only.
      store: {} as EntryStore,
      mustProxy: this.mustProxy,
    })
    const mounts = () => new Mounts([storage])
    const reader = createReader({ openUrl: this.#openUrl, userAgent: 'panport/1' })
    return createDownloads({
      mounts,
      viewFor: (subject) => new View({ subject, mounts, reader }),
      signer: { verify: (path, sign) => (sign === `good:${path.name}` ? null : 'sign-invalid') },
      settings: {
        get: (key: string) =>
          (key === 'sign_all' ? this.signAll : key === 'text_types' ? 'txt' : 'm3u8') as never,
      },
      serveFile: createServeFile({
        signer: { sign: (path, nowMs) => `mac-of-${path.segments.length}=:${nowMs}` },
        clock,
      }),
      clientIp: () => '192.0.2.7',
      sitePrefix: () => this.prefix,
      log: silentLogger,
    })
  }

  #driver(): Driver {
    const root = entryOf({ name: '', size: null }, 'directory')
    return {
      traits: {
        caseSensitive: true,
        duplicateNames: false,
        maxNameBytes: null,
        removeGoesToTrash: false,
        linksBoundTo: ['userAgent'],
        hashes: ['sha1'],
        pageSize: 100,
        worthRemembering: true,
      },
      root: async () => root,
      list: async function* (this: void) {
        yield { entries: [], missing: 0 }
      },
      find: async (_directory, name) => {
        const file = this.files.find((candidate) => candidate.name === name)
        if (file) return entryOf(file, 'file')
        return name === 'folder' ? entryOf({ name, size: null }, 'directory') : null
      },
      link: async (entry, want) => {
        this.linked.push(want.userAgent)
        const file = this.files.find(({ name }) => name === entry.name)
        return file?.link?.(want) ?? boundLink(entry.name, want)
      },
      dispose: async () => {},
    }
  }

  readonly #openUrl: OpenUrl = async ({ url, headers, range }, ctx) => {
    this.opened.push({ ...headers })
    const file = this.files.find(({ name }) => url.endsWith(`/${name}`))
    await file?.opening?.(ctx.signal)
    const body = file?.body?.(range) ?? this.#content(range ?? { start: 0, end: (file?.size ?? 0) - 1 })
    body.once('close', this.#bodyClose)
    return { status: range ? 206 : 200, length: null, totalSize: null, body }
  }

  #content({ start, end }: ByteRange): Readable {
    let at = start
    const onPull = (bytes: number) => {
      this.pulledBytes += bytes
    }
    return new Readable({
      highWaterMark: chunkBytes,
      read() {
        if (at > end) {
          this.push(null)
          return
        }
        const chunk = contentOf(at, Math.min(end, at + chunkBytes - 1))
        at += chunk.length
        onPull(chunk.length)
        this.push(chunk)
      },
    })
  }
}

const chunkBytes = 64 * 1024

const defaultRecord: StorageRecord = {
  ...newStorage({ mountPath: '/drive', driver: 'Test' }),
  id: 1,
  modifiedAt,
}

function entryOf(file: TestFile, kind: Entry['kind']): Entry {
  return {
    id: entryId(file.name),
    parentId: null,
    name: file.name,
    kind,
    size: file.size,
    modifiedAt: file.modifiedAt === undefined ? modifiedAt : file.modifiedAt,
    createdAt: null,
    hashes: file.sha1 ? { sha1: file.sha1 } : {},
  }
}

/** As 115's: good for one user agent and, with `cookie`, for one cookie. */
export function boundLink(name: string, want: LinkRequest, cookie?: string): Link {
  return {
    kind: 'url',
    url: `https://cdn.example/secret/${name}`,
    headers: { 'user-agent': want.userAgent, ...(cookie !== undefined && { cookie }) },
    expiresAt: null,
    maxConnections: 2,
    boundTo: ['userAgent'],
  }
}

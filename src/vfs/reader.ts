import type { Readable } from 'node:stream'
import type { Ctx } from '../core/ctx.ts'
import type { Entry } from '../core/entry.ts'
import { isStorageError, StorageError, toStorageError } from '../core/errors.ts'
import type { ByteRange, Link, UrlLink } from '../core/link.ts'
import type { OpenUrl } from '../core/open-url.ts'
import { Semaphore } from '../lib/semaphore.ts'
import type { Storage } from './storage.ts'

export interface OpenedFile {
  /** A byte stream of exactly the asked range. Destroying it stops the cloud's sending. */
  readonly body: Readable
}

/** Reads files through this process, keeping to each link's own rules. */
export interface Reader {
  open(storage: Storage, file: Entry, range: ByteRange | null, ctx: Ctx): Promise<OpenedFile>
}

interface ReaderParts {
  readonly openUrl: OpenUrl
  /** What this process calls itself towards clouds; one link then serves all its readers. */
  readonly userAgent: string
}

/**
 * A reader that never has more connections open on a link than the link allows: further readers wait their
 * turn. A link that is refused is asked for once more, then the refusal is the answer.
 */
export function createReader({ openUrl, userAgent }: ReaderParts): Reader {
  const want = { userAgent, clientIp: null }
  const lanes = new Map<string, { permits: Semaphore; users: number }>()

  /** Waits for a connection on `link`; the returned function gives it back, also when called twice. */
  async function enter(link: UrlLink, ctx: Ctx): Promise<() => void> {
    if (link.maxConnections === null) return () => {}
    const lane = lanes.get(link.url) ?? { permits: new Semaphore(link.maxConnections), users: 0 }
    lanes.set(link.url, lane)
    lane.users += 1
    let release = () => {}
    let isIn = true
    const leave = () => {
      if (!isIn) return
      isIn = false
      release()
      lane.users -= 1
      if (lane.users === 0) lanes.delete(link.url)
    }
    try {
      release = await lane.permits.acquire(ctx.signal)
      return leave
    } catch (error) {
      leave()
      throw toStorageError(error, ctx.signal)
    }
  }

  async function openLink(link: Link, range: ByteRange | null, ctx: Ctx): Promise<Readable> {
    if (link.kind === 'stream') return link.open(range, ctx)
    const leave = await enter(link, ctx)
    try {
      const { body } = await openUrl({ url: link.url, headers: link.headers, range }, ctx)
      body.once('close', leave)
      return body
    } catch (error) {
      leave()
      throw error
    }
  }

  return {
    async open(storage, file, range, ctx) {
      if (file.size !== null && range && range.start >= file.size) {
        throw new StorageError(
          'RangeNotSatisfiable',
          `Cannot read "${file.name}" from ${range.start}: it has ${file.size} bytes`,
        )
      }
      const link = await storage.link(file, want, ctx)
      try {
        return { body: await openLink(link, range, ctx) }
      } catch (error) {
        if (link.kind !== 'url' || !isStorageError(error, 'PermissionDenied')) throw error
        const renewed = await storage.link(file, { ...want, refused: link.url }, ctx)
        return { body: await openLink(renewed, range, ctx) }
      }
    },
  }
}

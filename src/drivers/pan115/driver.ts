import type { Ctx } from '../../core/ctx.ts'
import type { CheckReport, Driver, Page, Traits, Usage } from '../../core/driver.ts'
import type { DriverEnv } from '../../core/driver-definition.ts'
import { toSegment } from '../../core/entry.ts'
import type { Entry } from '../../core/entry.ts'
import { StorageError, toStorageError } from '../../core/errors.ts'
import type { Link, LinkRequest } from '../../core/link.ts'
import { accountSpace } from '../../upstream/pan115/account.ts'
import type { Pan115Env } from '../../upstream/pan115/env.ts'
import { findDirectoryId, listPage, oldestFirst } from '../../upstream/pan115/files.ts'
import type { ListPage } from '../../upstream/pan115/files.ts'
import { checkLogin } from './check.ts'
import { makeLink } from './link.ts'
import { listChildren } from './list.ts'
import { isSpeltAlike, toBareDirectory } from './map.ts'
import { assertListed } from './place.ts'
import { Session } from './session.ts'
import type { Login, SessionOptions } from './session.ts'

export interface Pan115DriverOptions extends SessionOptions {
  /** `0` is the root of the drive. */
  readonly rootId: string
  readonly pageSize: number
}

/** A root folder as it was last seen. */
interface Root {
  readonly entry: Entry
  /** How a path from the drive's root leads to it; null when 115 did not say. */
  readonly names: readonly string[] | null
}

/** A 115 drive, or a folder of it, seen through one login. */
export class Pan115Driver implements Driver {
  readonly traits: Traits
  readonly #options: Pan115DriverOptions
  readonly #session: Session
  #root: Root | null = null

  /** Throws InvalidInput when there is no usable login among the options. */
  constructor(options: Pan115DriverOptions, env: DriverEnv & Pan115Env) {
    this.#options = options
    this.#session = new Session(options, env)
    this.traits = traitsOf(options.pageSize)
  }

  /** One request for one row: the echo of the directory is what is looked at. */
  async root(ctx: Ctx): Promise<Entry> {
    const { rootId } = this.#options
    const { client, cookie } = await this.#login(ctx)
    const action = 'open the root folder'
    const query = { cid: rootId, offset: 0, limit: 1, order: oldestFirst, action }
    const page = await listPage(client, query, ctx)
    assertListed(page, { cid: rootId, rootId, action })
    this.#root = rootOf(rootId, cookie.userId, page)
    return this.#root.entry
  }

  async *list(dir: Entry, ctx: Ctx): AsyncGenerator<Page> {
    if (dir.kind === 'file') {
      throw new StorageError('NotADirectory', `Cannot list "${dir.name}": it is a file`)
    }
    const { client } = await this.#login(ctx)
    const { rootId, pageSize } = this.#options
    for await (const page of listChildren({ client, directory: dir, rootId, pageSize }, ctx)) {
      yield page
      // A long listing must not go on asking for a storage that was taken away in the middle.
      this.#session.assertOpen()
    }
  }

  async link(file: Entry, want: LinkRequest, ctx: Ctx): Promise<Link> {
    const { client } = await this.#login(ctx)
    return makeLink(client, file, want, ctx)
  }

  async findDirectory(names: readonly string[], ctx: Ctx): Promise<Entry | null> {
    const root = this.#root ?? (await this.#learnRoot(ctx))
    const name = names.at(-1)
    if (name === undefined) return root.entry
    // Without the way to the root folder the path would start in the drive's root, outside of this storage.
    if (root.names === null) return null
    const path = [...root.names, ...names]
    if (!path.every(isSpeltAlike)) return null
    const { client } = await this.#login(ctx)
    const id = await findDirectoryId(client, path.join('/'), ctx)
    return id === null ? null : toBareDirectory(id, name, null)
  }

  async usage(ctx: Ctx): Promise<Usage> {
    const { client } = await this.#login(ctx)
    return accountSpace(client, ctx)
  }

  check(ctx: Ctx): Promise<CheckReport> {
    const { rootId } = this.#options
    return checkLogin(this.#session, toBareDirectory(rootId, rootId, null), ctx)
  }

  /** The transport belongs to the account and stays; this storage asks nothing more. */
  async dispose(): Promise<void> {
    this.#session.close()
  }

  async #learnRoot(ctx: Ctx): Promise<Root> {
    // The drive's own root has no path to learn.
    if (this.#options.rootId === '0') return { entry: toBareDirectory('0', rootName, null), names: [] }
    const entry = await this.root(ctx)
    return this.#root ?? { entry, names: null }
  }

  async #login(ctx: Ctx): Promise<Login> {
    try {
      return await this.#session.login(ctx)
    } catch (error) {
      throw toStorageError(error, ctx.signal)
    }
  }
}

const rootName = '根目录'

/** The account is noted: every drive's root has the same id, and they are different trees. */
function rootOf(rootId: string, account: string, { ancestors }: ListPage): Root {
  const rootNamed = (name: string) => ({ ...toBareDirectory(rootId, name, null), native: { account } })
  if (rootId === '0') return { entry: rootNamed(rootName), names: [] }
  const isComplete = ancestors.at(-1)?.id === rootId
  const below = ancestors.filter(({ id }) => id !== '0').map(({ name }) => toSegment(name))
  const name = (isComplete && below.at(-1)) || rootName
  return { entry: rootNamed(name), names: isComplete ? below : null }
}

function traitsOf(pageSize: number): Traits {
  return {
    caseSensitive: true,
    // Uploads never overwrite: equal names stand side by side.
    duplicateNames: true,
    // The limit is 255 characters, which no number of bytes expresses.
    maxNameBytes: null,
    removeGoesToTrash: true,
    linksBoundTo: ['userAgent'],
    hashes: ['sha1'],
    pageSize,
    worthRemembering: true,
  }
}

import type { Ctx } from '../../core/ctx.ts'
import type { Check, CheckReport, Notice } from '../../core/driver.ts'
import type { Entry } from '../../core/entry.ts'
import { isStorageError, toStorageError } from '../../core/errors.ts'
import type { StorageError } from '../../core/errors.ts'
import { uploadAccess } from '../../upstream/pan115/account.ts'
import { appOfSlot } from '../../upstream/pan115/apps.ts'
import type { Pan115Client } from '../../upstream/pan115/client.ts'
import { listPage, oldestFirst } from '../../upstream/pan115/files.ts'
import { makeLink } from './link.ts'
import { toEntry } from './map.ts'
import { assertListed } from './place.ts'
import type { Login, Session } from './session.ts'

/** Enough rows to find a file among, in nearly every directory. */
const sampleSize = 50

/** Tries what the login can do: at most five requests, none of which changes anything. */
export async function checkLogin(session: Session, root: Entry, ctx: Ctx): Promise<CheckReport> {
  const login = await outcomeOf(ctx, () => session.login(ctx))
  if ('error' in login) {
    return { checks: [failed('list', login.error), untried('link'), untried('upload')], notices: [] }
  }
  return {
    checks: await checksOf(login.value.client, root, ctx),
    notices: noticesOf(login.value),
  }
}

async function checksOf(client: Pan115Client, root: Entry, ctx: Ctx): Promise<readonly Check[]> {
  const sample = await outcomeOf(ctx, () => findFile(client, root, ctx))
  if ('error' in sample) {
    // A login that is gone would only be refused twice more.
    const upload = isStorageError(sample.error, 'AuthExpired')
      ? untried('upload')
      : await checkUpload(client, ctx)
    return [failed('list', sample.error), untried('link'), upload]
  }
  const file = sample.value
  const link = file ? await checkLink(client, file, ctx) : untried('link')
  return [{ of: 'list', error: null }, link, await checkUpload(client, ctx)]
}

/** Some file in the root, or anywhere below it; null when there is none. */
async function findFile(client: Pan115Client, root: Entry, ctx: Ctx): Promise<Entry | null> {
  const query = { cid: root.id, offset: 0, order: oldestFirst, action: 'list the root folder' }
  const children = await listPage(client, { ...query, limit: sampleSize }, ctx)
  assertListed(children, { cid: root.id, rootId: root.id, action: query.action })
  const child = children.rows.find((row) => !row.isDirectory)
  if (child) return toEntry(child, root.id)
  if (children.rows.length === 0) return null
  const below = await listPage(client, { ...query, limit: 1, of: 'files' }, ctx)
  const file = below.rows.find((row) => !row.isDirectory)
  return file ? toEntry(file, root.id) : null
}

async function checkLink(client: Pan115Client, file: Entry, ctx: Ctx): Promise<Check> {
  const want = { userAgent: client.userAgent, clientIp: null }
  const link = await outcomeOf(ctx, () => makeLink(client, file, want, ctx))
  return { of: 'link', error: 'error' in link ? link.error : null }
}

async function checkUpload(client: Pan115Client, ctx: Ctx): Promise<Check> {
  const access = await outcomeOf(ctx, () => uploadAccess(client, ctx))
  return { of: 'upload', error: 'error' in access ? access.error : null }
}

function noticesOf({ cookie, isNew }: Login): readonly Notice[] {
  const app = appOfSlot(cookie.slot)
  const detail = app?.name ?? cookie.slot
  const notices: Notice[] = []
  if (isNew) notices.push({ code: 'replaces-session', detail })
  if (app?.standing === 'discouraged') notices.push({ code: 'client-not-recommended', detail })
  if (cookie.kid === null) notices.push({ code: 'missing-kid', detail: 'KID' })
  return notices
}

type Outcome<T> = { readonly value: T } | { readonly error: StorageError }

/** What is found is reported, not thrown; only a caller who has left is no finding. */
async function outcomeOf<T>(ctx: Ctx, run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await run() }
  } catch (error) {
    if (ctx.signal.aborted) throw toStorageError(error, ctx.signal)
    return { error: toStorageError(error) }
  }
}

function failed(of: Check['of'], error: StorageError): Check {
  return { of, error }
}

function untried(of: Check['of']): Check {
  return { of, error: undefined }
}

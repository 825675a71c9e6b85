import { pickcodeOf } from '../clouds/pan115/wire.ts'
import { generate, generateFlat, isGeneratorName } from '../scenarios/generators.ts'
import type { Account } from '../state/accounts.ts'
import { sha1Of } from '../state/content.ts'
import { sizeOf } from '../state/listing.ts'
import { plant, type Seedling } from '../state/plant.ts'
import type { Entry } from '../state/tree.ts'
import { type ControlCall, type ControlContext, ControlError, type ControlRequest } from './control-call.ts'
import { findAccount, findEntry, optionalText, requiredText } from './fields.ts'

/** Filling drives, changing them as their owners do elsewhere, and looking at the truth. */
export function treeCalls(): readonly ControlCall[] {
  return [
    { call: 'POST seed', run: seed },
    { call: 'POST blobs', run: pushBlob },
    { call: 'GET tree', run: showTree },
    { call: 'POST change', run: change },
  ]
}

async function seed(context: ControlContext, request: ControlRequest): Promise<object> {
  const fields = request.json()
  const account = findAccount(context, optionalText(fields, 'account'))
  const parent = findEntry(account, optionalText(fields, 'parent') ?? '0')
  if (parent.kind !== 'directory') throw new ControlError(`entry "${parent.id}" is a file`)
  const planted = await plant(context.world, account, parent, seedlingsOf(fields['tree']))
  return {
    ids: planted.topLevel.map((entry) => entry.id),
    files: planted.files,
    directories: planted.directories,
  }
}

function seedlingsOf(tree: unknown): Iterable<Seedling> {
  if (Array.isArray(tree)) return tree as Seedling[]
  if (typeof tree !== 'object' || tree === null)
    throw new ControlError('"tree" is neither an array nor a generator')
  const { generator, flat, seed } = tree as Record<string, unknown>
  const from = typeof seed === 'string' ? seed : undefined
  if (typeof flat === 'number') return generateFlat(flat, from)
  if (typeof generator !== 'string' || !isGeneratorName(generator)) {
    throw new ControlError(`no generator "${String(generator)}"`)
  }
  return generate(generator, from)
}

async function pushBlob({ world }: ControlContext, { body }: ControlRequest): Promise<object> {
  const content = world.blobs.put(body)
  return { blob: content.id, size: content.size, sha1: await sha1Of(world.blobs, content) }
}

/** The entry at `path`, and below it `depth` levels (1 when not given). */
function showTree(context: ControlContext, { query }: ControlRequest): object {
  const account = findAccount(context, query.get('account'))
  const id = query.get('id')
  const names = (query.get('path') ?? '').split('/').filter((name) => name !== '')
  const entry = id === null ? account.tree.resolve(names) : findEntry(account, id)
  if (!entry) throw new ControlError(`nothing at "${names.join('/')}"`)
  return describe(entry, account, Number(query.get('depth') ?? '1'))
}

function describe(entry: Entry, account: Account, depth: number): object {
  const isFile = entry.kind === 'file'
  return {
    id: entry.id,
    parentId: entry.parent?.id ?? null,
    name: entry.name,
    kind: entry.kind,
    size: isFile ? sizeOf(entry) : null,
    sha1: isFile ? entry.sha1 : null,
    pickcode: pickcodeOf(entry, account),
    modifiedAt: entry.modifiedAtS,
    ...(entry.kind === 'directory' && {
      count: entry.children.size,
      ...(depth > 0 && {
        children: Array.from(entry.children, (child) => describe(child, account, depth - 1)),
      }),
    }),
  }
}

/** What the account's owner does in 115's own app. */
function change(context: ControlContext, request: ControlRequest): object {
  const fields = request.json()
  const account = findAccount(context, optionalText(fields, 'account'))
  const { tree } = account
  const nowS = Math.floor(context.world.clock.now() / 1000)
  if (fields['remove'] !== undefined) tree.remove(findEntry(account, requiredText(fields, 'remove')))
  else if (fields['rename'] !== undefined) {
    const rename = objectField(fields, 'rename')
    tree.rename(findEntry(account, requiredText(rename, 'id')), requiredText(rename, 'name'), nowS)
  } else if (fields['move'] !== undefined) {
    const move = objectField(fields, 'move')
    const to = findEntry(account, requiredText(move, 'to'))
    if (to.kind !== 'directory') throw new ControlError(`entry "${to.id}" is a file`)
    tree.move(findEntry(account, requiredText(move, 'id')), to, nowS)
  } else if (fields['order'] !== undefined) storeOrder(account, objectField(fields, 'order'))
  else throw new ControlError('neither "remove" nor "rename" nor "move" nor "order"')
  return {}
}

function storeOrder(account: Account, fields: Readonly<Record<string, unknown>>): void {
  const directory = findEntry(account, requiredText(fields, 'id'))
  if (directory.kind !== 'directory') throw new ControlError(`entry "${directory.id}" is a file`)
  directory.storedOrder = {
    order: requiredText(fields, 'order'),
    ascending: optionalText(fields, 'asc') === '1',
  }
}

function objectField(
  fields: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  const value = fields[name]
  if (typeof value !== 'object' || value === null) throw new ControlError(`"${name}" is not an object`)
  return value as Record<string, unknown>
}

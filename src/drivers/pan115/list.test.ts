import { array, assert, asyncProperty, integer, oneof, record, constant } from 'fast-check'
import { expect, test } from 'vitest'
import { isStorageError } from '../../core/errors.ts'
import { makeCtx } from '../../core/ctx.ts'
import type { Page } from '../../core/driver.ts'
import { scriptedClient } from '../../../test/support/scripted-client.ts'
import { listChildren } from './list.ts'
import { toBareDirectory } from './map.ts'

const pageSize = 10

/** What happens in the directory before a request is answered. */
interface Happening {
  readonly removes: number
  readonly adds: number
  /** Where the removed ones stand, as a share of all. */
  readonly at: number
}

/** Lists a directory of `size` entries in which `happenings` happen, one before each request. */
async function listWhile(size: number, happenings: readonly Happening[], hidden = 0) {
  const model = Array.from({ length: size }, (_, i) => String(i + 1))
  const gone = new Set<string>()
  let lastId = size
  const script = scriptedClient(({ url }, number) => {
    const { removes, adds, at } = happenings[number] ?? { removes: 0, adds: 0, at: 0 }
    for (const id of model.splice(Math.floor(at * model.length), removes)) gone.add(id)
    for (let i = 0; i < adds; i++) model.push(String(++lastId))
    const ordered = url.searchParams.get('asc') === '1' ? model : model.toReversed()
    const offset = Number(url.searchParams.get('offset'))
    const rows = ordered.slice(offset, offset + Number(url.searchParams.get('limit')))
    const data = rows.map((id) => ({ fid: id, cid: '5', n: `n${id}` }))
    return { json: { state: true, cid: '5', offset, limit: pageSize, count: model.length + hidden, data } }
  })
  const directory = toBareDirectory('5', 'd', null)
  const pages: Page[] = []
  const listing = { client: script.client, directory, rootId: '0', pageSize }
  for await (const page of listChildren(listing, makeCtx())) pages.push(page)
  const ids = pages.flatMap((page) => page.entries.map((entry) => String(entry.id)))
  return { ids, model, gone, pages, requests: script.requests.length }
}

test('listChildren() gives all that stays, once, whatever goes or comes while it pages', async () => {
  const at = integer({ min: 0, max: 9 }).map((tenth) => tenth / 10)
  const happening = oneof(
    constant({ removes: 0, adds: 0, at: 0 }),
    record({ removes: integer({ min: 1, max: 25 }), adds: constant(0), at }),
    record({ removes: constant(0), adds: integer({ min: 1, max: 25 }), at }),
  )
  const story = array(happening, { maxLength: 12 })
  await assert(
    asyncProperty(integer({ min: 0, max: 80 }), story, async (size, happenings) => {
      const { ids, model, gone } = await listWhile(size, happenings)
      expect(new Set(ids).size).toBe(ids.length)
      const stayed = model.filter((id) => Number(id) <= size)
      expect(stayed.filter((id) => !ids.includes(id))).toEqual([])
      expect(ids.filter((id) => !gone.has(id) && !model.includes(id))).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('listChildren() makes no request too many while nothing happens', async () => {
  await assert(
    asyncProperty(integer({ min: 0, max: 200 }), async (size) => {
      const { ids, requests, pages } = await listWhile(size, [])
      expect(ids.length).toBe(size)
      expect(requests).toBe(Math.max(1, Math.ceil(size / pageSize)))
      expect(pages.every((page) => page.missing === 0)).toBe(true)
    }),
  )
})

test('listChildren() throws Protocol when rows are announced and none is given: not an empty directory', async () => {
  await expect(listWhile(0, [], 5)).rejects.toSatisfy((error) => isStorageError(error, 'Protocol'))
})

test('listChildren() asks at most twice in vain for rows that stay hidden', async () => {
  await assert(
    asyncProperty(integer({ min: 1, max: 95 }), integer({ min: 1, max: 9 }), async (size, hidden) => {
      const { ids, requests, pages } = await listWhile(size, [], hidden)
      expect({ listed: ids.length, missing: pages.at(-1)?.missing }).toEqual({
        listed: size,
        missing: hidden,
      })
      expect(requests).toBeLessThanOrEqual(Math.max(1, Math.ceil(size / pageSize)) + 2)
    }),
  )
})

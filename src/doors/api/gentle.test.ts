import { array, assert, asyncProperty, integer, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { sortRows, writeRows } from './gentle.ts'

test('sortRows() sorts as Array.sort does, equals in their order', async () => {
  const row = record({ key: integer({ min: 0, max: 20 }), tag: string() })
  const rows = array(row, { minLength: 0, maxLength: 1200, size: 'max' })
  await assert(
    asyncProperty(rows, async (items) => {
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key
      expect(await sortRows(items, compare)).toEqual(items.toSorted(compare))
    }),
    { numRuns: 30 },
  )
})

test('sortRows() and writeRows() let others run in between', async () => {
  const items = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_000)
  let turns = 0
  let isDone = false
  const count = () => {
    turns += 1
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  const sorted = await sortRows(items, (a, b) => a - b)
  const turnsOfSort = turns
  const text = Buffer.concat(await writeRows(sorted, String)).toString()
  isDone = true
  expect(sorted).toEqual(Array.from({ length: 20_000 }, (_, i) => i))
  expect(text).toBe(sorted.join(','))
  expect(turnsOfSort).toBeGreaterThan(50)
  expect(turns - turnsOfSort).toBeGreaterThan(50)
})

test('writeRows() of nothing is nothing', async () => {
  expect(Buffer.concat(await writeRows([], String)).toString()).toBe('')
})

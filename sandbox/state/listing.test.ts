import { describe, expect, it } from 'vitest'
import { Listings, type ListingQuery, sortInSlices } from './listing.ts'
import { Random } from './random.ts'
import { type Directory, Tree } from './tree.ts'

const everything = { key: 'all', accepts: () => true }
const byName: ListingQuery = {
  order: 'name',
  ascending: true,
  mixed: false,
  recursive: false,
  filter: everything,
}

function fill(tree: Tree, parent: Directory, names: readonly string[]): void {
  for (const name of names) {
    tree.addFile(
      parent,
      { name, createdAtS: 1, modifiedAtS: 1 },
      { kind: 'seed', seed: name, size: 1 },
      'SHA',
    )
  }
}

describe('Listings', () => {
  it('list() remembers a listing until its directory changes', async () => {
    const tree = new Tree(1)
    const listings = new Listings(tree)
    const [one, two] = ['one', 'two'].map((name) =>
      tree.addDirectory(tree.root, { name, createdAtS: 1, modifiedAtS: 1 }),
    )
    if (!one || !two) throw new Error('no directories')
    fill(tree, one, ['b', 'a'])
    const first = await listings.list(one, byName)
    fill(tree, two, ['elsewhere'])
    expect(await listings.list(one, byName)).toBe(first)
    fill(tree, one, ['c'])
    expect((await listings.list(one, byName)).entries.map((entry) => entry.name)).toEqual(['a', 'b', 'c'])
  })

  it('list() of a whole tree sees a change anywhere below', async () => {
    const tree = new Tree(1)
    const listings = new Listings(tree)
    const one = tree.addDirectory(tree.root, { name: 'one', createdAtS: 1, modifiedAtS: 1 })
    const deep = { ...byName, recursive: true }
    expect((await listings.list(tree.root, deep)).entries.length).toBe(1)
    fill(tree, one, ['a'])
    expect((await listings.list(tree.root, deep)).entries.length).toBe(2)
  })

  it('list() orders equal keys by id, and descending is the exact reverse', async () => {
    const tree = new Tree(1)
    fill(tree, tree.root, ['x', 'x', 'x', 'w'])
    const ids = async (ascending: boolean) =>
      (await new Listings(tree).list(tree.root, { ...byName, ascending })).entries.map((entry) => entry.id)
    expect((await ids(false)).toReversed()).toEqual(await ids(true))
  })
})

describe('sortInSlices()', () => {
  it('sorts as sort() does, and lets other work through', async () => {
    const random = new Random('sort')
    const numbers = Array.from({ length: 50_000 }, () => random.int(1000))
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    const sorted = await sortInSlices(numbers, (a, b) => a - b)
    clearInterval(counting)
    expect(sorted).toEqual(numbers.toSorted((a, b) => a - b))
    expect(turns).toBeGreaterThan(3)
  })

  it.each([0, 1, 999, 1000, 1001, 3001])('keeps all of %i items', async (length) => {
    const items = Array.from({ length }, (_, i) => (i * 7919) % length)
    expect(await sortInSlices(items, (a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b))
  })
})

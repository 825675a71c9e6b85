import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { startTestSandbox } from '../../test/support/sandbox.ts'
import type { Seedling } from '../state/plant.ts'
import { generate, generateFlat, isGeneratorName } from './generators.ts'

interface Plain {
  readonly name: string
  readonly children?: Plain[]
}

function flatten(seedlings: Iterable<Seedling>): Plain[] {
  return Array.from(seedlings, ({ name, children }) =>
    children ? { name, children: flatten(children) } : { name },
  )
}

function count(plain: readonly Plain[]): { files: number; directories: number; depth: number } {
  let [files, directories, depth] = [0, 0, 0]
  for (const { children } of plain) {
    if (!children) {
      files++
      continue
    }
    const below = count(children)
    files += below.files
    directories += below.directories + 1
    depth = Math.max(depth, below.depth + 1)
  }
  return { files, directories, depth }
}

describe('generate()', () => {
  it.each([
    ['flat-100', 100, 0],
    ['flat-1k', 1000, 0],
    ['tree-S', 5000, 200],
    ['tree-M', 108_665, 13_562],
  ] as const)('makes %s of %i files and %i directories', (name, files, directories) => {
    expect(count(flatten(generate(name)))).toMatchObject({ files, directories })
  })

  it('makes the same again from the same seed, and something else from another', () => {
    const text = (seed?: string) => JSON.stringify(flatten(generate('tree-S', seed)))
    expect(text()).toBe(text())
    expect(text('other')).not.toBe(text())
  })

  it('makes names of 40 to 70 bytes, about half of them Chinese and some awkward', () => {
    const names = flatten(generateFlat(5000)).map((each) => each.name)
    const sizes = names.map((name) => Buffer.byteLength(name))
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(40)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(70)
    expect(names.filter((name) => name.startsWith('第')).length / 5000).toBeCloseTo(0.5, 1)
    expect(names.some((name) => /["<&%#]/.test(name))).toBe(true)
    expect(new Set(names).size).toBeLessThan(5000)
  })

  it('knows its names', () => {
    expect([isGeneratorName('tree-M'), isGeneratorName('toString')]).toEqual([true, false])
  })
})

describe('a planted tree-M', () => {
  it('lists any page of its 108,665 files', async () => {
    const test = await startTestSandbox()
    const account = await test.control.createAccount()
    const planted = await test.control.seed(account.account, { generator: 'tree-M' })
    expect([planted.files, planted.directories]).toEqual([108_665, 13_562])
    const url = `${test.sandbox.url}/webapi.115.com/files?cid=0&show_dir=0&cur=0&limit=1150`
    const headers = { cookie: account.cookies['web'] ?? '' }
    const seen = new Set<string>()
    for (const offset of [0, 1150, 50_000, 108_000]) {
      const page = (await (await fetch(`${url}&offset=${offset}`, { headers })).json()) as {
        count: number
        data: { fid: string }[]
      }
      expect(page.count).toBe(108_665)
      for (const row of page.data) seen.add(row.fid)
    }
    expect(seen.size).toBe(3 * 1150 + 665)
    await test.close()
  })
})

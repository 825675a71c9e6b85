import { describe, expect, test } from 'vitest'
import { makeCtx } from './ctx.ts'
import { type Driver, type Layer, stack, supports, type Traits, wrap } from './driver.ts'
import { entryId } from './entry.ts'

const traits = { pageSize: 7 } as Traits
const root = {
  id: entryId('0'),
  parentId: null,
  name: '',
  kind: 'directory' as const,
  size: null,
  modifiedAt: null,
  createdAt: null,
  hashes: {},
}

/** A driver whose verbs need their `this`, as a class does. */
class Sample implements Driver {
  readonly traits = traits
  readonly asked: string[] = []

  async root() {
    this.asked.push('root')
    return root
  }
  async *list() {
    this.asked.push('list')
    yield { entries: [], missing: 0 }
  }
  async link() {
    return { kind: 'stream' as const, open: () => Promise.reject(new Error('not here')) }
  }
  async dispose() {
    this.asked.push('dispose')
  }
  async find(_: unknown, name: string) {
    return { ...root, name }
  }
}

const ctx = makeCtx()

describe('supports()', () => {
  test('is about the verb being there', () => {
    const driver: Driver = new Sample()
    expect(supports(driver, 'find')).toBe(true)
    expect(supports(driver, 'upload')).toBe(false)
    expect(supports(Object.assign(new Sample(), { upload: undefined }) as unknown as Driver, 'upload')).toBe(
      false,
    )
  })
})

describe('wrap()', () => {
  test('forwards every verb with its own driver, and traits', async () => {
    const inner = new Sample()
    const outer = wrap(inner, {})
    expect(outer.traits).toBe(traits)
    expect(await outer.root(ctx)).toBe(root)
    for await (const page of outer.list(root, ctx)) expect(page.entries).toEqual([])
    await outer.dispose()
    expect(inner.asked).toEqual(['root', 'list', 'dispose'])
    expect((await outer.find?.(root, 'x', ctx))?.name).toBe('x')
  })

  test('overrides a verb, with the inner one at hand', async () => {
    const outer = wrap(new Sample(), {
      find: (next) => async (dir, name, ctx) => next(dir, `${name}!`, ctx),
    })
    expect((await outer.find?.(root, 'x', ctx))?.name).toBe('x!')
  })

  test('neither invents nor loses a verb', () => {
    const outer = wrap(new Sample(), {
      usage: (next) => next,
      check: () => async () => ({ checks: [], notices: [] }),
    })
    const verbs = Object.keys(outer).filter((key) => key !== 'traits')
    expect(verbs.sort()).toEqual(['dispose', 'find', 'link', 'list', 'root'])
    expect(supports(outer, 'check')).toBe(false)
  })

  test('carries every optional verb a driver can have', async () => {
    const names = [
      'findDirectory',
      'changes',
      'createDirectory',
      'rename',
      'move',
      'copy',
      'remove',
      'upload',
      'usage',
      'check',
    ]
    const inner = Object.assign(new Sample(), Object.fromEntries(names.map((name) => [name, () => name])))
    const outer = wrap(inner, {}) as unknown as Record<string, () => unknown>
    expect(names.map((name) => outer[name]?.())).toEqual(names)
  })
})

test('stack() puts the first layer closest to the driver', async () => {
  const mark =
    (text: string): Layer =>
    (inner) =>
      wrap(inner, { find: (next) => async (dir, name, ctx) => next(dir, `${name}${text}`, ctx) })
  const driver = stack(new Sample(), [mark('1'), mark('2'), mark('3')])
  expect((await driver.find?.(root, '', ctx))?.name).toBe('321')
})

// What every driver promises, as cases. One function, run for each driver bare and with the full stack: a
// layer must not change the meaning. Cases for an optional verb run when the verb is there; any other
// exception is a known gap with its reason, and a gap that starts to pass fails the run.
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { request } from 'undici'
import { type Ctx, makeCtx } from '../../src/core/ctx.ts'
import { type Driver, supports, type Verb } from '../../src/core/driver.ts'
import { type Entry, entryId } from '../../src/core/entry.ts'
import { isStorageError, type ErrorKind } from '../../src/core/errors.ts'
import type { ByteRange, Link } from '../../src/core/link.ts'

/** A tree to begin with. A node with children is a directory. */
export type SeedNode =
  | { readonly name: string; readonly content: Buffer }
  | { readonly name: string; readonly children: readonly SeedNode[] }

export interface DriverFixture {
  readonly driver: Driver
  /** Puts `nodes` below the root, behind the driver's back. */
  seed(nodes: readonly SeedNode[]): Promise<void>
  /** Takes a top-level entry away behind the driver's back. */
  remove(name: string): Promise<void>
  /** Takes the root itself away behind the driver's back; the last thing that is asked of a fixture. */
  removeRoot(): Promise<void>
  close(): Promise<void>
}

export interface DriverSubject {
  readonly name: string
  /** A driver on an empty, randomly named root. */
  readonly make: () => Promise<DriverFixture>
  /** Case title -> why this driver cannot keep it. */
  readonly knownGaps?: Readonly<Record<string, string>>
}

const reader = { userAgent: 'panport-contract/1.0', clientIp: null }

const awkwardNames = [
  '第1集 你好，世界.mkv',
  `a&b<c>'d"e%f#g+h=i;j,k.txt`,
  '🎬 emoji 👨‍👩‍👧.mp4',
  ' leading and trailing ',
  'dots...and.more..',
  '%2F%00 not encoded',
  `${'长'.repeat(83)}.ext`,
]

export function describeDriver({ name, make, knownGaps = {} }: DriverSubject): void {
  const openGaps = new Set(Object.keys(knownGaps))

  describe(`${name} keeps the driver contract`, () => {
    let fixture: DriverFixture
    let driver: Driver
    const ctx = makeCtx()

    const promise = (title: string, run: () => Promise<void>) => {
      openGaps.delete(title)
      const reason = knownGaps[title]
      if (reason === undefined) return test(title, run)
      return test.fails(`${title} (known gap: ${reason})`, run)
    }

    const child = async (directory: Entry, wanted: string): Promise<Entry> => {
      const found = (await listAll(driver, directory, ctx)).find((entry) => entry.name === wanted)
      if (!found) throw new Error(`"${wanted}" is not listed`)
      return found
    }

    beforeAll(async () => {
      fixture = await make()
      driver = fixture.driver
      await fixture.seed([
        { name: 'empty', children: [] },
        { name: 'zero.bin', content: Buffer.alloc(0) },
        { name: 'one.bin', content: Buffer.from([7]) },
        { name: 'big.bin', content: bytes(300_000) },
        { name: 'gone', children: [{ name: 'inner.txt', content: Buffer.from('x') }] },
        { name: 'gone.txt', content: Buffer.from('soon gone') },
        {
          name: 'awkward',
          children: awkwardNames.map((each) => ({ name: each, content: Buffer.from(each) })),
        },
        { name: 'awkward dirs', children: awkwardNames.map((each) => ({ name: each, children: [] })) },
        {
          name: 'many',
          children: Array.from({ length: 1234 }, (_, i) => ({
            name: `f${String(i).padStart(5, '0')}`,
            content: Buffer.from(String(i)),
          })),
        },
        {
          // Listed by two cases only, so that no layer remembers it before them.
          name: 'pages',
          children: Array.from({ length: 600 }, (_, i) => ({ name: `p${i}`, content: Buffer.from('p') })),
        },
        {
          name: 'deep',
          children: [
            {
              name: 'er',
              children: [{ name: '深处', children: [{ name: 'leaf.txt', content: Buffer.from('leaf') }] }],
            },
          ],
        },
      ])
    })

    afterAll(async () => {
      await fixture?.close()
    })

    describe('root', () => {
      promise('root is a directory without a parent and the same each time', async () => {
        const root = await driver.root(ctx)
        expect(root).toMatchObject({ kind: 'directory', parentId: null })
        expect((await driver.root(ctx)).id).toBe(root.id)
      })
    })

    describe('list', () => {
      promise('list gives every child once, with its kind, parent and size', async () => {
        const root = await driver.root(ctx)
        const entries = await listAll(driver, root, ctx)
        expect(entries.map((entry) => entry.name).sort()).toEqual(
          [
            'awkward',
            'awkward dirs',
            'big.bin',
            'deep',
            'empty',
            'gone',
            'gone.txt',
            'many',
            'one.bin',
            'pages',
            'zero.bin',
          ].sort(),
        )
        expect(entries.filter((entry) => entry.parentId !== root.id)).toEqual([])
        const byName = Object.fromEntries(entries.map((entry) => [entry.name, entry]))
        expect(byName['big.bin']).toMatchObject({ kind: 'file', size: 300_000 })
        expect(byName['zero.bin']).toMatchObject({ kind: 'file', size: 0 })
        expect(byName['deep']?.kind).toBe('directory')
        expect(byName['deep']?.size).toBeNull()
      })

      promise('list of an empty directory is empty and complete', async () => {
        const root = await driver.root(ctx)
        expect(await listAll(driver, await child(root, 'empty'), ctx)).toEqual([])
      })

      promise('list gives more children than one page holds, each once', async () => {
        const root = await driver.root(ctx)
        const names = (await listAll(driver, await child(root, 'many'), ctx)).map((entry) => entry.name)
        expect(names).toHaveLength(1234)
        expect(new Set(names).size).toBe(1234)
      })

      promise('list keeps awkward names of files as they are', async () => {
        const root = await driver.root(ctx)
        const entries = await listAll(driver, await child(root, 'awkward'), ctx)
        expect(entries.map((entry) => entry.name).sort()).toEqual([...awkwardNames].sort())
      })

      promise('list keeps awkward names of directories as they are', async () => {
        const root = await driver.root(ctx)
        const entries = await listAll(driver, await child(root, 'awkward dirs'), ctx)
        expect(entries.map((entry) => entry.name).sort()).toEqual([...awkwardNames].sort())
      })

      promise('list gives the hashes that the traits promise, right ones', async () => {
        const root = await driver.root(ctx)
        const entry = await child(root, 'big.bin')
        for (const kind of driver.traits.hashes) {
          expect(entry.hashes[kind]).toBe(createHash(kind).update(bytes(300_000)).digest('hex'))
        }
      })

      promise('list gives times that are near now', async () => {
        const root = await driver.root(ctx)
        const entry = await child(root, 'one.bin')
        const distance = Math.abs((entry.modifiedAt?.getTime() ?? Number.NaN) - Date.now())
        expect(distance).toBeLessThan(24 * 60 * 60_000)
      })

      promise('list of a file throws NotADirectory', async () => {
        const root = await driver.root(ctx)
        const file = await child(root, 'one.bin')
        await expect(listAll(driver, file, ctx)).rejects.toSatisfy(isOneOf('NotADirectory'))
      })

      promise('list of an id that is not there throws NotFound', async () => {
        const root = await driver.root(ctx)
        const ghost = { ...(await child(root, 'empty')), id: entryId('2599999999999999999') }
        await expect(listAll(driver, ghost, ctx)).rejects.toSatisfy(isOneOf('NotFound'))
      })

      promise('list can be left after its first page and asked again', async () => {
        const root = await driver.root(ctx)
        const many = await child(root, 'many')
        for await (const page of driver.list(many, ctx)) {
          expect(page.entries.length).toBeGreaterThan(0)
          break
        }
        expect(await listAll(driver, many, ctx)).toHaveLength(1234)
      })

      promise('list whose caller leaves between two pages throws Cancelled', async () => {
        const pages = await child(await driver.root(ctx), 'pages')
        const caller = new AbortController()
        const leaving = { ...ctx, signal: caller.signal }
        const read = async () => {
          for await (const page of driver.list(pages, leaving)) {
            expect(page.entries.length).toBeGreaterThan(0)
            caller.abort()
          }
        }
        await expect(read()).rejects.toSatisfy(isOneOf('Cancelled'))
      })

      promise('list gives pages of the size that the traits name, the last one perhaps shorter', async () => {
        const root = await driver.root(ctx)
        const sizes: number[] = []
        for await (const page of driver.list(await child(root, 'pages'), ctx)) {
          sizes.push(page.entries.length)
        }
        expect(Math.max(...sizes)).toBeLessThanOrEqual(driver.traits.pageSize)
        expect(sizes.length).toBeGreaterThan(1)
      })

      promise('list by a caller who has left throws Cancelled', async () => {
        const root = await driver.root(ctx)
        const gone = makeCtx({ signal: AbortSignal.abort() })
        await expect(listAll(driver, root, { ...gone, fresh: true })).rejects.toSatisfy(isOneOf('Cancelled'))
      })

      promise('two lists of one directory at the same time are both whole', async () => {
        const root = await driver.root(ctx)
        const many = await child(root, 'many')
        const [one, two] = await Promise.all([
          listAll(driver, many, { ...ctx, fresh: true }),
          listAll(driver, many, { ...ctx, fresh: true }),
        ])
        expect([one.length, two.length]).toEqual([1234, 1234])
      })
    })

    describe('link', () => {
      const cases: readonly (readonly [string, ByteRange | null])[] = [
        ['the whole file', null],
        ['the first byte', { start: 0, end: 0 }],
        ['the last byte', { start: 299_999, end: 299_999 }],
        ['a range across chunk borders', { start: 65_530, end: 131_080 }],
      ]
      for (const [title, range] of cases) {
        promise(`link reads ${title}`, async () => {
          const root = await driver.root(ctx)
          const link = await driver.link(await child(root, 'big.bin'), reader, ctx)
          const whole = bytes(300_000)
          const expected = range ? whole.subarray(range.start, range.end + 1) : whole
          expect((await readLink(link, range)).equals(expected)).toBe(true)
        })
      }

      promise('link reads an empty file', async () => {
        const root = await driver.root(ctx)
        const link = await driver.link(await child(root, 'zero.bin'), reader, ctx)
        expect(await readLink(link, null)).toHaveLength(0)
      })

      promise('link gives what there is of a range that ends behind the file', async () => {
        const file = await child(await driver.root(ctx), 'big.bin')
        const link = await driver.link(file, reader, ctx)
        const read = await readLink(link, { start: 299_990, end: 400_000 })
        expect(read.equals(bytes(300_000).subarray(299_990))).toBe(true)
      })

      promise('link refuses a range that begins behind the file, if it opens it itself', async () => {
        const root = await driver.root(ctx)
        for (const [name, start] of [
          ['big.bin', 300_000],
          ['zero.bin', 0],
        ] as const) {
          const link = await driver.link(await child(root, name), reader, ctx)
          if (link.kind === 'url') continue
          const opened = link.open({ start, end: start + 9 }, ctx)
          await expect(opened).rejects.toSatisfy(isOneOf('RangeNotSatisfiable'))
        }
      })

      promise('link says its rules: bindings the traits know, an expiry in the future', async () => {
        const root = await driver.root(ctx)
        const link = await driver.link(await child(root, 'one.bin'), reader, ctx)
        if (link.kind === 'stream') return
        expect(link.boundTo.filter((binding) => !driver.traits.linksBoundTo.includes(binding))).toEqual([])
        if (link.expiresAt) expect(link.expiresAt.getTime()).toBeGreaterThan(Date.now())
      })

      promise('link to a directory throws IsADirectory', async () => {
        const root = await driver.root(ctx)
        const directory = await child(root, 'empty')
        await expect(driver.link(directory, reader, ctx)).rejects.toSatisfy(isOneOf('IsADirectory'))
      })

      promise('link by a caller who has left throws Cancelled', async () => {
        const root = await driver.root(ctx)
        const file = await child(root, 'one.bin')
        const gone = makeCtx({ signal: AbortSignal.abort(), fresh: true })
        await expect(driver.link(file, reader, gone)).rejects.toSatisfy(isOneOf('Cancelled'))
      })
    })

    describe('find', () => {
      const ifThere = (verb: Verb, title: string, run: () => Promise<void>) =>
        promise(title, async () => {
          if (supports(driver, verb)) await run()
        })

      ifThere(
        'find',
        'find gives the child that list gives, and null for a name that is not there',
        async () => {
          if (!driver.find) return
          const root = await driver.root(ctx)
          expect((await driver.find(root, 'big.bin', ctx))?.id).toBe((await child(root, 'big.bin')).id)
          expect(await driver.find(root, 'BIG.bin~', ctx)).toBeNull()
        },
      )

      ifThere('find', 'find gives every child exactly as list does', async () => {
        if (!driver.find) return
        const root = await driver.root(ctx)
        for (const entry of await listAll(driver, root, ctx)) {
          expect(await driver.find(root, entry.name, ctx)).toEqual(entry)
        }
      })

      ifThere('find', 'find gives null for names that nothing can have', async () => {
        if (!driver.find) return
        const root = await driver.root(ctx)
        expect(await driver.find(root, '长'.repeat(300), ctx)).toBeNull()
      })

      ifThere('find', 'find takes awkward names', async () => {
        if (!driver.find) return
        const awkward = await child(await driver.root(ctx), 'awkward')
        for (const wanted of awkwardNames) {
          expect((await driver.find(awkward, wanted, ctx))?.name).toBe(wanted)
        }
      })

      ifThere('findDirectory', 'findDirectory leads to a directory that can be listed', async () => {
        if (!driver.findDirectory) return
        const found = await driver.findDirectory(['deep', 'er', '深处'], ctx)
        expect(found?.kind).toBe('directory')
        if (!found) return
        expect((await listAll(driver, found, ctx)).map((entry) => entry.name)).toEqual(['leaf.txt'])
      })

      ifThere('findDirectory', 'findDirectory of no names is the root', async () => {
        if (!driver.findDirectory) return
        expect((await driver.findDirectory([], ctx))?.id).toBe((await driver.root(ctx)).id)
      })

      ifThere('findDirectory', 'findDirectory gives null where nothing is, and for a file', async () => {
        if (!driver.findDirectory) return
        expect(await driver.findDirectory(['deep', 'nothing', 'here'], ctx)).toBeNull()
        expect(await driver.findDirectory(['deep', 'er', '深处', 'leaf.txt'], ctx)).toBeNull()
      })
    })

    describe('the rest', () => {
      promise('usage adds up where the driver knows it', async () => {
        if (!supports(driver, 'usage')) return
        const { totalBytes, usedBytes, freeBytes } = await driver.usage(ctx)
        for (const each of [totalBytes, usedBytes, freeBytes]) {
          if (each !== null) expect(each).toBeGreaterThanOrEqual(0)
        }
        if (totalBytes !== null && freeBytes !== null) expect(freeBytes).toBeLessThanOrEqual(totalBytes)
      })

      promise('check finds nothing wrong with a good credential', async () => {
        if (!supports(driver, 'check')) return
        const report = await driver.check(ctx)
        expect(report.checks.filter(({ error }) => error instanceof Error)).toEqual([])
      })

      promise('every verb throws Cancelled to a caller who has left', async () => {
        const root = await driver.root(ctx)
        const gone = makeCtx({ signal: AbortSignal.abort(), fresh: true })
        const asked: readonly (readonly [Verb, Promise<unknown> | undefined])[] = [
          ['root', driver.root(gone)],
          ['find', driver.find?.(root, 'big.bin', gone)],
          ['findDirectory', driver.findDirectory?.(['deep', 'er'], gone)],
          ['usage', driver.usage?.(gone)],
          ['check', driver.check?.(gone)],
        ]
        for (const [verb, answer] of asked) {
          if (answer) await expect(answer, verb).rejects.toSatisfy(isOneOf('Cancelled'))
        }
      })

      promise('what vanished is NotFound, never an empty directory', async () => {
        const root = await driver.root(ctx)
        const directory = await child(root, 'gone')
        const file = await child(root, 'gone.txt')
        await fixture.remove('gone')
        await fixture.remove('gone.txt')
        const now = { ...ctx, fresh: true }
        await expect(listAll(driver, directory, now)).rejects.toSatisfy(isOneOf('NotFound'))
        await expect(openAndRead(driver, file, now)).rejects.toSatisfy(isOneOf('NotFound'))
        const names = (await listAll(driver, root, now)).map((entry) => entry.name)
        expect(names).not.toContain('gone')
        expect(names).not.toContain('gone.txt')
      })
    })

    describe('the end', () => {
      promise('a root that vanished is NotFound, to root and to list', async () => {
        const root = await driver.root(ctx)
        await fixture.removeRoot()
        const now = { ...ctx, fresh: true }
        await expect(driver.root(now)).rejects.toSatisfy(isOneOf('NotFound'))
        await expect(listAll(driver, root, now)).rejects.toSatisfy(isOneOf('NotFound'))
      })

      promise(
        'dispose may be asked for twice, and afterwards nothing but StorageError is thrown',
        async () => {
          const root = await driver.root(ctx).catch(() => null)
          await driver.dispose()
          await driver.dispose()
          const outcome = await driver.root({ ...ctx, fresh: true }).catch((error: unknown) => error)
          expect(isStorageError(outcome) || outcome === root).toBe(true)
        },
      )
    })

    test('every known gap names a case', () => {
      expect([...openGaps]).toEqual([])
    })
  })
}

/** All children, with a check on the way that no id comes twice. */
export async function listAll(driver: Driver, directory: Entry, ctx: Ctx): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const page of driver.list(directory, ctx)) {
    if (page.missing !== 0) throw new Error(`${page.missing} children are missing`)
    entries.push(...page.entries)
  }
  expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length)
  return entries
}

async function openAndRead(driver: Driver, file: Entry, ctx: Ctx): Promise<Buffer> {
  return readLink(await driver.link(file, reader, ctx), null)
}

async function readLink(link: Link, range: ByteRange | null): Promise<Buffer> {
  if (link.kind === 'stream') return buffer(await link.open(range, makeCtx()))
  const headers: Record<string, string> = { ...link.headers }
  if (range) headers['range'] = `bytes=${range.start}-${range.end}`
  const response = await request(link.url, { headers })
  const body = await buffer(Readable.from(response.body))
  if (response.statusCode >= 300)
    throw new Error(`the link answers ${response.statusCode}: ${body.toString()}`)
  return body
}

/** The same pseudo-random bytes each time. */
function bytes(length: number): Buffer {
  const content = Buffer.alloc(length)
  for (let i = 0; i < length; i += 1) content[i] = (i * 31 + (i >> 8) * 7 + 11) & 255
  return content
}

function isOneOf(...kinds: readonly ErrorKind[]) {
  return (error: unknown) => isStorageError(error) && kinds.includes(error.kind)
}

/** A name nobody else uses. */
export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`
}

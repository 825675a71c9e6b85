import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namesIn } from '../../test/contract/entry-store.ts'
import { bundleChildSource, type ChildSource } from '../../test/support/child-source.ts'
import { entryId } from '../core/entry.ts'
import { openSqlite } from './sqlite.ts'
import { openTree } from './tree-store.ts'

const kills = 10
const directory = entryId('films')

// Records one listing after the other, each of entries that carry its round, and says when each is shown.
const recorder = `
  import { openTree } from './src/db/tree-store.ts'
  import { writeSync } from 'node:fs'
  const [path, from] = process.argv.slice(2)
  const store = (await openTree(path)).forStorage(1)
  for (let round = Number(from); ; round++) {
    const recording = store.record('films')
    for (let page = 0; page < 4; page++) {
      await recording.add(Array.from({ length: 300 }, (_, i) => ({
        id: String(page * 300 + i), parentId: 'films', name: 'round ' + round + ' ' + (page * 300 + i), kind: 'file',
        size: i, modifiedAt: null, createdAt: null, hashes: {},
      })))
    }
    await recording.commit({ listedAtMs: round, missing: 0 })
    writeSync(1, round + '\\n')
  }
`

let folder: string
let child: ChildSource

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panport-crash-'))
  child = await bundleChildSource(recorder)
})
afterAll(async () => {
  await child.remove()
  await rm(folder, { recursive: true })
})

/** Lets the recorder run until it has shown `rounds` listings, kills it a moment later, and gives the last one. */
async function recordAndKill(path: string, from: number, rounds: number, momentMs: number): Promise<number> {
  const recording = spawn(process.execPath, [child.path, path, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(recording, 'exit')
  let shown = -1
  const lines = createInterface({ input: recording.stdout })
  for await (const line of lines) {
    shown = Number(line)
    // Real time on purpose: the kill must fall anywhere between two slices of the next listing.
    if (shown === from + rounds) void delay(momentMs).then(() => recording.kill('SIGKILL'))
  }
  await exited
  return shown
}

test('a process killed at any moment leaves the listing old or new, whole, and never loses one it showed', async () => {
  const path = join(folder, 'tree.db')
  let from = 0
  for (let kill = 0; kill < kills; kill++) {
    const shown = await recordAndKill(path, from, kill % 3, Math.random() * 30)
    expect(shown).toBeGreaterThanOrEqual(from)

    const tree = await openTree(path)
    const store = tree.forStorage(1)
    const remembered = await store.remembered(directory)
    const names = await namesIn(store, directory)
    const round = remembered?.listedAtMs ?? -1
    expect(round).toBeGreaterThanOrEqual(shown)
    expect(names).toEqual(Array.from({ length: 1200 }, (_, i) => `round ${round} ${i}`))
    await tree.sweep()
    await tree.close()
    expect(await countEntries(path)).toBe(1200)
    from = round + 1
  }
})

async function countEntries(path: string): Promise<number | undefined> {
  const database = await openSqlite({ path, synchronous: 'normal', busyTimeoutMs: 0 })
  const count = database.get<{ n: number }>('SELECT count(*) AS n FROM entry')?.n
  expect(database.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  database.close()
  return count
}

import { Buffer } from 'node:buffer'
import { Random } from '../state/random.ts'
import type { Seedling } from '../state/plant.ts'

/** The generated data sets by name. */
export type GeneratorName = keyof typeof SHAPES

interface Shape {
  readonly directories: number
  readonly files: number
}

// `tree-M` has the size of a published library of 115; the others are steps below and above it.
const SHAPES = {
  'flat-100': { directories: 0, files: 100 },
  'flat-1k': { directories: 0, files: 1000 },
  'flat-10k': { directories: 0, files: 10_000 },
  'flat-100k': { directories: 0, files: 100_000 },
  'tree-S': { directories: 200, files: 5000 },
  'tree-M': { directories: 13_562, files: 108_665 },
  'tree-L': { directories: 50_000, files: 1_000_000 },
} as const satisfies Record<string, Shape>

const DEFAULT_SEED = 'panport'
const MAX_DEPTH = 8
const MIN_NAME_BYTES = 40
// A name may end up to seven bytes behind where it was aimed at: 70 at most.
const NAME_BYTES_SPREAD = 24
const SYLLABLE_BYTES = 3
const EXTENSIONS = ['mkv', 'mp4', 'jpg', 'flac', 'pdf', 'srt', 'txt', 'zip', 'nfo', 'ass']
const SYLLABLES = '的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动'
const LATIN = 'the of night star river stone light house road green seven winter song film paper city'.split(
  ' ',
)
const AWKWARD = ['&', "'", '"', '<>', '#', '%41', '+', '?', ' ', '😀', '[]', '%']
const AWKWARD_SHARE = 0.02
// Files share contents, so that a hundred thousand of them need no more hashing than this many.
const CONTENTS = 2000
const FIRST_DATE_S = 1_400_000_000
const LAST_DATE_S = 1_760_000_000

/** Whether there is a data set of that name. */
export function isGeneratorName(name: string): name is GeneratorName {
  return Object.hasOwn(SHAPES, name)
}

/** The seedlings of a data set, made as they are read; the same seed gives the same names, times and contents. */
export function generate(name: GeneratorName, seed: string = DEFAULT_SEED): Iterable<Seedling> {
  return grow(SHAPES[name], new Random(`${seed} ${name}`))
}

/** So many files in one directory, without any below. */
export function generateFlat(files: number, seed: string = DEFAULT_SEED): Iterable<Seedling> {
  return grow({ directories: 0, files }, new Random(`${seed} flat ${files}`))
}

interface Branch {
  readonly depth: number
  readonly children: Branch[]
  files: number
}

function grow(shape: Shape, random: Random): Iterable<Seedling> {
  const root = planBranches(shape, random)
  return seedlingsOf(root, random)
}

/** Deep and uneven, as libraries are: each directory hangs below an earlier one, files fall where they fall. */
function planBranches(shape: Shape, random: Random): Branch {
  const root: Branch = { depth: 0, children: [], files: 0 }
  const branches = [root]
  for (let i = 0; i < shape.directories; i++) {
    const parent = pickShallow(branches, random)
    const branch: Branch = { depth: parent.depth + 1, children: [], files: 0 }
    parent.children.push(branch)
    branches.push(branch)
  }
  for (let i = 0; i < shape.files; i++) random.pick(branches).files++
  return root
}

function pickShallow(branches: readonly Branch[], random: Random): Branch {
  for (;;) {
    const branch = random.pick(branches)
    if (branch.depth < MAX_DEPTH) return branch
  }
}

function* seedlingsOf(branch: Branch, random: Random): Generator<Seedling> {
  for (const child of branch.children) {
    yield { name: nameEntry(random), modifiedAt: dateOf(random), children: seedlingsOf(child, random) }
  }
  let previous = ''
  for (let i = 0; i < branch.files; i++) {
    // Some names come twice, as 115 allows.
    const isTwin = previous !== '' && random.next() < AWKWARD_SHARE / 4
    const name = isTwin ? previous : nameFile(random)
    previous = name
    yield { name, modifiedAt: dateOf(random), ...contentOf(random.int(CONTENTS)) }
  }
}

/** Mostly small, some of a megabyte, a few of 64: what it costs to hash all of them stays under a second. */
function contentOf(index: number): { seed: string; size: number } {
  const seed = `content-${index}`
  if (index === 0) return { seed, size: 0 }
  if (index === 1) return { seed: 'large', size: 64 * 1024 * 1024 }
  if (index < 50) return { seed, size: 1024 * 1024 }
  return { seed, size: index % 10 === 0 ? 1024 : 1 + ((index * 7919) % 16_384) }
}

function nameFile(random: Random): string {
  return nameEntry(random, `.${random.pick(EXTENSIONS)}`)
}

/** A name that ends in `ending` and is of a length that libraries have. */
function nameEntry(random: Random, ending = ''): string {
  const target = MIN_NAME_BYTES + random.int(NAME_BYTES_SPREAD)
  const isChinese = random.next() < 0.5
  const awkward = random.next() < AWKWARD_SHARE ? random.pick(AWKWARD) : ''
  let name = `${isChinese ? '第' : 'Part '}${random.int(1_000_000)}${awkward}`
  let bytes = Buffer.byteLength(name + ending)
  while (bytes < target) {
    const piece = isChinese ? SYLLABLES.charAt(random.int(SYLLABLES.length)) : ` ${random.pick(LATIN)}`
    name += piece
    bytes += isChinese ? SYLLABLE_BYTES : piece.length
  }
  return name + ending
}

function dateOf(random: Random): number {
  return FIRST_DATE_S + random.int(LAST_DATE_S - FIRST_DATE_S)
}

// Who may import whom. Reads every import of src/ and sandbox/ and refuses an arrow that runs the wrong way.
// Each rule carries its reason; a rule that hurts is a question about the design, not something to go around.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** room -> rooms it may import; `types` may be imported as types only. `self` is always allowed. */
const rules = [
  { room: 'lib', may: [], why: 'context-free parts know nothing of ours' },
  { room: 'core', may: ['lib'], why: 'the vocabulary is pure' },
  { room: 'transport', may: ['core', 'lib'], why: 'sending knows no cloud' },
  {
    room: 'upstream/*',
    may: ['transport', 'core', 'lib'],
    why: 'a cloud knows no other cloud and no driver',
  },
  { room: 'drivers/*', may: ['upstream/=', 'core', 'lib'], why: 'a driver knows its own upstream only' },
  { room: 'drivers/index.ts', may: ['drivers/*', 'core', 'lib'], why: 'the registry lists the drivers' },
  { room: 'layers', may: ['core', 'lib'], why: 'a layer fits every driver' },
  { room: 'vfs', may: ['layers', 'core', 'lib'], why: 'drivers, stores and doors come to it from the app' },
  { room: 'settings', may: ['core', 'lib'], why: 'stores come to it from the app' },
  { room: 'auth', may: ['vfs', 'settings', 'core', 'lib'], why: 'stores come to it from the app' },
  { room: 'tasks', may: ['vfs', 'settings', 'core', 'lib'], why: 'stores come to it from the app' },
  {
    room: 'db',
    may: ['core', 'lib'],
    types: ['vfs', 'auth', 'tasks', 'settings'],
    why: 'stores implement ports and call nobody',
  },
  {
    room: 'doors/*',
    may: ['vfs', 'auth', 'settings', 'tasks', 'core', 'lib'],
    why: 'a door reaches clouds through the vfs alone and knows no other door',
  },
  { room: 'config.ts', may: ['core', 'lib'], why: 'configuration is plain values' },
  { room: 'sandbox', may: ['lib'], why: 'the emulator must be able to disagree with our client' },
]
/** Composition roots: they know every room, and nobody imports them but the entry. */
const roots = new Set(['main.ts', 'app.ts', 'server.ts', 'clouds.ts', 'demo.ts', 'administration.ts'])

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile() && item.name.endsWith('.ts') && !item.name.endsWith('.test.ts'))
    .map((item) => join(item.parentPath ?? item.path, item.name))
}

/** `src/upstream/pan115/client.ts` -> `upstream/pan115`; sandbox files are one room. */
function roomOf(file) {
  const [top, ...rest] = relative(root, file).split(sep)
  if (top === 'sandbox') return 'sandbox'
  if (top !== 'src') return null
  if (rest.length === 1) return rest[0]
  const isSplit = ['upstream', 'drivers', 'doors'].includes(rest[0])
  return isSplit ? `${rest[0]}/${rest[1]}` : rest[0]
}

const matches = (pattern, room) =>
  pattern === room ||
  (pattern.endsWith('/*') && room.startsWith(pattern.slice(0, -1)) && !room.endsWith('.ts'))

function ruleOf(room) {
  return rules.find((rule) => rule.room === room) ?? rules.find((rule) => matches(rule.room, room))
}

function importsOf(file) {
  const text = readFileSync(file, 'utf8')
  const { module, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  const of = (statement) => ({
    from: statement.moduleRequest.value,
    isType: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
  })
  return [
    ...module.staticImports.map(of),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      from: text.slice(start + 1, end - 1),
      isType: false,
    })),
    ...module.staticExports
      .filter((statement) => statement.entries.some((entry) => entry.moduleRequest))
      .map((statement) => ({
        from: statement.entries.find((entry) => entry.moduleRequest).moduleRequest.value,
        isType: statement.entries.every((entry) => entry.isType),
      })),
  ].filter(({ from }) => from.startsWith('.'))
}

const problems = []
const arrows = new Map()
for (const file of [...filesBelow('src'), ...filesBelow('sandbox')]) {
  const room = roomOf(file)
  const name = relative(root, file)
  for (const { from, isType } of importsOf(file)) {
    const target = resolve(dirname(file), from)
    const other = roomOf(target)
    if (!isType) arrows.set(name, [...(arrows.get(name) ?? []), relative(root, target)])
    if (other === null) {
      problems.push(
        `${name} imports ${from}: only *.test.ts may reach out of src and sandbox (we ship these)`,
      )
      continue
    }
    if (roots.has(room)) continue
    if (other === room) continue
    const rule = ruleOf(room)
    if (!rule) {
      problems.push(`${name} is in a room without a rule ("${room}")`)
      continue
    }
    const may = rule.may.map((each) => each.replace('=', room.split('/')[1] ?? ''))
    const mayType = rule.types ?? []
    if (may.some((each) => matches(each, other))) continue
    if (isType && mayType.some((each) => matches(each, other))) continue
    problems.push(`${name} imports ${relative(root, target)}: ${room} may not know ${other} (${rule.why})`)
  }
}

// Cycles by value: two files that need each other to load are one file in two halves.
const state = new Map()
function visit(file, trail) {
  if (state.get(file) === 'done') return
  if (state.get(file) === 'open') {
    problems.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`)
    return
  }
  state.set(file, 'open')
  for (const next of arrows.get(file) ?? []) visit(next, [...trail, file])
  state.set(file, 'done')
}
for (const file of arrows.keys()) visit(file, [])

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n\n${problems.length} import(s) against the house\n`)
  process.exit(1)
}
process.stdout.write('imports: every arrow runs down\n')

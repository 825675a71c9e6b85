// Writes the options of every driver into its page, docs/drivers/<driver>.md, between two marks; what people
// wrote around them stays. With --check nothing is written and a page that is stale fails.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const begin = '<!-- generated: options -->'
const end = '<!-- /generated -->'

/** The registry of drivers. Node 20 reads no TypeScript, so it is bundled first. */
async function loadDefinitions() {
  const folder = mkdtempSync(join(tmpdir(), 'panport-driver-docs-'))
  try {
    const outfile = join(folder, 'drivers.mjs')
    await build({
      entryPoints: [join(root, 'src/drivers/index.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'error',
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    })
    const { driverDefinitions } = await import(pathToFileURL(outfile).href)
    return driverDefinitions
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function pageOf(definition) {
  const name = definition.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return join(root, 'docs/drivers', `${name}.md`)
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function typeOf(option) {
  if (option.type === 'select') return option.choices.map((choice) => `\`${choice}\``).join(', ')
  if (option.type === 'number') return `${option.integer ? 'integer' : 'number'} ${option.min}…${option.max}`
  return option.type
}

function rowOf(option) {
  const marks = [option.required ? '必填 required' : '', option.secret ? '机密 secret' : ''].filter(Boolean)
  const value = option.default === '' ? '' : `\`${option.default}\``
  const cells = [
    `\`${option.name}\``,
    typeOf(option),
    value,
    marks.join(', '),
    option.help.zh,
    option.help.en,
  ]
  return `| ${cells.map(cell).join(' | ')} |`
}

function sectionOf(definition) {
  return [
    begin,
    '',
    `- 名称 Name: \`${definition.name}\``,
    `- 根目录选项 Root option: ${definition.rootOption === null ? '-' : `\`${definition.rootOption}\``}`,
    `- 直链 Links: ${definition.mustProxy ? '只能经由网关 only through the gateway' : '可以 302 给客户端 may be given to clients as a 302'}`,
    '',
    '| 选项 option | 类型 type | 默认 default | | 说明 | meaning |',
    '|---|---|---|---|---|---|',
    ...definition.options.map(rowOf),
    '',
    end,
  ].join('\n')
}

/** The page with a fresh section. Throws when the page or its marks are missing: a driver needs its page. */
function refresh(page, section) {
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from === -1 || to < from) throw new Error(`${relative(root, page)} has no "${begin}" … "${end}"`)
  return { text, fresh: text.slice(0, from) + section + text.slice(to + end.length) }
}

const isCheck = process.argv.includes('--check')
const stale = []
for (const definition of await loadDefinitions()) {
  const page = pageOf(definition)
  const { text, fresh } = refresh(page, sectionOf(definition))
  if (text === fresh) continue
  stale.push(relative(root, page))
  if (!isCheck) writeFileSync(page, fresh)
}
for (const page of stale) process.stdout.write(`${isCheck ? 'stale' : 'written'}: ${page}\n`)
if (isCheck && stale.length > 0) {
  process.stderr.write('driver docs are stale: run "node scripts/driver-docs.mjs"\n')
  process.exit(1)
}
if (stale.length === 0) process.stdout.write('driver docs: up to date\n')

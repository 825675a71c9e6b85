// The one way in from a fresh clone: installs and builds what is missing or stale, then runs the command.
// Usage: node scripts/run.mjs demo|panport|test|check [arguments]
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [command, ...args] = process.argv.slice(2)

const inRoot = (path) => join(root, path)
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function stop(code, message) {
  process.stderr.write(`panport: ${message}\n`)
  process.exit(code)
}

/** What an older Node says about our syntax helps nobody. */
function ensureNode() {
  const { engines } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
  const [major, minor] = /(\d+)\.(\d+)/.exec(engines.node).slice(1).map(Number)
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return
  stop(
    1,
    `Node.js is ${process.versions.node} and must be ${major}.${minor} or newer: see https://nodejs.org`,
  )
}

function newest(folder) {
  let latest = 0
  for (const item of readdirSync(inRoot(folder), { withFileTypes: true, recursive: true })) {
    if (!item.isFile() || item.name.endsWith('.test.ts')) continue
    latest = Math.max(latest, modified(join(item.parentPath ?? item.path, item.name)))
  }
  return latest
}

/** Runs a program of JavaScript to its end. Without a shell, so that paths may hold spaces everywhere. */
function run(script, scriptArgs) {
  const result = spawnSync(process.execPath, [inRoot(script), ...scriptArgs], { cwd: root, stdio: 'inherit' })
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** npm as it was started, if it was; by its name otherwise, which is a script of the shell on Windows. */
function npm(npmArgs) {
  // npm's own chatter goes to stderr, so that the command's stdout stays its own.
  const options = { cwd: root, stdio: ['ignore', 2, 2] }
  const own = process.env.npm_execpath
  if (own?.endsWith('npm-cli.js')) return spawnSync(process.execPath, [own, ...npmArgs], options)
  return spawnSync('npm', npmArgs, { ...options, shell: process.platform === 'win32' })
}

function ensureInstalled() {
  if (modified(inRoot('node_modules/.package-lock.json')) >= modified(inRoot('package-lock.json'))) return
  process.stderr.write('panport: installing packages (npm ci), once ...\n')
  // Building needs what NODE_ENV=production would leave out.
  const { error, status } = npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (error) stop(1, `npm does not start (${error.message}): install npm, which comes with Node.js`)
  if (status !== 0) {
    stop(
      status ?? 1,
      'npm ci failed, see above; if the registry cannot be reached, choose a mirror with "npm config set registry ADDRESS"',
    )
  }
}

function ensureBuilt() {
  const sources = ['package-lock.json', 'scripts/build.mjs'].map((file) => modified(inRoot(file)))
  if (modified(entry) > Math.max(newest('src'), newest('sandbox'), ...sources)) return
  process.stderr.write('panport: building ...\n')
  run('scripts/build.mjs', [])
}

/** Runs in the foreground, hands signals on, and exits with the same code. */
function become(program, programArgs, cwd = process.cwd()) {
  const child = spawn(process.execPath, [program, ...programArgs], { cwd, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // npm gives a signal to the shell between us, which dies of it and tells nobody: being orphaned is the sign.
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref()
  }
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)))
}

const entry = inRoot('dist/panport.js')
const vitest = 'node_modules/vitest/vitest.mjs'

ensureNode()
switch (command) {
  case 'demo':
    ensureInstalled()
    ensureBuilt()
    become(entry, ['demo', ...args])
    break
  case 'panport':
    ensureInstalled()
    ensureBuilt()
    become(entry, args)
    break
  case 'test':
    ensureInstalled()
    ensureBuilt()
    become(inRoot(vitest), ['run', ...args], root)
    break
  case 'check': {
    ensureInstalled()
    const tsc = 'node_modules/typescript/bin/tsc'
    run(tsc, ['-p', 'tsconfig.json'])
    run(tsc, ['-p', 'tsconfig.test.json'])
    const folders = ['src', 'sandbox', 'test', 'scripts', 'bench']
    run('node_modules/oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', ...folders])
    run('node_modules/@biomejs/biome/bin/biome', ['format', '.'])
    run('scripts/check-imports.mjs', [])
    run('node_modules/knip/bin/knip.js', [])
    run('scripts/driver-docs.mjs', ['--check'])
    // CI has run the tests already, with every third-party client.
    if (args.includes('--no-tests')) break
    ensureBuilt()
    run(vitest, ['run'])
    break
  }
  default:
    process.stderr.write('usage: npm run demo | npm test | npm run check | npm run panport -- COMMAND\n')
    process.exit(2)
}

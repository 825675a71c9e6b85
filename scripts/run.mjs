// The one way in from a fresh clone: installs and builds what is missing or stale, then runs the command.
// Usage: node scripts/run.mjs demo|panport|test|check [arguments]
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [command, ...args] = process.argv.slice(2)

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newest(folder) {
  let latest = 0
  for (const item of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
    if (!item.isFile() || item.name.endsWith('.test.ts')) continue
    latest = Math.max(latest, modified(join(item.parentPath ?? item.path, item.name)))
  }
  return latest
}

function run(program, programArgs) {
  const result = spawnSync(program, programArgs, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function ensureInstalled() {
  if (modified(join(root, 'node_modules/.package-lock.json')) >= modified(join(root, 'package-lock.json')))
    return
  process.stderr.write('panport: installing packages (npm ci), once ...\n')
  // npm's own chatter goes to stderr, so that the command's stdout stays its own.
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    process.stderr.write('panport: npm ci failed; is the npm registry reachable?\n')
    process.exit(result.status ?? 1)
  }
}

function ensureBuilt() {
  const built = modified(join(root, 'dist/panport.js'))
  const sources = Math.max(newest('src'), newest('sandbox'), modified(join(root, 'package-lock.json')))
  if (built > sources) return
  process.stderr.write('panport: building ...\n')
  run(process.execPath, [join(root, 'scripts/build.mjs')])
}

/** Runs in the foreground, hands signals on, and exits with the same code. */
function become(program, programArgs) {
  const child = spawn(program, programArgs, { cwd: process.cwd(), stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // npm gives a signal to the shell between us, which dies of it and tells nobody: being orphaned is the sign.
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref()
  }
  child.on('exit', (code, signal) => process.exit(signal ? 128 : (code ?? 1)))
}

const bin = (name) => join(root, 'node_modules', '.bin', name)
const entry = join(root, 'dist/panport.js')

ensureInstalled()
switch (command) {
  case 'demo':
    ensureBuilt()
    become(process.execPath, [entry, 'demo', ...args])
    break
  case 'panport':
    ensureBuilt()
    become(process.execPath, [entry, ...args])
    break
  case 'test':
    ensureBuilt()
    become(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args])
    break
  case 'check': {
    run(bin('tsc'), ['-p', 'tsconfig.json'])
    run(bin('tsc'), ['-p', 'tsconfig.test.json'])
    run(bin('oxlint'), ['--type-aware', '--deny-warnings', 'src', 'sandbox', 'test', 'scripts', 'bench'])
    run(bin('biome'), ['format', '.'])
    run(process.execPath, [join(root, 'scripts/check-imports.mjs')])
    run(bin('knip'), [])
    run(process.execPath, [join(root, 'scripts/driver-docs.mjs'), '--check'])
    // CI has run the tests already, with every third-party client.
    if (args.includes('--no-tests')) break
    ensureBuilt()
    run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'])
    break
  }
  default:
    process.stderr.write('usage: npm run demo | npm test | npm run check | npm run panport -- COMMAND\n')
    process.exit(2)
}

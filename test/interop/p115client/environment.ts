import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)

const MINOR_NEEDED = 12
const ASK_TIMEOUT_MS = 30_000
const INSTALL_TIMEOUT_MS = 280_000

/**
 * A Python that has what requirements.txt of `folder` names; its path. Kept in a temporary folder named after that file
 * and used again. Throws Error when there is no Python new enough, or when the packages cannot be had.
 */
export async function prepareEnvironment(folder: string): Promise<string> {
  const requirements = join(folder, 'requirements.txt')
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 16)
  const target = join(tmpdir(), `panport-p115client-${hash}`)
  if (await works(pythonOf(target))) return pythonOf(target)
  await rm(target, { recursive: true, force: true })
  const unfinished = `${target}-${process.pid}`
  try {
    await install(await findPython(), unfinished, requirements)
    // An environment may be moved as long as it is started by its interpreter; so a whole one appears at once.
    await rename(unfinished, target)
  } catch (error) {
    // Somebody else may have been faster.
    if (!(await works(pythonOf(target)))) throw error
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return pythonOf(target)
}

async function install(python: string, target: string, requirements: string): Promise<void> {
  await run(python, ['-m', 'venv', target], { timeout: INSTALL_TIMEOUT_MS })
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1']
  const args = ['-m', 'pip', 'install', ...quietly, '--no-deps', '--requirement', requirements]
  await run(pythonOf(target), args, { timeout: INSTALL_TIMEOUT_MS })
}

async function findPython(): Promise<string> {
  for (const candidate of ['python3.13', 'python3.12', 'python3', ...(await pythonsOfPyenv())]) {
    if (await isNewEnough(candidate)) return candidate
  }
  throw new Error(`no Python of version 3.${MINOR_NEEDED} or newer`)
}

async function pythonsOfPyenv(): Promise<string[]> {
  const versions = join(homedir(), '.pyenv/versions')
  const names = await readdir(versions).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .filter((name) => /^3\.(?:1[2-9]|[2-9]\d)/.test(name))
    .map((name) => join(versions, name, 'bin/python3'))
}

/** A name on the path may be pyenv's, which starts nothing unless that version is chosen: only running it tells. */
function isNewEnough(python: string): Promise<boolean> {
  return succeeds(python, `import sys, venv; sys.exit(sys.version_info < (3, ${MINOR_NEEDED}))`)
}

function works(python: string): Promise<boolean> {
  return succeeds(python, 'import p115client')
}

async function succeeds(python: string, code: string): Promise<boolean> {
  try {
    await run(python, ['-c', code], { timeout: ASK_TIMEOUT_MS })
    return true
  } catch {
    // Not there, too old, or unfinished: all of it means no.
    return false
  }
}

function pythonOf(environment: string): string {
  return join(environment, 'bin/python')
}

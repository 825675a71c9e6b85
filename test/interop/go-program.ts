import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireClient } from '../support/clients.ts'

const PREPARE_TIMEOUT_MS = 120_000

/** A Go program built for one test file. */
export interface GoProgram {
  readonly path: string
  remove(): Promise<void>
}

/** Whether Go is here and the modules of the program in `folder` can be had; says why not, or throws (see clients). */
export function canBuild(folder: string): boolean {
  return requireClient('go', () => {
    for (const args of [['version'], ['mod', 'download']]) {
      const result = spawnSync('go', args, { cwd: folder, encoding: 'utf8', timeout: PREPARE_TIMEOUT_MS })
      if (result.error) throw result.error
      if (result.status !== 0) throw new Error(`go ${args.join(' ')} says: ${result.stderr.trim()}`)
    }
    return true
  })
}

/** Builds the program in `folder` into a temporary folder, as its go.sum has it. */
export async function buildProgram(folder: string): Promise<GoProgram> {
  const target = await mkdtemp(join(tmpdir(), 'panport-interop-'))
  const path = join(target, 'program')
  await promisify(execFile)('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', path, '.'], {
    cwd: folder,
  })
  return { path, remove: () => rm(target, { recursive: true }) }
}

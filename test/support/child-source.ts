// Runs a piece of our source in a process of its own: what a crash leaves behind is only known after one.
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '../..')

export interface ChildSource {
  /** A file that `node` runs. */
  readonly path: string
  remove(): Promise<void>
}

/** Bundles `script`, a module whose imports start at the project's folder (`./src/...`). */
export async function bundleChildSource(script: string): Promise<ChildSource> {
  const folder = await mkdtemp(join(tmpdir(), 'panport-child-'))
  const path = join(folder, 'child.mjs')
  const sqlite = pathToFileURL(createRequire(import.meta.url).resolve('@photostructure/sqlite')).href
  await build({
    stdin: { contents: script, resolveDir: projectFolder, loader: 'ts', sourcefile: 'child.ts' },
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    // The native package stays where it is; a file in a temporary folder could not find it by its name.
    plugins: [
      {
        name: 'native-package',
        setup: (builder) =>
          builder.onResolve({ filter: /^@photostructure\/sqlite$/ }, () => ({
            path: sqlite,
            external: true,
          })),
      },
    ],
  })
  return { path, remove: () => rm(folder, { recursive: true }) }
}

// Bundles the server (with the sandbox inside) into one file that runs on Node 20, 22 and 24.
import { build } from 'esbuild'

await build({
  entryPoints: { panport: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Native packages stay outside; node:sqlite is absent on Node 20 and chosen at run time.
  external: ['@node-rs/argon2', '@photostructure/sqlite', 'node:sqlite'],
  // Bundled CommonJS dependencies call require(); an ES module has none of its own.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})

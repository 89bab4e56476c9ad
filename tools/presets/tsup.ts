import { readFileSync } from 'node:fs'
import type { Options } from 'tsup'

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * The one way a package is built: JavaScript only, ESM, an entry for each sub-path of `exports` and each command of `bin`.
 * Declarations come from `tsc --emitDeclarationOnly`, because tsup's own need TypeScript's old compiler API.
 */
export function packagePreset(packageFolder: string): Options {
  const manifest = JSON.parse(readFileSync(`${packageFolder}/package.json`, 'utf8')) as Manifest
  return {
    entry: entries(manifest),
    // tsup leaves out the other kinds of dependencies by itself; these it would pack into ours, binaries and all.
    external: Object.keys(manifest.optionalDependencies ?? {}),
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    clean: true,
    silent: true,
    dts: false,
  }
}

/** @returns output name -> source: `./src/testing/index.ts` becomes `dist/testing/index.js` */
function entries(manifest: Manifest): Record<string, string> {
  const exported = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'object' && target['@hotspare/source'] !== undefined ? [target['@hotspare/source']] : [],
  )
  const commands = Object.values(manifest.bin ?? {}).map((output) => output.replace('./dist/', './src/').replace(/\.js$/, '.ts'))
  return Object.fromEntries([...exported, ...commands].map((source) => [source.replace(/^\.\/src\//, '').replace(/\.ts$/, ''), source]))
}

import { readFileSync } from 'node:fs'
import type { Options } from 'tsup'

interface Manifest {
  readonly exports: Record<string, string | Record<string, string>>
}

/**
 * The one way a package is built: JavaScript only, ESM, an entry for each sub-path of `exports`.
 * Declarations come from `tsc --emitDeclarationOnly`, because tsup's own need TypeScript's old compiler API.
 */
export function packagePreset(packageFolder: string): Options {
  const manifest = JSON.parse(readFileSync(`${packageFolder}/package.json`, 'utf8')) as Manifest
  const sources = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'object' ? [target['@hotspare/source'] ?? []].flat() : [],
  )
  return {
    entry: Object.fromEntries(sources.map((source) => [source.replace(/^\.\/src\//, '').replace(/\.ts$/, ''), source])),
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    clean: true,
    dts: false,
  }
}

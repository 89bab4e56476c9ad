import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** @returns the version of an npm package that is installed for the bench; undefined where it is not */
export function packageVersion(name: string): string | undefined {
  try {
    const file = findPackageJSON(name, import.meta.url)
    const manifest = file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string })
    return manifest?.version
  } catch {
    return undefined
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of a package.json that the gates look at. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
}

export interface WorkspacePackage {
  readonly folder: string
  readonly manifest: Manifest
}

/** Every package of the workspace, in the order of its path. */
export function readPackages(root: string): readonly WorkspacePackage[] {
  const folders = ['packages', 'apps', 'tools'].flatMap((group) => {
    const parent = join(root, group)
    return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : []
  })
  return [...folders, join(root, 'docs')]
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .toSorted()
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest }))
}

/** The packages that are published. */
export function publishablePackages(root: string): readonly WorkspacePackage[] {
  return readPackages(root).filter(({ manifest }) => manifest.private !== true)
}

/** @returns each importable name (`@hotspare/alert/smtp`) with its declarations (`dist/smtp.d.ts`) */
export function entryPoints({ name, exports = {} }: Manifest): readonly { readonly specifier: string; readonly types: string }[] {
  return Object.entries(exports).flatMap(([subPath, target]) => {
    const types = typeof target === 'object' ? target['types'] : undefined
    return types === undefined ? [] : [{ specifier: name + subPath.slice(1), types }]
  })
}

import { join } from 'node:path'
import { root, toolchain } from '../root.ts'
import { publishablePackages, type Manifest } from '../workspace.ts'

export interface Tarball {
  readonly manifest: Manifest
  /** Where the package's sources are. */
  readonly folder: string
  readonly path: string
}

/** Where `pack` leaves its results for the gates after it. */
export const packedFolder: string = join(toolchain, 'packed')

/** The tarball of each published package, named as `pnpm pack` names it. */
export function tarballs(): readonly Tarball[] {
  return publishablePackages(root).map(({ folder, manifest }) => ({
    folder,
    manifest,
    path: join(packedFolder, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`),
  }))
}

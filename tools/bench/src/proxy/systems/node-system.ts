import { packageVersion } from '../../package-version.ts'
import type { InstalledSystem, SystemUnderTest } from '../system.ts'

export interface NodeSystemOptions {
  readonly name: string
  readonly setup: string
  /** The npm package that it stands for. */
  readonly package: string
  /** The script that serves; it is given the port and the two origin ports. */
  readonly script: string
}

/** A proxy written for Node: a script of this folder's neighbour, run by the same Node as the bench. */
export function nodeSystem(options: NodeSystemOptions): SystemUnderTest {
  const { name, setup, script } = options
  return {
    name,
    setup,
    install: `pnpm install (the package ${options.package})`,
    find: () => Promise.resolve(installed(options.package, script)),
  }
}

function installed(packageName: string, script: string): InstalledSystem | undefined {
  const version = packageVersion(packageName)
  if (version === undefined) return undefined
  return {
    version,
    launch: ({ port, originPorts }) => ({
      files: {},
      program: process.execPath,
      arguments: ['--conditions=@hotspare/source', script, `${port}`, ...originPorts.map(String)],
    }),
  }
}

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, nodeBinary, nodePackageName, npmCommand, quietInstall, withoutHosts } from '@hotspare/bootstrap/npm'
import { toolchain } from '../root.ts'
import { runCommand } from '../run-command.ts'

/** The floor of `engines`, and the newest of each line above it that is kept alive. */
const NODE_VERSIONS = ['22.19.0', '24.21.0', '26.10.0'] as const

export interface InstalledNode {
  readonly version: string
  readonly binary: string
}

/** Brings the Nodes that are missing into .toolchain/nodes; a second call only asks each for its version. */
export async function installNodes(signal: AbortSignal): Promise<readonly InstalledNode[]> {
  const nodes: InstalledNode[] = []
  for (const version of NODE_VERSIONS) {
    const folder = join(toolchain, 'nodes', version)
    const binary = nodeBinary(join(folder, 'node_modules', nodePackageName()))
    if (!(await answers(binary, version))) await install(folder, `${nodePackageName()}@${version}`, signal)
    if (!(await answers(binary, version))) throw new Error(`${binary} does not run here`)
    nodes.push({ version, binary })
  }
  return nodes
}

async function answers(binary: string, version: string): Promise<boolean> {
  return existsSync(binary) && (await runCommand([binary, '--version'], { timeoutMs: 10_000 })).output === `v${version}`
}

async function install(folder: string, wanted: string, signal: AbortSignal): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const result = await runCommand(
    [
      ...npmCommand(),
      ...quietInstall(join(toolchain, 'npm-cache')),
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      '--force',
      wanted,
    ],
    { cwd: folder, env: cleanEnvironment(), signal },
  )
  if (!result.ok) throw new Error(`npm could not install ${wanted}: it ${result.reason}\n${withoutHosts(result.output)}`)
}

import type { DeviceProbe } from '@hotspare/fence'
import { fenceLevelsOf } from '../cluster/fencing/devices.ts'
import { peopleFile, setWord } from '../cluster/people-files.ts'
import type { ClusterConfig, Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { suggestion } from '../config/suggest.ts'
import { redactedJson } from '../redacted.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson, printLine, usageError } from './context.ts'

export interface FenceOptions {
  readonly config: string
  readonly because?: string | undefined
  readonly json?: boolean | undefined
}

/**
 * `hotspare fence status [NODE]` asks every device, and switches nothing; it fails where one could not be used.
 * `hotspare fence confirm NODE` is people's word that a node is off, by a file in the state folder.
 */
export async function fence(
  action: 'status' | 'confirm',
  node: string | undefined,
  options: FenceOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { env, hostname, signal } = context
  const { config, redactor } = await loadConfig(options.config, { env, hostname, signal })
  const { cluster } = config
  if (!cluster) throw usageError(`${options.config} has no cluster: there is nobody to fence`)
  const names = cluster.nodes.map(({ name }) => name)
  if (node !== undefined && !names.includes(node)) throw usageError(`there is no node "${node}"; ${suggestion(node, names, 'nodes')}`)
  if (action === 'confirm') return await confirm(config, cluster, node, options, context)

  const probes = await probesOf(config, node === undefined ? names : [node], signal)
  // The last door: what an agent has written may hold what a file has kept secret.
  const shown: readonly NodeProbe[] = JSON.parse(redactedJson(probes, redactor))
  if (options.json) printJson(context, shown)
  else printLine(context, shown.flatMap(formatNode).join('\n'))
  return shown.every(({ devices }) => devices.every(({ monitor }) => monitor.ok)) ? exitCodes.done : exitCodes.failed
}

interface NodeProbe {
  readonly node: string
  readonly devices: readonly DeviceProbe[]
}

async function probesOf({ fencing }: Config, nodes: readonly string[], signal: AbortSignal): Promise<readonly NodeProbe[]> {
  return await Promise.all(nodes.map(async (node) => ({ node, devices: (await fenceLevelsOf(fencing, node)?.probe({ signal })) ?? [] })))
}

function formatNode({ node, devices }: NodeProbe): string[] {
  if (devices.length === 0) return [`${node}: no device`]
  return devices.map(({ level, device, monitor, power }) => {
    const usable = monitor.ok ? 'can be used' : `CANNOT BE USED: ${monitor.because}`
    return `${node}, level ${level}, ${device}: ${usable}; the power is ${power.state}: ${power.because}`
  })
}

async function confirm(
  { node: own, services }: Config,
  { state }: ClusterConfig,
  node: string | undefined,
  { because = '', json }: FenceOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (node === undefined) throw usageError('which node is off? hotspare fence confirm NODE --because "how you know"')
  if (node === own) throw usageError(`${node} is this node: it is not off`)
  if (because.trim() === '')
    throw usageError('how do you know that it is off? --because "I have pulled both cables"; two holders may follow if it is not')
  if (services.every(({ fencing }) => fencing === undefined)) throw usageError('no service of the file asks for fencing')
  const file = peopleFile(state, `fenced.${node}`)
  await setWord(state, `fenced.${node}`, because.trim())
  if (json) printJson(context, { node, because: because.trim(), file })
  else printLine(context, `${node} counts as off on ${own}, until it is heard: ${because.trim()} (${file})`)
  return exitCodes.done
}

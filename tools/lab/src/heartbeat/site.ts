import { resolve } from 'node:path'
import type { HeartbeatSettings, HeartbeatSnapshot } from '@hotspare/heartbeat'
import { type Machine, type RunningProgram, until } from '../network.ts'
import type { NodeOptions } from './node.process.ts'

const PORT = 7401
const SECRETS = [{ id: 1, secret: 'a secret of this laboratory' }]

/** An event as a node printed it. */
export interface PrintedEvent {
  readonly type: string
  /** Milliseconds since the Unix epoch; all machines of the lab have one clock. */
  readonly at: number
  readonly peer?: string
  readonly because?: string
}

export interface Node {
  readonly program: RunningProgram
  events(): readonly PrintedEvent[]
  /** The last that it printed. */
  snapshot(): HeartbeatSnapshot | undefined
}

export interface SiteOptions extends Partial<Pick<HeartbeatSettings, 'intervalMs' | 'detector'>> {
  readonly channel?: boolean | undefined
  readonly ownProcess?: boolean | undefined
}

/** Starts a node on a machine, with all others as its peers. */
export function startNode(machine: Machine, others: readonly Machine[], { channel, ownProcess, ...settings }: SiteOptions = {}): Node {
  const options: NodeOptions = {
    settings: {
      node: machine.name,
      listen: [`${machine.address}:${PORT}`],
      peers: others.map(({ name, address }) => ({ name, paths: [{ address: `${address}:${PORT}` }] })),
      secrets: SECRETS,
      ...settings,
    },
    channel: channel
      ? { host: machine.address, port: PORT, peers: others.map(({ name, address }) => ({ name, address: `${address}:${PORT}` })) }
      : undefined,
    ownProcess,
  }
  const script = resolve(import.meta.dirname, 'node.process.ts')
  const program = machine.run(process.execPath, ['--conditions=@hotspare/source', script, JSON.stringify(options)])
  const printed = () =>
    program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as PrintedEvent & { readonly snapshot?: HeartbeatSnapshot })
  return {
    program,
    events: () => printed().filter(({ type }) => type !== 'snapshot'),
    snapshot: () => printed().findLast(({ snapshot }) => snapshot)?.snapshot,
  }
}

/** Waits until each of the nodes has seen all its peers up. */
export async function allUp(...nodes: readonly Node[]): Promise<void> {
  const isUp = (node: Node) => {
    const last = new Map(node.events().flatMap(({ type, peer }) => (peer && type.startsWith('peer-') ? [[peer, type]] : [])))
    const peers = node.snapshot()?.peers ?? []
    return peers.length > 0 && peers.every(({ name }) => last.has(name)) && node.events().some(({ type }) => type === 'peer-up')
  }
  await until(() => nodes.every(isUp), `every peer is up: ${nodes.map(({ program }) => program.output()).join('\n')}`)
}

/** What a node has said against its peers: convictions, and degraded paths. */
export function convictions(node: Node): readonly PrintedEvent[] {
  return node.events().filter(({ type }) => type === 'peer-down' || type === 'peer-degraded')
}

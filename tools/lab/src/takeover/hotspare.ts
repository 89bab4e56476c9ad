import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sleep } from '@hotspare/core'
import { startStore } from '../lock-set/stores.ts'
import type { Store } from '../lock-set/client.process.ts'
import { type Machine, type RunningProgram, until } from '../network.ts'
import type { FailoverSystem } from './scenario.ts'
import { type NodeName, nodeNames, SERVICE_PORT, type Site, VIP } from './site.ts'

const cli = resolve(import.meta.dirname, '../../../../apps/hotspare/src/cli.ts')
const PEER_PORT = 7401
/** What systemd waits before it starts a unit again that has died (`RestartSec`). */
const RESTART_MS = 100

export interface HotspareSetup {
  readonly policy: 'keep' | 'release'
  readonly arbiter: Store['type'] | 'none'
  readonly ttlMs?: number | undefined
  /** The silence that convicts a peer. Default: 1,500 */
  readonly heartbeatTimeoutMs?: number | undefined
  /** Of the service's check, which has a timeout as long. Default: 200 */
  readonly checkIntervalMs?: number | undefined
}

/** The real daemon on both nodes, with a real arbiter beside them. */
export interface Hotspare extends FailoverSystem {
  /** Starts it on a node; `asItIs` leaves the node's file as somebody has changed it. */
  startNode(site: Site, node: NodeName, options?: { readonly asItIs?: boolean }): Promise<void>
  /** Runs `hotspare` on a node, and resolves with what it has printed. */
  cli(node: NodeName, ...parameters: readonly string[]): Promise<string>
  /** Everything that the daemon on a node has logged since it was last started. */
  log(node: NodeName): string
  /** The file of a node. */
  file(node: NodeName): string
}

export function createHotspare(setup: HotspareSetup): Hotspare {
  const { policy, arbiter, ttlMs = 1_000 } = setup
  const programs = new Map<NodeName, RunningProgram>()
  let running: Site | undefined
  let store: Store | undefined

  const siteOf = () => {
    if (!running) throw new Error('it was not started')
    return running
  }
  const file = (node: NodeName) => join(siteOf().machines[node].folder, 'hotspare.yaml')
  const programOf = (node: NodeName) => {
    const program = programs.get(node)
    if (program?.child.pid === undefined) throw new Error(`hotspare does not run on ${node}`)
    return { ...program, pid: program.child.pid }
  }

  const system: Hotspare = {
    name: `hotspare, ${policy}, arbiter ${arbiter}${arbiter === 'none' ? '' : ` with a ttl of ${ttlMs} ms`}`,
    // A node that is back hears its peers, and waits for them, for two seconds.
    unrestMs: 2_500 + ttlMs,
    async start(site) {
      running = site
      if (arbiter !== 'none') store = (await startStore(arbiter, site.machines.arbiter)).store
      for (const node of nodeNames) await system.startNode(site, node)
    },
    async startNode({ machines }, node, { asItIs = false } = {}) {
      const machine = machines[node]
      if (!asItIs) writeFileSync(file(node), configuration(siteOf(), node, { ...setup, ttlMs }, store))
      const program = hotspare(machine, 'run', '-c', file(node))
      programs.set(node, program)
      await until(
        () => program.output().includes('"type":"daemon-ready"'),
        () => `hotspare runs on ${node}: ${program.output()}`,
      )
    },
    async switchover(to) {
      const answer = await system.cli(to, 'switchover', 'site', '--to', to)
      if (!answer.includes('\ndone: ')) throw new Error(`the switchover failed: ${answer}`)
    },
    signal(node, part, signal) {
      const { pid } = programOf(node)
      if (part === 'all') return void process.kill(-pid, signal)
      process.kill(part === 'guard' ? pid : controlOf(pid), signal)
      // What systemd does for a guard; what the guard does for control, it does itself.
      if (part === 'guard' && signal === 'SIGKILL') void sleep(RESTART_MS).then(() => system.startNode(siteOf(), node))
    },
    async stop(node) {
      programOf(node).child.kill('SIGTERM')
      await programOf(node).ended
    },
    cli: (node, ...parameters) => hotspare(siteOf().machines[node], ...parameters).ended,
    log: (node) => programs.get(node)?.output() ?? '',
    file,
  }
  return system
}

function hotspare(machine: Machine, ...parameters: readonly string[]): RunningProgram {
  return machine.run(process.execPath, ['--conditions=@hotspare/source', cli, ...parameters])
}

/** The control among the children of a guard. */
function controlOf(guard: number): number {
  const children = readFileSync(`/proc/${guard}/task/${guard}/children`, 'latin1').trim().split(' ')
  const control = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('hotspare control'))
  if (control === undefined) throw new Error(`process ${guard} has no control`)
  return Number(control)
}

function configuration(
  { machines }: Site,
  node: NodeName,
  setup: HotspareSetup & { readonly ttlMs: number },
  store: Store | undefined,
): string {
  const { policy, ttlMs, heartbeatTimeoutMs = 1_500, checkIntervalMs = 200 } = setup
  const nodes = nodeNames.map((name) => `${name}: { peer: "${machines[name].address}:${PEER_PORT}" }`).join(', ')
  return `node: ${node}
log: { format: json }
cluster:
  nodes: { ${nodes} }
  secret: a secret of this laboratory
  heartbeat: { interval: 100ms, timeout: ${heartbeatTimeoutMs}ms }
  arbiter: ${arbiterOf(store, ttlMs)}
  state: ${join(machines[node].folder, 'state')}
services:
  site:
    members: [${nodeNames.join(', ')}]
    onControlLoss: ${policy}
    check: { type: http, url: "http://127.0.0.1:${SERVICE_PORT}/healthz", interval: ${checkIntervalMs}ms, timeout: ${checkIntervalMs}ms, fall: 2, rise: 2 }
    resources: [ { type: vip, address: ${VIP}/32, interface: eth0 } ]
    maxFailoversPerHour: 100
`
}

function arbiterOf(store: Store | undefined, ttlMs: number): string {
  if (!store) return '{ type: none, acceptSplitBrain: true }'
  const ttl = `ttl: ${ttlMs}ms`
  switch (store.type) {
    case 'etcd':
      return `{ type: etcd, endpoints: [ ${store.endpoints.map((each) => `"${each}"`).join(', ')} ], ${ttl} }`
    case 'postgres':
      return `{ type: postgres, connection: "${store.connection}", ${ttl} }`
    case 'witness':
      return `{ type: witness, url: "${store.url}", secret: { id: 1, secret: "${store.secret}" }, ${ttl} }`
  }
}

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { HOTSPARE_CLI } from '../hotspare-cli.ts'
import type { Store } from '../lock-set/client.process.ts'
import { startStore } from '../lock-set/stores.ts'
import { type RunningProgram, until } from '../network.ts'
import { type EtcdCluster, startEtcdCluster } from './etcd-cluster.ts'
import { hotspareFile, type HotspareSetup } from './hotspare-file.ts'
import { descendantsOf } from './processes.ts'
import type { FailoverSystem } from './scenario.ts'
import { type NodeName, nodeNames, type Site } from './site.ts'

/** As the unit that the guide shows has it: ahead of all that is busy, so that renewals are in time; its children are not. */
const REAL_TIME = ['chrt', '--rr', '--reset-on-fork', '1'] as const
/** Where this machine permits no real-time class: as far as that goes. */
const NICE = ['nice', '-n', '-10'] as const
/** What systemd waits before it starts a unit again that has died (`RestartSec`). */
const RESTART_MS = 100

export type { HotspareSetup }

export interface StartOptions {
  /** Leaves the node's file as somebody has changed it. */
  readonly asItIs?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** The real daemon on both nodes, with a real arbiter beside them. */
export interface Hotspare extends FailoverSystem {
  /** Starts it on a node. */
  startNode(site: Site, node: NodeName, options?: StartOptions): Promise<void>
  /** Runs `hotspare` on a node, and resolves with what it has printed. */
  cli(node: NodeName, ...parameters: readonly string[]): Promise<string>
  /** Everything that the daemon on a node has logged since it was last started. */
  log(node: NodeName): string
  /** The same from all its lives on all nodes. */
  allLogs(): string
  /** The file of a node. */
  file(node: NodeName): string
  /** Its processes on a node. */
  pids(node: NodeName): readonly number[]
  /** Only with the arbiter `etcd-3`. */
  etcd(): EtcdCluster
}

export function createHotspare(setup: HotspareSetup): Hotspare {
  const { policy, arbiter, ttlMs = 1_000, heartbeatIntervalMs = 100 } = setup
  const programs = new Map<NodeName, RunningProgram>()
  const everStarted: RunningProgram[] = []
  let running: Site | undefined
  let store: Store | undefined
  let etcd: EtcdCluster | undefined

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
    name: `hotspare, ${policy}, arbiter ${arbiter}${arbiter === 'none' ? '' : ` with a ttl of ${ttlMs} ms`}, beats each ${heartbeatIntervalMs} ms`,
    parts: ['control', 'guard', 'all'],
    hasArbiter: arbiter !== 'none',
    // A node that is back hears its peers, and waits for them, for two seconds.
    unrestMs: 2_500 + ttlMs,
    async start(site) {
      running = site
      if (arbiter === 'etcd-3') {
        etcd = await startEtcdCluster(site.machines.arbiter)
        store = { type: 'etcd', endpoints: etcd.endpoints }
      } else if (arbiter !== 'none') store = (await startStore(arbiter, site.machines.arbiter)).store
      for (const node of nodeNames) await system.startNode(site, node)
    },
    async startNode({ machines }, node, { asItIs = false, env = {} } = {}) {
      const machine = machines[node]
      if (!asItIs) writeFileSync(file(node), hotspareFile(machines, node, setup, store))
      const [first, ...rest] = permitted(REAL_TIME) ? REAL_TIME : NICE
      const program = machine.run(first, [...rest, process.execPath, ...HOTSPARE_CLI, 'run', '-c', file(node)], env)
      programs.set(node, program)
      everStarted.push(program)
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
    cli: (node, ...parameters) => siteOf().machines[node].run(process.execPath, [...HOTSPARE_CLI, ...parameters]).ended,
    log: (node) => programs.get(node)?.output() ?? '',
    allLogs: () => everStarted.map(({ output }) => output()).join(''),
    file,
    pids: (node) => descendantsOf(programOf(node).pid),
    etcd() {
      if (!etcd) throw new Error('its arbiter is no etcd with three members')
      return etcd
    },
  }
  return system
}

/** Whether this machine lets a program be started with that before it. */
function permitted([program, ...parameters]: typeof REAL_TIME): boolean {
  return spawnSync(program, [...parameters, 'true']).status === 0
}

/** The control among the children of a guard. */
function controlOf(guard: number): number {
  const children = readFileSync(`/proc/${guard}/task/${guard}/children`, 'latin1').trim().split(' ')
  const control = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('hotspare control'))
  if (control === undefined) throw new Error(`process ${guard} has no control`)
  return Number(control)
}

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Machine, type RunningProgram, until } from '../network.ts'
import { clusterSections, corosyncFile, serviceAgent } from './pacemaker-files.ts'
import { nameOf, sharingMountsWith, signalAll } from './processes.ts'
import type { FailoverSystem } from './scenario.ts'
import { type NodeName, nodeNames, type Site } from './site.ts'

/** What it keeps in fixed places of a machine: each node gets these for itself, empty. */
const OWN_FOLDERS = ['/etc/corosync', '/var/lib/corosync', '/var/lib/pacemaker', '/var/log', '/run', '/dev/shm']
const AGENTS = '/usr/lib/ocf/resource.d'

/** Programs that it needs. */
export const pacemakerPrograms = ['corosync', 'pacemakerd', 'cibadmin', 'crm_resource', 'crm_mon', 'nsenter', 'curl'] as const

/** Real corosync and Pacemaker on both nodes, with the address as Debian's IPaddr2, and without a fence. */
export function createPacemaker(): FailoverSystem {
  const programs = new Map<NodeName, RunningProgram>()
  let running: Site | undefined
  let everStarted = false

  const pidOf = (node: NodeName) => {
    const pid = programs.get(node)?.child.pid
    if (pid === undefined) throw new Error(`pacemaker does not run on ${node}`)
    return pid
  }
  /** Runs one of its commands where its folders are. */
  const admin = (node: NodeName, ...command: readonly string[]): string => {
    if (!running) throw new Error('it was not started')
    return running.machines[node].execute('nsenter', [`--mount=/proc/${pidOf(node)}/ns/mnt`, ...command])
  }
  /** The same where it may fail: while nothing runs there yet, or there is nothing to take back. */
  const attempt = (node: NodeName, command: string): string => admin(node, 'sh', '-c', `${command} 2>/dev/null || true`)
  const monitor = (node: NodeName) => attempt(node, 'crm_mon --one-shot --inactive')
  const online = (node: NodeName, count: number) =>
    monitor(node)
      .match(/Online: \[([^\]]*)\]/u)?.[1]
      ?.trim()
      .split(/\s+/u).length === count

  const system: FailoverSystem = {
    name: 'Pacemaker and corosync, token 3 s',
    parts: ['all'],
    hasArbiter: false,
    // A node that is back joins, is probed, and failures are forgotten after 3 s.
    unrestMs: 8_000,
    async start(site) {
      running = site
      for (const node of nodeNames) await system.startNode(site, node)
      await until(
        () => online('node1', 2),
        () => `both nodes are online: ${monitor('node1')}`,
      )
      for (const [section, xml] of Object.entries(clusterSections)) {
        const file = join(site.machines.node1.folder, `${section}.xml`)
        writeFileSync(file, xml)
        admin('node1', 'cibadmin', '--modify', '--allow-create', '--scope=configuration', `--xml-file=${file}`)
      }
      everStarted = true
    },
    async startNode({ machines }, node) {
      const { folder } = machines[node]
      prepare(machines, node)
      const program = machines[node].run('unshare', ['--mount', 'sh', join(folder, 'start.sh')])
      programs.set(node, program)
      await until(
        () => monitor(node).includes('Current DC: node'),
        () => `pacemaker runs on ${node}: ${program.output().slice(-4_000)}`,
      )
      if (everStarted)
        await until(
          () => online(node, 2),
          () => `${node} is back: ${monitor(node)}`,
        )
    },
    async switchover(to) {
      // The preference that the last switchover left.
      attempt(to, 'crm_resource --resource vip --clear')
      admin(to, 'crm_resource', '--resource', 'vip', '--move', '--node', to)
    },
    signal(node, part, signal) {
      if (part !== 'all') throw new Error(`pacemaker has no ${part} of its own`)
      // Nothing is started while all stands still.
      if (signal === 'SIGKILL') signalAll(sharingMountsWith(pidOf(node)), 'SIGSTOP')
      signalAll(sharingMountsWith(pidOf(node)), signal)
    },
    async stop(node) {
      signalAll(
        sharingMountsWith(pidOf(node)).filter((pid) => nameOf(pid) === 'pacemakerd'),
        'SIGTERM',
      )
      await programs.get(node)?.ended
    },
  }
  return system
}

/** Writes what a node starts with. */
function prepare(machines: Readonly<Record<NodeName, Machine>>, node: NodeName): void {
  const { folder } = machines[node]
  const agents = join(folder, 'agents')
  if (!existsSync(agents)) {
    mkdirSync(join(agents, 'lab'), { recursive: true })
    mkdirSync(join(agents, 'heartbeat'))
    // Where Debian's agents are while ours lie over them.
    symlinkSync(join(folder, 'debian-agents', 'heartbeat', 'IPaddr2'), join(agents, 'heartbeat', 'IPaddr2'))
    mkdirSync(join(folder, 'debian-agents'))
    writeFileSync(join(agents, 'lab', 'service'), serviceAgent, { mode: 0o755 })
  }
  writeFileSync(join(folder, 'corosync.conf'), corosyncFile({ node1: machines.node1.address, node2: machines.node2.address }))
  writeFileSync(join(folder, 'start.sh'), startScript(node, folder))
}

/** Corosync, then Pacemaker; the end of Pacemaker ends it all. */
function startScript(node: NodeName, folder: string): string {
  return `mount --make-rprivate /
mount --bind ${AGENTS} ${folder}/debian-agents
mount --bind ${folder}/agents ${AGENTS}
${OWN_FOLDERS.map((own) => `mount -t tmpfs tmpfs ${own}`).join('\n')}
mkdir -p /var/lib/pacemaker/cib /var/lib/pacemaker/pengine /var/lib/pacemaker/cores /var/lib/pacemaker/blackbox /var/log/pacemaker /run/crm /run/lock
chown -R hacluster:haclient /var/lib/pacemaker /var/log/pacemaker /run/crm
mkdir -m 1755 /run/resource-agents
cp ${folder}/corosync.conf /etc/corosync/corosync.conf
corosync -f &
corosync=$!
until corosync-cfgtool -s >/dev/null 2>&1; do sleep 0.1; done
echo "${node}: corosync runs"
PCMK_logfile=none PCMK_stderr=1 pacemakerd &
wait $!
kill -TERM $corosync
wait
`
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Machine, type RunningProgram, until } from '../network.ts'
import type { FailoverSystem } from './scenario.ts'
import { type NodeName, nodeNames, SERVICE_PORT, VIP } from './site.ts'

/** How much more the preferred node counts; the least that decides. */
const PREFERENCE = 50

/** Real keepalived on both nodes, with a check of the service each second, the shortest that it has. */
export function createKeepalived(advertSeconds: 1 | 0.1 | 0.01): FailoverSystem {
  const programs = new Map<NodeName, RunningProgram>()
  const folders = new Map<NodeName, string>()
  let preferred: NodeName = 'node1'
  const programOf = (node: NodeName) => {
    const program = programs.get(node)
    if (program?.child.pid === undefined) throw new Error(`keepalived does not run on ${node}`)
    return { ...program, pid: program.child.pid }
  }
  /** A file that is watched changes the priority at once, without a reload that would build everything anew. */
  const prefer = () => {
    for (const [node, folder] of folders) writeFileSync(join(folder, 'preference'), node === preferred ? `${PREFERENCE}\n` : '0\n')
  }
  const system: FailoverSystem = {
    name: `keepalived, adverts each ${advertSeconds} s`,
    parts: ['all'],
    hasArbiter: false,
    // The preferred node sees its service again, and hears nothing better for some three adverts.
    unrestMs: 2_000 + advertSeconds * 4_000,
    async start(site) {
      for (const node of nodeNames) await system.startNode(site, node)
    },
    async startNode({ machines }, node) {
      const machine = machines[node]
      folders.set(node, machine.folder)
      prefer()
      writeFileSync(join(machine.folder, 'keepalived.conf'), keepalivedFile(machine, advertSeconds))
      const program = machine.run('keepalived', [
        ...'--dont-fork --log-console --log-detail --vrrp'.split(' '),
        `--use-file=${join(machine.folder, 'keepalived.conf')}`,
        `--pid=${join(machine.folder, 'keepalived.pid')}`,
        `--vrrp_pid=${join(machine.folder, 'vrrp.pid')}`,
      ])
      programs.set(node, program)
      await until(
        () => program.output().includes('Entering BACKUP STATE'),
        () => `keepalived runs on ${node}: ${program.output()}`,
      )
    },
    async switchover(to) {
      preferred = to
      prefer()
    },
    signal(node, part, signal) {
      if (part !== 'all') throw new Error(`keepalived has no ${part} of its own`)
      process.kill(-programOf(node).pid, signal)
    },
    async stop(node) {
      programOf(node).child.kill('SIGTERM')
      await programOf(node).ended
    },
  }
  return system
}

/** The `keepalived.conf` of a node. */
export function keepalivedFile({ name, folder }: Pick<Machine, 'name' | 'folder'>, advertSeconds: number): string {
  return `global_defs {
  router_id ${name}
  script_user root
  enable_script_security
  vrrp_version ${Number.isInteger(advertSeconds) ? 2 : 3}
}
vrrp_script service {
  script "/usr/bin/curl --silent --fail --max-time 1 http://127.0.0.1:${SERVICE_PORT}/healthz"
  interval 1
  timeout 1
  fall 1
  rise 1
}
vrrp_track_file preference {
  file ${join(folder, 'preference')}
  weight 1
}
vrrp_instance site {
  state BACKUP
  interface eth0
  virtual_router_id 77
  priority 100
  advert_int ${advertSeconds}
  virtual_ipaddress {
    ${VIP}/32 dev eth0
  }
  track_script {
    service
  }
  track_file {
    preference
  }
}
`
}

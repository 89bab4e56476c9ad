import { join } from 'node:path'
import { runEtcd } from '../etcd.ts'
import { type Machine, type RunningProgram, until } from '../network.ts'

const MEMBERS = ['first', 'second', 'third'] as const

/** Three members of one etcd, on one machine. */
export interface EtcdCluster {
  readonly endpoints: readonly string[]
  /** The member that leads at this moment. */
  leader(): RunningProgram
}

/** Starts it, and waits until it has a leader. */
export async function startEtcdCluster(machine: Machine): Promise<EtcdCluster> {
  const urlOf = (index: number, offset: number) => `http://${machine.address}:${23_790 + 10 * index + offset}`
  const all = MEMBERS.map((name, index) => `${name}=${urlOf(index, 1)}`).join(',')
  const endpoints = MEMBERS.map((_, index) => urlOf(index, 0))
  const members = MEMBERS.map((name, index) =>
    runEtcd(machine, {
      name,
      folder: join(machine.folder, `etcd-${name}`),
      clientUrl: urlOf(index, 0),
      peerUrl: urlOf(index, 1),
      cluster: all,
    }),
  )
  const leaderIndex = () => endpoints.findIndex((endpoint) => isLeader(machine, endpoint))
  await until(
    () => leaderIndex() >= 0,
    () => `etcd has a leader: ${members.map(({ output }) => output()).join('\n')}`,
  )
  return {
    endpoints,
    leader() {
      const leader = members[leaderIndex()]
      if (!leader) throw new Error('etcd has no leader')
      return leader
    },
  }
}

/** Whether the member there leads: etcd's own metric. */
function isLeader(machine: Machine, endpoint: string): boolean {
  const script = `curl --silent --max-time 1 ${endpoint}/metrics | grep '^etcd_server_is_leader ' || true`
  return machine.execute('sh', ['-c', script]).trim() === 'etcd_server_is_leader 1'
}

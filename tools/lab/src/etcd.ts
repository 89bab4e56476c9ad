import { join } from 'node:path'
import { type Machine, type RunningProgram, until } from './network.ts'

/** One member of an etcd. */
export interface EtcdMember {
  readonly name: string
  readonly folder: string
  readonly clientUrl: string
  readonly peerUrl: string
  /** Whom it stands with, in etcd's words. Default: it is alone */
  readonly cluster?: string | undefined
}

/** What a member writes once it answers. */
export const ETCD_READY = /ready to serve client requests|serving insecure client requests/

/** The only member, with the usual ports of its machine. */
export function etcdAlone({ address, folder }: Pick<Machine, 'address' | 'folder'>): EtcdMember {
  const [clientUrl, peerUrl] = [`http://${address}:2379`, `http://${address}:2380`]
  return { name: 'default', folder: join(folder, 'etcd'), clientUrl, peerUrl }
}

export function runEtcd(machine: Pick<Machine, 'run'>, { name, folder, clientUrl, peerUrl, cluster }: EtcdMember): RunningProgram {
  return machine.run('etcd', [
    `--name=${name}`,
    `--data-dir=${folder}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=${cluster ?? `${name}=${peerUrl}`}`,
  ])
}

/** One that is alone, and answers. @returns its endpoint */
export async function startEtcd(machine: Pick<Machine, 'address' | 'folder' | 'run'>): Promise<string> {
  const member = etcdAlone(machine)
  const etcd = runEtcd(machine, member)
  await until(
    () => ETCD_READY.test(etcd.output()),
    () => `etcd is ready: ${etcd.output()}`,
  )
  return member.clientUrl
}

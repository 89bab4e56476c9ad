import { createHotspare } from '../takeover/hotspare.ts'
import { hotspareFile, type HotspareSetup } from '../takeover/hotspare-file.ts'
import { createKeepalived, keepalivedFile } from '../takeover/keepalived.ts'
import { createPacemaker, pacemakerPrograms } from '../takeover/pacemaker.ts'
import { clusterSections, corosyncFile, serviceAgent } from '../takeover/pacemaker-files.ts'
import type { FailoverSystem } from '../takeover/scenario.ts'

/** A system of the comparison, with its settings. */
export interface ComparedSystem {
  /** As it is named on the command line. */
  readonly id: string
  /** The head of its column. */
  readonly title: string
  readonly create: () => FailoverSystem
  readonly programs: readonly string[]
  /** How long it may take over a fault, in milliseconds: so long it is watched. */
  readonly watchMs: number
  /** Its settings on node1, by file. */
  readonly files: Readonly<Record<string, string>>
}

const ADDRESSES = { node1: '10.77.0.1', node2: '10.77.0.2' } as const
const ETCD = { type: 'etcd', endpoints: ['http://10.77.0.4:2379'] } as const

function keepalived(advertSeconds: 1 | 0.1 | 0.01, id: string, title: string): ComparedSystem {
  return {
    id,
    title,
    create: () => createKeepalived(advertSeconds),
    programs: ['keepalived', 'curl'],
    watchMs: 5_000,
    files: { '/etc/keepalived/keepalived.conf': keepalivedFile({ name: 'node1', folder: '/etc/keepalived' }, advertSeconds) },
  }
}

function hotspare(id: string, title: string, setup: HotspareSetup): ComparedSystem {
  const folder = '/var/lib/hotspare'
  const machines = { node1: { address: ADDRESSES.node1, folder }, node2: { address: ADDRESSES.node2, folder } }
  const store = setup.arbiter === 'none' ? undefined : ETCD
  return {
    id,
    title,
    create: () => createHotspare(setup),
    programs: setup.arbiter === 'none' ? [] : ['etcd'],
    watchMs: 5_000,
    files: { '/etc/hotspare/hotspare.yaml': hotspareFile(machines, 'node1', setup, store) },
  }
}

/** As the guide has it. */
const usual = { arbiter: 'etcd', ttlMs: 2_000, checkIntervalMs: 200 } as const
/** Where speed matters more than peace: beats five times as often, a lease of half a second. */
const fast = { arbiter: 'etcd', ttlMs: 500, heartbeatIntervalMs: 20, checkIntervalMs: 200 } as const

const pacemaker: ComparedSystem = {
  id: 'pacemaker',
  title: 'Pacemaker',
  create: createPacemaker,
  programs: pacemakerPrograms,
  // A token and a consensus are 6.6 s, and then it decides.
  watchMs: 12_000,
  files: { '/etc/corosync/corosync.conf': corosyncFile(ADDRESSES), ...clusterSections, 'ocf:lab:service': serviceAgent },
}

/** In the order of the table. */
export const comparedSystems: readonly ComparedSystem[] = [
  keepalived(1, 'keepalived-1s', 'keepalived, 1 s'),
  keepalived(0.1, 'keepalived-100ms', 'keepalived, 0.1 s'),
  keepalived(0.01, 'keepalived-10ms', 'keepalived, 0.01 s'),
  pacemaker,
  hotspare('hotspare-keep', 'Hotspare `keep`', { ...usual, policy: 'keep' }),
  hotspare('hotspare-release', 'Hotspare `release`', { ...usual, policy: 'release' }),
  hotspare('hotspare-keep-fast', 'Hotspare `keep`, fast', { ...fast, policy: 'keep' }),
  hotspare('hotspare-release-fast', 'Hotspare `release`, fast', { ...fast, policy: 'release' }),
  hotspare('hotspare-alone-fast', 'Hotspare `arbiter: none`, fast', {
    policy: 'keep',
    arbiter: 'none',
    heartbeatIntervalMs: 20,
    checkIntervalMs: 200,
  }),
]

import type { ClusterConfig, Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'

const ETCD = '{ type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }'
const NONE = '{ type: none, acceptSplitBrain: true }'

export interface Reference {
  readonly members?: readonly string[] | undefined
  readonly onControlLoss?: 'keep' | 'release' | undefined
  readonly arbiter?: string | undefined
  readonly heartbeat?: string | undefined
  readonly check?: string | undefined
}

/** A file as people have it: one service on two nodes, unless told otherwise. */
export function fileOf({
  members = ['web-1', 'web-2'],
  onControlLoss = 'keep',
  arbiter = ETCD,
  heartbeat = '{}',
  check = '{ type: http, url: http://127.0.0.1:8080/healthz, interval: 200ms, timeout: 200ms, rise: 2, fall: 2 }',
}: Reference = {}): string {
  return `
node: ${members[0] ?? ''}
cluster:
  nodes: { ${members.map((name, index) => `${name}: { peer: "10.0.0.${index + 1}:7401" }`).join(', ')}${members.length === 1 ? ', web-9: { peer: "10.0.0.9:7401" }' : ''} }
  secret: swordfish-swordfish
  heartbeat: ${heartbeat}
  arbiter: ${arbiter}
services:
  shop:
    members: [${members.join(', ')}]
    onControlLoss: ${onControlLoss}
    check: ${check}
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
`
}

/** A service of a file of several, in the words of the file but for its name. */
export interface Several {
  /** By name: what is said of it besides a check, and an address of its own where no resources are named. */
  readonly services: Readonly<Record<string, string>>
  readonly members?: readonly string[] | undefined
  readonly onControlLoss?: 'keep' | 'release' | undefined
  /** Those that are kept all the same. */
  readonly kept?: readonly string[] | undefined
  /** Of the file itself. */
  readonly top?: string | undefined
}

/** Devices for both nodes. */
export const FENCING = `
fencing:
  nodes:
    web-1: [{ agent: fence_ipmilan, options: { ip: 10.0.9.1 }, timeout: 20s }]
    web-2: [{ agent: fence_ipmilan, options: { ip: 10.0.9.2 }, timeout: 20s }]`

/** A file of several services on the same nodes. */
export function severalOf({ services, members = ['web-1', 'web-2'], onControlLoss = 'release', top = '', kept = [] }: Several): string {
  const texts = Object.entries(services).map(([name, words], index) => {
    const own = words.includes('resources:') ? '' : `resources: [{ type: vip, address: 10.0.0.10${index}, interface: eth0 }]`
    const lines = [words, own].filter((each) => each !== '').map((each) => `    ${each}\n`)
    return `  ${name}:
    ${words.includes('members:') ? '' : `members: [${members.join(', ')}]`}
    onControlLoss: ${kept.includes(name) ? 'keep' : onControlLoss}
    check: { type: http, url: http://127.0.0.1:8080/healthz, interval: 200ms, timeout: 200ms, rise: 2, fall: 2 }
${lines.join('')}`
  })
  return `
node: ${members[0] ?? ''}
cluster:
  nodes: { ${members.map((name, index) => `${name}: { peer: "10.0.0.${index + 1}:7401" }`).join(', ')} }
  secret: swordfish-swordfish
  arbiter: ${ETCD}${top}
services:
${texts.join('')}`
}

export async function configOf(yaml: string): Promise<Config & { readonly cluster: ClusterConfig }> {
  const { config } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
  const { cluster } = config
  if (!cluster) throw new Error('it has no cluster')
  return { ...config, cluster }
}

/** The files that the bounds are held against: each policy and arbiter, two members and three, slow times and quick ones. */
export const references: Readonly<Record<string, Reference>> = {
  'keep, etcd': {},
  'release, etcd': { onControlLoss: 'release' },
  'keep, no arbiter': { arbiter: NONE },
  'release, etcd, three members': { onControlLoss: 'release', members: ['web-1', 'web-2', 'web-3'] },
  'keep, etcd, three members': { members: ['web-1', 'web-2', 'web-3'] },
  'keep, no arbiter, three members': { arbiter: NONE, members: ['web-1', 'web-2', 'web-3'] },
  'release, quick': {
    onControlLoss: 'release',
    arbiter: ETCD.replace('2s', '1s'),
    heartbeat: '{ interval: 100ms, timeout: 300ms }',
    check: '{ type: tcp, address: 127.0.0.1:5432, interval: 100ms, timeout: 100ms, rise: 1, fall: 1 }',
  },
  'keep, fast after a failure': {
    check: '{ type: tcp, address: 127.0.0.1:80, interval: 1s, fastInterval: 200ms, timeout: 200ms, rise: 2, fall: 3 }',
  },
  'keep, slow': {
    arbiter: ETCD.replace('2s', '10s'),
    heartbeat: '{ interval: 1s, timeout: 5s }',
    check: '{ type: tcp, address: 127.0.0.1:80, interval: 5s, timeout: 2s, rise: 2, fall: 3 }',
  },
}

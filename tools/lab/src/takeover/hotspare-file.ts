import type { Store } from '../lock-set/client.process.ts'
import { type NodeName, nodeNames, SERVICE_PORT, VIP } from './site.ts'

export const PEER_PORT = 7401

export interface HotspareSetup {
  readonly policy: 'keep' | 'release'
  /** `etcd-3`: three members, all on the arbiter's machine. */
  readonly arbiter: Store['type'] | 'etcd-3' | 'none'
  /** Default: 1,000 */
  readonly ttlMs?: number | undefined
  /** Default: 100 */
  readonly heartbeatIntervalMs?: number | undefined
  /** The silence that convicts a peer. Default: 15 intervals, as without the key */
  readonly heartbeatTimeoutMs?: number | undefined
  /** Of the service's check, which has a timeout as long. Default: 200 */
  readonly checkIntervalMs?: number | undefined
  /** Default: 100, which no test reaches */
  readonly maxFailoversPerHour?: number | undefined
}

/** What of a machine stands in a node's file. */
export interface FileMachine {
  readonly address: string
  readonly folder: string
}

/** The `hotspare.yaml` of a node. */
export function hotspareFile(
  machines: Readonly<Record<NodeName, FileMachine>>,
  node: NodeName,
  setup: HotspareSetup,
  store: Store | undefined,
): string {
  const { policy, ttlMs = 1_000, heartbeatIntervalMs = 100, checkIntervalMs = 200, maxFailoversPerHour = 100 } = setup
  const { heartbeatTimeoutMs = 15 * heartbeatIntervalMs } = setup
  const nodes = nodeNames.map((name) => `${name}: { peer: "${machines[name].address}:${PEER_PORT}" }`).join(', ')
  return `node: ${node}
log: { format: json }
cluster:
  nodes: { ${nodes} }
  secret: a secret of this laboratory
  heartbeat: { interval: ${heartbeatIntervalMs}ms, timeout: ${heartbeatTimeoutMs}ms }
  arbiter: ${arbiterOf(store, ttlMs)}
  state: ${machines[node].folder}/state
services:
  site:
    members: [${nodeNames.join(', ')}]
    onControlLoss: ${policy}
    check: { type: http, url: "http://127.0.0.1:${SERVICE_PORT}/healthz", interval: ${checkIntervalMs}ms, timeout: ${checkIntervalMs}ms, fall: 2, rise: 2 }
    resources: [ { type: vip, address: ${VIP}/32, interface: eth0 } ]
    maxFailoversPerHour: ${maxFailoversPerHour}
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

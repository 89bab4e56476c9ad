import type { ClusterSecret } from '@hotspare/heartbeat'

/** Of a cluster that lives for minutes, on loopback. */
export const benchSecret: ClusterSecret = { id: 1, secret: 'only for measuring, 32 characters' }

export const NODE = 'node'

export function peerName(index: number): string {
  return `peer-${index}`
}

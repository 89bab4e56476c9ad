import { heartbeatSettingsSchema } from '@hotspare/heartbeat'
import { describe, expect, it } from 'vitest'
import type { ClusterConfig, NodeConfig } from './config.ts'
import { heartbeatSettings } from './heartbeat-settings.ts'

const node = (name: string, host: string, ...paths: string[]): NodeConfig => ({
  name,
  peer: { host, port: 7401 },
  site: undefined,
  paths: paths.map((each) => ({ host: each, port: 7401 })),
})
const clusterOf = (...nodes: NodeConfig[]): ClusterConfig => ({
  nodes,
  secrets: [{ id: 1, secret: '0123456789abcdef' }],
  heartbeat: { intervalMs: 100, detector: { type: 'timeout', timeoutMs: 1_500 } },
  arbiter: { type: 'none', acceptSplitBrain: true },
  state: '/var/lib/hotspare',
})

/** Both ends of each path between two nodes, by its place. */
function endsOf(cluster: ClusterConfig, own: string, other: string): string[] {
  const { peers } = heartbeatSettingsSchema.parse(heartbeatSettings(cluster, own))
  return (peers.find(({ name }) => name === other)?.paths ?? []).map(({ name, from, address }) => `${name}: ${from} ${address}`)
}

describe('the settings of the heartbeat', () => {
  it('lead from the nth address of a node to the nth of another', () => {
    const cluster = clusterOf(node('a', '10.0.0.1', '10.1.0.1'), node('b', '10.0.0.2', '10.1.0.2'), node('c', 'fd00::3'))
    expect(heartbeatSettings(cluster, 'b')).toEqual({
      node: 'b',
      listen: ['10.0.0.2:7401', '10.1.0.2:7401'],
      peers: [
        {
          name: 'a',
          paths: [
            { address: '10.0.0.1:7401', from: '10.0.0.2:7401' },
            { address: '10.1.0.1:7401', from: '10.1.0.2:7401' },
          ],
        },
        {
          name: 'c',
          paths: [
            { address: '[fd00::3]:7401', from: '10.0.0.2:7401' },
            { address: '[fd00::3]:7401', from: '10.1.0.2:7401' },
          ],
        },
      ],
      secrets: cluster.secrets,
      intervalMs: 100,
      detector: { type: 'timeout', timeoutMs: 1_500 },
    })
  })

  it('come to the same paths on both nodes, where one of them has fewer addresses', () => {
    const cluster = clusterOf(node('a', '10.0.0.1'), node('b', '10.0.0.2', '10.1.0.2'))
    expect(endsOf(cluster, 'a', 'b')).toEqual(['1: 10.0.0.1:7401 10.0.0.2:7401', '2: 10.0.0.1:7401 10.1.0.2:7401'])
    expect(endsOf(cluster, 'b', 'a')).toEqual(['1: 10.0.0.2:7401 10.0.0.1:7401', '2: 10.1.0.2:7401 10.0.0.1:7401'])
  })
})

import type { DraftCluster } from './checks-cluster.ts'
import type { Finding } from './problem.ts'

/** Weights that say nothing, or that no node can bear. */
export function weightDoubts({ nodes, services }: DraftCluster): Finding[] {
  const capacities = new Map(nodes.flatMap(({ name, node }) => (node?.capacity === undefined ? [] : [[name, node.capacity] as const])))
  const weighed = services.filter(({ service }) => service?.load !== undefined)
  const idle = weighed.length > 0 ? [] : [...capacities.keys()].slice(0, 1)
  return [
    ...idle.map((name) => ({
      path: ['cluster', 'nodes', name, 'capacity'],
      message: 'no service has a load',
      hint: 'write "load" at the services, in the same units; without it nothing is counted',
    })),
    ...weighed.flatMap(({ name, service }) => {
      const path = ['services', name, 'load']
      if (capacities.size === 0) {
        const hint = 'write "capacity" at the nodes, in the same units; without it nothing is counted'
        return [{ path, message: 'no node has a capacity', hint }]
      }
      const { load = 0, members = [] } = service ?? {}
      const small = members.filter((member) => (capacities.get(member) ?? Infinity) < load)
      if (small.length === 0) return []
      return [{ path, message: `more than the capacity of ${small.join(', ')}`, hint: 'it goes there only where no other member is well' }]
    }),
  ]
}

import { sleep } from '@hotspare/core'
import { expect, it, type TestContext } from 'vitest'
import { type Daemon, startDaemon } from './daemon.ts'
import { startEtcd } from './etcd.ts'
import { needLab } from './network.ts'
import { type Bird, birdFile, nodeProtocols, session, startBird } from './routed/bird.ts'
import { createRoutedNetwork, type RoutedMachine } from './routed/network.ts'
import { ANNOUNCED, formatSeen, SERVICE_PORT, WatchedService } from './routed/watched-service.ts'

const SHORT = process.env['HOTSPARE_LAB_SHORT'] === '1'
const LANS = { rack: 1, third: 2, away: 3 }
const NODES = ['node1', 'node2'] as const
type Node = (typeof NODES)[number]
const policies = SHORT ? (['release'] as const) : (['keep', 'release'] as const)

it.for(policies)('BIRD announces the address of the active node alone, policy "%s"', { timeout: 300_000 }, async (policy, context) => {
  const lab = await oneRack(context, policy)
  const { service, machines, birds, daemons } = lab
  const first = await service.settled()
  const other = first === 'node1' ? 'node2' : 'node1'
  expect(routes(machines.router)).toBe(`via ${machines[first].address}`)

  const told: string[] = []
  const during = async (what: string, action: () => Promise<unknown>, holder: Node) => {
    const seen = await service.measure(action, holder)
    told.push(`${what}: ${formatSeen(seen)}`)
    expect(policy === 'release' ? seen.overlaps : []).toEqual([])
    return seen
  }

  await during('switchover', async () => expect(await daemons[first].cli('switchover', 'shop')).toContain('\ndone: '), other)
  expect(routes(machines.router)).toBe(`via ${machines[other].address}`)

  // It announces nothing any more: the other one could, and gets it.
  await during('BIRD killed', () => birds[other].kill(), first)
  await birds[other].restart()
  await expect.poll(() => daemons[other].cli('status'), { timeout: 30_000 }).not.toContain('could not be active')

  // Nobody of ours lives on the holder any more.
  const stays = policy === 'keep'
  const killed = async () => {
    await daemons[first].kill()
    await sleep(6_000)
  }
  const { failed } = await during('all of Hotspare killed', killed, stays ? first : other)
  expect({ hasIt: hasAddress(machines[first]), isUnnoticed: failed === 0 }).toEqual({ hasIt: stays, isUnnoticed: stays })
  await context.annotate(`${policy}: ${told.join('; ')}`)
})

interface Lab {
  readonly machines: Readonly<Record<Node | 'router', RoutedMachine>>
  readonly service: WatchedService<Node>
  readonly birds: Readonly<Record<Node, Bird>>
  readonly daemons: Readonly<Record<Node, Daemon>>
}

async function oneRack(context: TestContext, policy: 'keep' | 'release'): Promise<Lab> {
  needLab(context, 'bird', 'birdc', 'etcd')
  const router = 254
  const machines = createRoutedNetwork(LANS, {
    node1: { at: { rack: 1 }, gateway: router },
    node2: { at: { rack: 2 }, gateway: router },
    watch1: { at: { rack: 11 } },
    watch2: { at: { rack: 12 } },
    router: { at: { rack: router, third: router, away: router } },
    arbiter: { at: { third: 1 }, gateway: router },
    client: { at: { away: 1 }, gateway: router },
  })
  const edge = machines.router.addressAt('rack')
  const nodes = { node1: machines.node1, node2: machines.node2 }
  const toNode = (node: Node) =>
    session({
      name: node,
      own: edge,
      ownAs: 65_000,
      peer: nodes[node].address,
      peerAs: 65_001,
      imports: `where net = ${ANNOUNCED}/32`,
      exports: 'none',
    })
  await startBird(machines.router, birdFile(machines.router, ['rack'], NODES.map(toNode)))
  const birdOf = (node: Node) => {
    const own = nodes[node].address
    const exit = session({ name: 'edge', own, ownAs: 65_001, peer: edge, peerAs: 65_000, imports: 'none', exports: 'filter announced' })
    return startBird(nodes[node], birdFile(nodes[node], ['rack'], [nodeProtocols(`${ANNOUNCED}/32`), exit]))
  }
  const birds = { node1: await birdOf('node1'), node2: await birdOf('node2') }
  const endpoint = await startEtcd(machines.arbiter)
  const service = new WatchedService(nodes, machines.client, (node) => (node === 'node1' ? machines.watch1 : machines.watch2))
  await Promise.all(NODES.map((node) => service.startNode(node)))
  const daemonOf = (node: Node) => startDaemon(nodes[node], hotspareFile(nodes, node, policy, endpoint, birds[node].socket))
  const [node1, node2] = await Promise.all([daemonOf('node1'), daemonOf('node2')])
  return { machines, service, birds, daemons: { node1, node2 } }
}

function hotspareFile(nodes: Readonly<Record<Node, RoutedMachine>>, node: Node, policy: string, endpoint: string, socket: string): string {
  return `node: ${node}
log: { format: json }
cluster:
  nodes: { ${NODES.map((name) => `${name}: { peer: "${nodes[name].address}:7401" }`).join(', ')} }
  secret: a secret of this laboratory
  arbiter: { type: etcd, endpoints: [ "${endpoint}" ], ttl: 2s }
  state: ${nodes[node].folder}/state
services:
  shop:
    members: [${NODES.join(', ')}]
    onControlLoss: ${policy}
    check: { type: http, url: "http://127.0.0.1:${SERVICE_PORT}/healthz", interval: 500ms, timeout: 500ms, fall: 2, rise: 2 }
    resources: [ { type: bgp, address: ${ANNOUNCED}/32, socket: "${socket}", sessions: [edge] } ]
    maxFailoversPerHour: 100
`
}

/** Where the router sends what is for the address. */
function routes(router: RoutedMachine): string {
  return /via [\d.]+/.exec(router.execute('ip', ['route', 'show', ANNOUNCED]))?.[0] ?? 'nowhere'
}

function hasAddress(node: RoutedMachine): boolean {
  return node.execute('ip', ['address', 'show', 'dev', 'lo']).includes(ANNOUNCED)
}

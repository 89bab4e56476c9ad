import { sleep } from '@hotspare/core'
import { expect, it, type TestContext } from 'vitest'
import { startDaemon } from './daemon.ts'
import { startEtcd } from './etcd.ts'
import { needLab } from './network.ts'
import { type Bird, birdFile, nodeProtocols, session, startBird } from './routed/bird.ts'
import { createRoutedNetwork, type RoutedMachine } from './routed/network.ts'
import { ANNOUNCED, formatSeen, SERVICE_PORT, WatchedService } from './routed/watched-service.ts'

const SHORT = process.env['HOTSPARE_LAB_SHORT'] === '1'
const TTL_MS = 2_000
/** What `hotspare check` prints for this ttl: from a node's death to another's right to act. */
const TAKEOVER_MS = 2_950
/** BFD notices within 0.3 s, and routers tell each other; the rest is for machines that share two cores. */
const ROUTING_MS = 3_000
const FAILBACK_MS = 5_000

/** Who is where: two sites with a link between them, each with an uplink of its own to what is neither. */
const LANS = { fra: 1, ams: 2, third: 3, away: 4, link: 9, upfra: 11, upams: 12 }
const NODES = ['fra1', 'fra2', 'ams1', 'ams2'] as const
type Node = (typeof NODES)[number]

const siteOf = (node: Node) => (node.startsWith('fra') ? 'fra' : 'ams')

it('a whole site that is cut off loses the service to the other one, and gets it back', { timeout: 300_000 }, async (context) => {
  const { machines, service } = await twoSites(context)
  // Whoever was ready first may have it; the preferred one gets it back.
  await service.settled('fra1')
  const setSite = (verb: 'plug' | 'unplug') => () => {
    for (const lan of ['upfra', 'link']) machines.fraRouter[verb](lan)
    return Promise.resolve()
  }

  const lost = await service.measure(setSite('unplug'), 'ams1')
  // Nobody was served by two in turns, and the site that was cut off had let go before.
  expect(lost.answered.filter((node) => node !== 'fra1')).toEqual(['ams1'])
  expect(lost.answered.at(-1)).toBe('ams1')
  expect(lost.overlaps).toEqual([])
  expect(lost.gapMs).toBeLessThan(TAKEOVER_MS + ROUTING_MS)

  const back = await service.measure(setSite('plug'), 'fra1')
  expect(back.tookMs).toBeGreaterThan(FAILBACK_MS)
  expect(back.answered).toEqual(['ams1', 'fra1'])
  expect(back.overlaps).toEqual([])
  await context.annotate(`site cut off: ${formatSeen(lost)}, never two holders; failback: ${formatSeen(back)}, never two holders`)
})

it.for(SHORT ? [] : [6_000])(
  'sites that do not hear each other for %d ms, and both reach the arbiter, move nothing',
  { timeout: 300_000 },
  async (cutMs, context) => {
    const { machines, service } = await twoSites(context)
    await service.settled('fra1')
    const cut = async () => {
      machines.fraRouter.unplug('link')
      await sleep(cutMs)
      machines.fraRouter.plug('link')
      await sleep(FAILBACK_MS + 2_000)
    }
    const seen = await service.measure(cut, 'fra1')
    expect(seen).toMatchObject({ failed: 0, answered: ['fra1'], overlaps: [] })
    await context.annotate(`link between the sites cut for ${cutMs} ms: ${formatSeen(seen)}, nothing moved`)
  },
)

interface Lab {
  readonly machines: Readonly<Record<Node | 'fraRouter' | 'amsRouter' | 'core' | 'arbiter' | 'client', RoutedMachine>>
  readonly service: WatchedService<Node>
}

async function twoSites(context: TestContext): Promise<Lab> {
  needLab(context, 'bird', 'birdc', 'etcd')
  const router = 254
  const machines = createRoutedNetwork(LANS, {
    fra1: { at: { fra: 1 }, gateway: router },
    fra2: { at: { fra: 2 }, gateway: router },
    ams1: { at: { ams: 1 }, gateway: router },
    ams2: { at: { ams: 2 }, gateway: router },
    watchfra1: { at: { fra: 11 } },
    watchfra2: { at: { fra: 12 } },
    watchams1: { at: { ams: 11 } },
    watchams2: { at: { ams: 12 } },
    fraRouter: { at: { fra: router, link: 1, upfra: 1 } },
    amsRouter: { at: { ams: router, link: 2, upams: 1 } },
    core: { at: { third: router, away: router, upfra: 2, upams: 2 } },
    arbiter: { at: { third: 1 }, gateway: router },
    client: { at: { away: 1 }, gateway: router },
  })
  const birds = new Map<string, Bird>()
  for (const [name, text] of Object.entries(routerFiles(machines))) birds.set(name, await startBird(machines[name as 'core'], text))
  const nodes = { fra1: machines.fra1, fra2: machines.fra2, ams1: machines.ams1, ams2: machines.ams2 }
  for (const node of NODES) {
    const site = siteOf(node)
    const [ownAs, peerAs] = site === 'fra' ? [65_101, 65_001] : [65_102, 65_002]
    const edge = machines[`${site}Router`].addressAt(site)
    const exit = session({
      name: 'edge',
      own: nodes[node].address,
      ownAs,
      peer: edge,
      peerAs,
      imports: 'none',
      exports: 'filter announced',
    })
    birds.set(node, await startBird(nodes[node], birdFile(nodes[node], [site], [nodeProtocols(`${ANNOUNCED}/32`), exit])))
  }
  await expect
    .poll(
      () =>
        birds
          .get('core')
          ?.tell('show protocols')
          ?.match(/Established/g)?.length,
      { timeout: 30_000 },
    )
    .toBe(2)
  const endpoint = await startEtcd(machines.arbiter)
  const service = new WatchedService(nodes, machines.client, (node) => machines[`watch${node}`])
  await Promise.all(NODES.map((node) => service.startNode(node)))
  await Promise.all(NODES.map((node) => startDaemon(nodes[node], hotspareFile(nodes, node, endpoint, birds.get(node)?.socket))))
  return { machines, service }
}

/** Sites tell each other of their own network alone, over their own link; the rest of the world is behind the uplinks. */
function routerFiles(machines: Readonly<Record<'fraRouter' | 'amsRouter' | 'core', RoutedMachine>>): Record<string, string> {
  const { core, fraRouter, amsRouter } = machines
  const world = `where net ~ [ 10.80.3.0/24, 10.80.4.0/24, ${ANNOUNCED}/32 ]`
  const site = (own: RoutedMachine, other: RoutedMachine, lan: 'fra' | 'ams') => {
    const [number, ownAs, otherAs, nodesAs] = lan === 'fra' ? [1, 65_001, 65_002, 65_101] : [2, 65_002, 65_001, 65_102]
    const exports = `where net ~ [ 10.80.${number}.0/24, ${ANNOUNCED}/32 ]`
    const up = `up${lan}`
    return birdFile(
      own,
      Object.keys(LANS).filter((each) => [lan, up, 'link'].includes(each)),
      [
        `protocol direct { ipv4; interface "${lan}"; }`,
        session({ name: 'core', own: own.addressAt(up), ownAs, peer: core.addressAt(up), peerAs: 65_000, imports: world, exports }),
        session({
          name: 'other_site',
          own: own.addressAt('link'),
          ownAs,
          peer: other.addressAt('link'),
          peerAs: otherAs,
          imports: `where net ~ [ 10.80.${3 - number}.0/24 ]`,
          exports: `where net ~ [ 10.80.${number}.0/24 ]`,
        }),
        ...[1, 2].map((host) =>
          session({
            name: `node${host}`,
            own: own.addressAt(lan),
            ownAs,
            peer: `10.80.${number}.${host}`,
            peerAs: nodesAs,
            imports: `where net = ${ANNOUNCED}/32`,
            exports: 'none',
          }),
        ),
      ],
    )
  }
  return {
    fraRouter: site(fraRouter, amsRouter, 'fra'),
    amsRouter: site(amsRouter, fraRouter, 'ams'),
    core: birdFile(
      core,
      ['upfra', 'upams'],
      [
        'protocol direct { ipv4; interface "third", "away"; }',
        ...(['upfra', 'upams'] as const).map((up) =>
          session({
            name: up,
            own: core.addressAt(up),
            ownAs: 65_000,
            peer: (up === 'upfra' ? fraRouter : amsRouter).addressAt(up),
            peerAs: up === 'upfra' ? 65_001 : 65_002,
            imports: 'all',
            exports: world,
          }),
        ),
      ],
    ),
  }
}

/** The nodes of the first site are preferred. */
function hotspareFile(nodes: Readonly<Record<Node, RoutedMachine>>, node: Node, endpoint: string, socket: string | undefined): string {
  const all = NODES.map((name) => `${name}: { peer: "${nodes[name].address}:7401", site: ${siteOf(name)} }`).join(', ')
  return `node: ${node}
log: { format: json }
cluster:
  nodes: { ${all} }
  secret: a secret of this laboratory
  arbiter: { type: etcd, endpoints: [ "${endpoint}" ], ttl: ${TTL_MS}ms }
  state: ${nodes[node].folder}/state
services:
  shop:
    members: [${NODES.join(', ')}]
    onControlLoss: release
    check: { type: http, url: "http://127.0.0.1:${SERVICE_PORT}/healthz", interval: 500ms, timeout: 500ms, fall: 2, rise: 2 }
    resources: [ { type: bgp, address: ${ANNOUNCED}/32, socket: "${socket}" } ]
    failback: { after: ${FAILBACK_MS}ms }
    maxFailoversPerHour: 100
`
}

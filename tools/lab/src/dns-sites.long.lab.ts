import { join } from 'node:path'
import { type Attempt, Recording, startClient, startService } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { BIND_ZONE, startBind } from './bind.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { startEtcd } from './etcd.ts'
import { createNetwork, type Machine, needLab, until } from './network.ts'

const NODES = ['fra1', 'fra2', 'ber1', 'ber2'] as const
const ENTRY = { fra: '10.77.0.100', ber: '10.77.0.200' } as const
const PORT = 8080

it('DNS moves the site, and the address moves the node', { timeout: 240_000 }, async (context) => {
  needLab(context, 'named', 'etcd', 'dig')
  const machines = createNetwork([...NODES, 'dns', 'arbiter'])
  const { dns, arbiter } = machines
  const provider = await startBind(dns)
  const endpoint = await startEtcd(arbiter)

  const peers = NODES.map((node) => `${node}: { peer: "${machines[node].address}:7401", site: ${siteOf(node)} }`).join(', ')
  const entry = (site: 'fra' | 'ber') => `
  entry-${site}:
    members: [${site}1, ${site}2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:${PORT}", interval: 200ms }
    resources: [{ type: vip, address: ${ENTRY[site]}/32, interface: eth0 }]`
  const fileOf = (node: (typeof NODES)[number]) => `node: ${node}
log: { format: json }
cluster:
  nodes: { ${peers} }
  secret: a secret of this laboratory
  arbiter: { type: etcd, endpoints: ["${endpoint}"], ttl: 2s }
  state: ${machines[node].folder}
dns:
  providers: { main: ${provider} }
services:${entry('fra')}${entry('ber')}
  www:
    members: [${NODES.join(', ')}]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:${PORT}", interval: 200ms }
    resources:
      - { type: dns, provider: main, zone: ${BIND_ZONE}, name: www, ttl: 5s, verify: { servers: ["${dns.address}:53"] },
          follows: { fra1: ${ENTRY.fra}, fra2: ${ENTRY.fra}, ber1: ${ENTRY.ber}, ber2: ${ENTRY.ber} } }
`
  const daemons = new Map<string, Daemon>()
  for (const node of NODES) {
    startService(machines[node], { name: node, ports: [PORT] })
    daemons.set(node, await startDaemon(machines[node], fileOf(node)))
  }
  const leadsTo = () => dns.execute('dig', ['+short', `@${dns.address}`, `www.${BIND_ZONE}`]).trim()
  const answering = { fra: watchAddress(dns, ENTRY.fra), ber: watchAddress(dns, ENTRY.ber) }
  const logs = () => [...daemons].map(([node, daemon]) => `${node}: ${daemon.log().slice(-2_000)}`).join('\n')
  await until(() => leadsTo() === ENTRY.fra && answering.fra() !== undefined, logs)

  // A node of the site dies: the address moves, the name leads where it led.
  const first = answering.fra()
  machines[first === 'fra1' ? 'fra1' : 'fra2'].powerOff()
  await until(() => ![undefined, first].includes(answering.fra()), logs)
  expect(leadsTo()).toBe(ENTRY.fra)

  // The rest of the site is cut off: the name leads to the other one.
  for (const node of ['fra1', 'fra2'] as const) machines[node].unplug()
  await until(() => leadsTo() === ENTRY.ber, logs)
  expect(answering.ber()).toMatch(/^ber/)
})

/** Who answers at an address now, as a client sees it. */
function watchAddress(client: Machine, host: string): () => string | undefined {
  const file = join(client.folder, `${host}.jsonl`)
  startClient(client, { host, port: PORT, everyMs: 50, timeoutMs: 500, exchange: true, file })
  const attempts = new Recording<Attempt>(file)
  return () => attempts.values().at(-1)?.node
}

function siteOf(node: string): 'fra' | 'ber' {
  return node.startsWith('fra') ? 'fra' : 'ber'
}

import { resolve } from 'node:path'
import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { type Machine, until } from '../../network.ts'
import { PEER_PORT } from '../hotspare-file.ts'
import type { RelayOptions } from '../relay.process.ts'
import { type NodeName, nodeNames, type Site } from '../site.ts'
import { otherThan, seenSince, startHotspare } from './start.ts'

const LOSSY_MS = 300_000
const JITTERY_MS = 120_000

it('V8: 30 % loss between two nodes moves nothing', { timeout: 600_000 }, async (context) => {
  const { site } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
  const holder = await site.settled()
  const { node1, node2 } = site.machines
  const fromMs = sharedMs()
  node1.losePercent(30, node2)
  node2.losePercent(30, node1)
  await sleep(LOSSY_MS)

  expect(seenSince(site, fromMs)).toEqual({ takeovers: 0, failed: 0, overlaps: [] })
  expect(site.holders()).toEqual([holder])
})

it('V8: up to 200 ms of delay, other for each packet, moves nothing', { timeout: 300_000 }, async (context) => {
  const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
  const holder = await site.settled()
  const fromMs = sharedMs()
  await delay(site, [0, 200])
  await sleep(JITTERY_MS)

  expect(seenSince(site, fromMs)).toEqual({ takeovers: 0, failed: 0, overlaps: [] })
  // What they say passed the relay.
  expect(site.machines.node1.execute('nft', ['list', 'table', 'ip', 'relay'])).toMatch(/udp dport 7401 counter packets [1-9]/)
  // The nodes still talk: a switchover asks both of them.
  await system.switchover(otherThan(holder))
})

/** From now on, what the nodes say to each other, heartbeats and requests, passes a relay that delays it. */
async function delay(site: Site, delayMs: RelayOptions['delayMs']): Promise<void> {
  const relay = site.machines.arbiter
  for (const [index, node] of nodeNames.entries()) {
    const port = PEER_PORT + 10 + index
    const options: RelayOptions = { port, to: { host: site.machines[node].address, port: PEER_PORT }, delayMs }
    const script = resolve(import.meta.dirname, '../relay.process.ts')
    const program = relay.run(process.execPath, ['--conditions=@hotspare/source', script, JSON.stringify(options)])
    await until(
      () => program.output().includes('ready'),
      () => `the relay runs: ${program.output()}`,
    )
    redirect(site.machines[otherThan(node)], site.machines[node], `${relay.address}:${port}`)
    dropConnections(site, node)
  }
}

/** What that machine sends to a peer goes elsewhere. */
function redirect(machine: Machine, peer: Machine, to: string): void {
  machine.execute('nft', ['add', 'table', 'ip', 'relay'])
  machine.execute('nft', ['add', 'chain', 'ip', 'relay', 'output', '{ type nat hook output priority -100 ; }'])
  for (const protocol of ['udp', 'tcp']) {
    const rule = ['ip', 'daddr', peer.address, protocol, 'dport', String(PEER_PORT), 'counter', 'dnat', 'to', to]
    machine.execute('nft', ['add', 'rule', 'ip', 'relay', 'output', ...rule])
  }
}

/** Connections that were there before go on as they were, past the relay: they are closed. */
function dropConnections(site: Site, node: NodeName): void {
  site.machines[node].execute('ss', ['--kill', '--tcp', 'state', 'established', 'sport', '=', `:${PEER_PORT}`])
}

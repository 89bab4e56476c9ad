import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { until } from '../../network.ts'
import { eventsIn } from '../logged.ts'
import { VIP } from '../site.ts'
import { otherThan, startHotspare } from './start.ts'

/** Between two announcements of an address that was claimed a moment ago, at most. */
const ANNOUNCED_EVERY_MS = 1_200
/** What a busy machine may add. */
const NOISE_MS = 1_000

it('V15: a client that hears no ARP for 2 s after a takeover learns of it when it does again', { timeout: 120_000 }, async (context) => {
  const { site } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
  const holder = await site.settled()
  const other = otherThan(holder)
  const { client } = site.machines
  client.cutArpFrom(site.machines[other])
  const fromMs = sharedMs()
  site.powerOff(holder)
  await until(() => site.claims().some(({ node, atMs }) => node === other && atMs > fromMs), 'the other node claims it')
  await sleep(2_000)
  const heardMs = sharedMs()
  client.mend()
  const served = () => site.attempts().find(({ startMs, outcome, node }) => startMs > fromMs && outcome === 'ok' && node === other)
  await until(() => served() !== undefined, 'the client is served again')
  const tookMs = (served()?.startMs ?? Infinity) - heardMs
  await context.annotate(`served again ${Math.round(tookMs)} ms after ARP came through`)

  // It was deaf until then.
  expect(tookMs).toBeGreaterThan(0)
  expect(tookMs).toBeLessThan(ANNOUNCED_EVERY_MS + NOISE_MS)
})

it('V16: an address that a stranger has is not claimed, and is once he has gone', { timeout: 120_000 }, async (context) => {
  const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
  await site.settled()
  // The other node first: nobody is there to hand over to.
  for (const node of ['node2', 'node1'] as const) await system.stop(node)
  const { arbiter: stranger, node1 } = site.machines
  stranger.execute('ip', ['address', 'add', `${VIP}/32`, 'dev', 'eth0'])
  const fromMs = sharedMs()
  await system.startNode(site, 'node1')
  await until(() => system.log('node1').includes('"type":"vip-refused"'), 'it is refused')
  await sleep(3_000)
  expect(eventsIn(system.log('node1')).map(({ type }) => type)).not.toContain('vip-claimed')
  expect(site.claims().filter(({ node, atMs }) => node === node1.name && atMs > fromMs)).toEqual([])
  expect(site.addressSpans('node1').filter(({ toMs }) => toMs > fromMs)).toEqual([])
  expect(system.log('node1')).toContain(`${stranger.mac} holds ${VIP}`)

  stranger.execute('ip', ['address', 'del', `${VIP}/32`, 'dev', 'eth0'])
  expect(await site.settled()).toBe('node1')
})

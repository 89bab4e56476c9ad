import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clusterStatusSchema, planAnswerSchema, siteWordResultSchema } from '@hotspare/api'
import { systemClock } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { expect, it } from 'vitest'
import { until } from '../../api-server.fixture.ts'
import { parseConfig } from '../../config/load.ts'
import { ADDRESS, freePeerPort, makeNode, SENTINELS, startWitness, temporaryFolder, type TestNode } from '../two-nodes.fixture.ts'

const NAMES = ['fra-1', 'fra-2', 'ham-1'] as const
const patient = { timeout: 60_000 }

/** Two nodes in one site, and one in another; the first is active. */
async function startSites({ capacity = 50, strayed = false }: { readonly capacity?: number; readonly strayed?: boolean } = {}): Promise<{
  readonly nodes: readonly [TestNode, TestNode, TestNode]
  readonly folders: readonly string[]
}> {
  const ports = [await freePeerPort(), await freePeerPort(), await freePeerPort()]
  const arbiter = await startWitness()
  const segment = memorySegment(systemClock)
  const folders = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()]
  const make = async (index: 0 | 1 | 2): Promise<TestNode> => {
    const siteOf = (name: string) => (strayed && index === 1 && name === 'fra-2' ? 'other' : name.slice(0, 3))
    const peers = NAMES.map((name, each) => `${name}: { peer: "127.0.0.1:${ports[each]}", site: ${siteOf(name)}, capacity: ${capacity} }`)
    const yaml = `
node: ${NAMES[index]}
cluster:
  nodes: { ${peers.join(', ')} }
  secret: \${env:CLUSTER}
  arbiter: ${arbiter}
  state: ${folders[index]}
services:
  shop:
    members: [${NAMES.join(', ')}]
    onControlLoss: keep
    load: 40
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: ${ADDRESS}, interface: eth0 }]
`
    const { config } = await parseConfig(yaml, { file: 'h.yaml', env: SENTINELS, hostname: NAMES[index] })
    return makeNode(config, segment, `02:00:00:00:00:0${index + 1}`)
  }
  const nodes = [await make(0), await make(1), await make(2)] as const
  await Promise.all(nodes.map(({ part }) => part.start()))
  await until(() => nodes[0].role() === 'active' && nodes.slice(1).every((node) => node.role() === 'standby'), 'the first is active')
  await until(() => nodes[1].control.status()?.services[0]?.candidates.every(({ eligible }) => eligible) === true, 'all are well')
  return { nodes, folders }
}

it('a site is emptied and comes back as one, and is lost as one', patient, async () => {
  const { nodes, folders } = await startSites()
  const [first, second, other] = nodes
  const stateOf = (name: string) => other.control.status()?.sites?.find((each) => each.name === name)?.state
  await until(() => stateOf('fra') === 'up' && stateOf('ham') === 'up', 'both sites are up')

  // Asked on the node that stays: those that leave are told, each writes it down, and the service leaves once.
  const result = await other.control.backend.setSite('fra', 'power works', { force: false })
  expect(siteWordResultSchema.parse(JSON.parse(JSON.stringify(result)))).toMatchObject({
    ok: true,
    nodes: [
      { node: 'fra-1', ok: true },
      { node: 'fra-2', ok: true },
    ],
    departure: {
      departures: [{ service: 'shop', from: 'fra-1', to: 'ham-1' }],
      loads: [{ node: 'ham-1', load: 40, capacity: 50, fits: true }],
    },
  })
  for (const folder of folders.slice(0, 2)) expect(await readFile(join(folder, 'maintenance'), 'utf8')).toBe('site fra: power works\n')
  await until(() => other.role() === 'active' && first.role() === 'standby', 'the service has left the site')
  expect(second.events.some((event) => event.type === 'role-changed' && event.to === 'active')).toBe(false)
  await until(() => stateOf('fra') === 'drained', 'the site is empty')
  expect(clusterStatusSchema.parse(JSON.parse(JSON.stringify(other.control.status()))).sites).toMatchObject([
    { name: 'fra', state: 'drained', services: [] },
    { name: 'ham', state: 'up', services: ['shop'] },
  ])

  // Nobody is left to take it; and where there is somebody, it may be too much.
  expect(await first.control.backend.setSite('ham', 'too much', { force: false })).toMatchObject({ ok: false, nodes: [] })
  expect(await other.control.backend.setSite('fra', undefined, { force: false })).toMatchObject({ ok: true })
  await until(() => stateOf('fra') === 'up', 'the site is back')

  await Promise.all([first.part.stop('the site dies'), second.part.stop('the site dies')])
  await until(() => stateOf('fra') === 'lost', 'the site is lost')
  const told = other.events.filter(({ type }) => type === 'site-lost' || type === 'site-back')
  expect(told).toMatchObject([{ type: 'site-lost', site: 'fra', because: 'no heartbeat of fra-1, fra-2' }])
  // Who is dead cannot be told, and is named.
  expect(await other.control.backend.setSite('fra', 'it burns', { force: false })).toMatchObject({
    ok: false,
    because: 'not told: fra-1, fra-2; say it again',
  })
})

it('what would be too much for the others is refused to people with figures, and done when they insist', patient, async () => {
  const { nodes, folders } = await startSites({ capacity: 30 })
  const [first, second] = nodes
  const { backend } = first.control
  const tooMuch = expect.stringContaining('fra-2 would carry 40 of 30; it was not forced')
  expect(await backend.command('shop', { type: 'switchover' })).toMatchObject({ ok: false, because: tooMuch })
  const plan = planAnswerSchema.parse(JSON.parse(JSON.stringify(await backend.plan('shop', undefined))))
  expect(plan.departure?.loads).toMatchObject([
    { node: 'fra-2', load: 40, added: 40, capacity: 30, fits: false },
    { node: 'ham-1', added: 0 },
  ])
  await expect(backend.setWord('maintenance', 'kernel')).rejects.toMatchObject({ code: 'HOTSPARE_APP_CAPACITY', message: tooMuch })
  await expect(readFile(join(folders[0] ?? '', 'maintenance'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await backend.setWord('hold', 'a hold weighs nothing')).toEqual({ was: false })
  await backend.setWord('hold', undefined)
  expect(await backend.command('shop', { type: 'switchover' }, { force: true })).toMatchObject({ ok: true })
  await until(() => second.role() === 'active', 'it is active where people wanted it')
  await until(() => second.control.status()?.services[0]?.concern?.includes('40 of 30') === true, 'people are told')
})

// The file of the second node has it in another site: it does not take the word, and is no place to go to all the same.
it('a service does not leave for a node that is told to be empty as well', patient, async () => {
  const { nodes } = await startSites({ strayed: true })
  const [first, , other] = nodes
  expect(await other.control.backend.setSite('fra', 'power works', { force: false })).toMatchObject({
    ok: false,
    because: 'not told: fra-2; say it again',
    nodes: [{ ok: true }, { ok: false, because: 'fra-2 stands in other, and ham-1 spoke of fra' }],
  })
  await until(() => first.role() === 'standby', 'the service has left')
  await until(() => other.role() === 'active', 'it is active at the other site')
})

import { createSocket } from 'node:dgram'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { clusterStatusSchema, planAnswerSchema } from '@hotspare/api'
import { silentLogger, systemClock } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { exitCodeOf } from '../commands/context.ts'
import { parseConfig } from '../config/load.ts'
import { composeCluster } from './compose-cluster.ts'
import { openClusterPart } from './guard-part.ts'
import {
  ADDRESS,
  configOf,
  freePeerPort,
  makeNode,
  SENTINELS,
  type SiteFile,
  startSite,
  startWitness,
  temporaryFolder,
} from './two-nodes.fixture.ts'

const NONE = '{ type: none, acceptSplitBrain: true }'
const UNREACHABLE = '{ type: etcd, endpoints: ["http://127.0.0.1:1"], ttl: 1s }'
const patient = { timeout: 60_000 }

const compose = (config: Parameters<typeof composeCluster>[0], driver = memorySegment(systemClock).host('02:00:00:00:00:01')) =>
  composeCluster(config, { clock: systemClock, logger: silentLogger, record: () => {}, vipDriver: driver })

async function fileOf(more: Partial<SiteFile> = {}): Promise<SiteFile> {
  return { ports: [await freePeerPort(), await freePeerPort()], arbiter: UNREACHABLE, policy: 'keep', ...more }
}

async function bindUdp(port: number): Promise<void> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  await new Promise<void>((resolve, reject) => void socket.once('error', reject).bind(port, '127.0.0.1', resolve))
}

async function bindTcp(port: number): Promise<void> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(port, '127.0.0.1', resolve))
}

const openThings = () => process.getActiveResourcesInfo().filter((kind) => /UDP|TCP/.test(kind)).length

describe('a cluster that cannot start', () => {
  it('is none where the file has none', async () => {
    const { config } = await parseConfig('pools: { site: { targets: ["http://127.0.0.1:9"] } }', { file: 'h.yaml', env: {}, hostname: 'h' })
    expect(compose(config)).toBeUndefined()
    expect(openClusterPart(config, { clock: systemClock, logger: silentLogger }, { tellControl: () => {} })).toBeUndefined()
  })

  it.each([
    ['the port of the heartbeat is taken', bindUdp, 'HOTSPARE_HEARTBEAT_LISTEN'],
    ['the port of the peer channel is taken', bindTcp, 'HOTSPARE_HEARTBEAT_CHANNEL_LISTEN'],
  ])('says that %s, exits with 2, and leaves nothing open', async (_what, bind, code) => {
    const file = await fileOf()
    await bind(file.ports[0])
    const cluster = compose(await configOf('web-1', file, await temporaryFolder()))
    const before = openThings()
    const failure = await cluster?.start().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(String(file.ports[0])) })
    expect(exitCodeOf(failure)).toBe(2)
    await expect.poll(openThings).toBeLessThanOrEqual(before)
    await cluster?.stop()
  })

  it('says that the state folder cannot be written, and opens nothing', async () => {
    const folder = join(await temporaryFolder(), 'state')
    await writeFile(folder, 'a file where the folder should be')
    const file = await fileOf()
    const cluster = compose(await configOf('web-1', file, folder))
    const failure = await cluster?.start().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'HOTSPARE_APP_STATE', message: expect.stringMatching(/state.*cluster\.state/) })
    expect(exitCodeOf(failure)).toBe(2)
    await Promise.all([bindUdp(file.ports[0]), bindTcp(file.ports[0])])
  })

  // Once the failed start let go of what it had never had: the address of a daemon that runs on the same machine.
  it('takes no address away that somebody else has put there', async () => {
    const segment = memorySegment(systemClock)
    const host = segment.host('02:00:00:00:00:01')
    const address = { text: ADDRESS, family: 4, prefixLength: 32, bytes: Buffer.from([10, 0, 0, 100]) } as never
    const link = (await host.links()).find(({ name }) => name === 'eth0')
    if (!link) throw new Error('no eth0')
    await host.setAddress({ link, address, prefixLength: 32, label: 'eth0:hs', validSeconds: undefined })
    const file = await fileOf({ policy: 'release' })
    await bindUdp(file.ports[0])
    await expect(compose(await configOf('web-1', file, await temporaryFolder()), host)?.start()).rejects.toThrow()
    expect(segment.holders(ADDRESS)).toHaveLength(1)
  })
})

describe('questions at an odd time', () => {
  it('are answered before the cluster has started, and after it has stopped', patient, async () => {
    const file = await fileOf()
    const folder = await temporaryFolder()
    const node = makeNode(await configOf('web-1', file, folder), memorySegment(systemClock), '02:00:00:00:00:01')
    const ask = async () => {
      expect(await node.control.backend.command('shop', { type: 'switchover' })).toMatchObject({ ok: false })
      expect(await node.control.backend.plan('shop', undefined)).toMatchObject({ because: expect.any(String) })
    }
    await ask()
    expect(await node.control.backend.setWord('hold', 'before the start')).toEqual({ was: false })
    await node.part.start()
    await until(() => node.control.status()?.hold?.because === 'before the start', 'the hold is known')
    await node.part.stop('the test says so')
    await ask()
  })

  it('about what there is not are failures, and do not harm the guard', async () => {
    const node = makeNode(await configOf('web-1', await fileOf(), await temporaryFolder()), memorySegment(systemClock), '02:00:00:00:00:01')
    await expect(node.control.backend.command('mail', { type: 'failover' })).rejects.toMatchObject({
      code: 'HOTSPARE_FAILOVER_UNKNOWN_SERVICE',
    })
    await expect(node.control.backend.plan('mail', undefined)).rejects.toMatchObject({ code: 'HOTSPARE_FAILOVER_UNKNOWN_SERVICE' })
    // A control with another idea of the file, or one from a newer version: once this ended the guard.
    node.part.hear({ type: 'check', service: 'mail', verdict: { state: 'up', since: 1, because: '' } })
    node.part.hear({ type: 'served', service: 'mail', verdict: { state: 'yes', since: 1, because: '' } })
    node.part.hear({ type: 'from the future' } as never)
    expect(node.said()).toContain('the guard cannot do what control says')
  })

  it('a word that cannot be written down is a failure with its hint', async () => {
    const folder = await temporaryFolder()
    const node = makeNode(await configOf('web-1', await fileOf(), folder), memorySegment(systemClock), '02:00:00:00:00:01')
    await mkdir(join(folder, 'hold'))
    await expect(node.control.backend.setWord('hold', 'x')).rejects.toMatchObject({ code: 'HOTSPARE_APP_STATE' })
  })
})

it('a node without a part in any service watches, and says how its peers are', patient, async () => {
  const file = await fileOf({ members: 'web-2' })
  const node = makeNode(await configOf('web-1', file, await temporaryFolder()), memorySegment(systemClock), '02:00:00:00:00:01')
  await node.part.start()
  await until(() => node.control.status() !== undefined, 'a first view')
  expect(node.control.status()).toMatchObject({ services: [], peers: [{ name: 'web-2', connected: false }] })
  expect(node.control.backend.services).toEqual([])
  expect(node.control.notReady()).toEqual([])
})

describe('two nodes', () => {
  it.each(['keep', 'release'] as const)(
    'with a witness and %s: one has the address; people move it, hold it, and stop the active one, which hands over',
    patient,
    async (policy) => {
      const { one, two, holders, folders } = await startSite(policy, await startWitness())
      expect(holders()).toEqual([one.mac])
      // What control tells is what the API promises, as JSON and back.
      const status = one.control.status()
      const wire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
      expect(clusterStatusSchema.parse(wire(status))).toEqual(wire(status))

      const plan = await one.control.backend.plan('shop', 'web-2')
      expect(planAnswerSchema.parse(wire(plan)).plan).toMatchObject({ purpose: 'switchover', from: 'web-1', to: 'web-2' })
      // Asked on the standby: whoever has it does it.
      const moved = await two.control.backend.command('shop', { type: 'switchover', to: 'web-2' })
      expect(moved).toMatchObject({ ok: true, because: expect.stringContaining('done in') })
      expect(holders()).toEqual([two.mac])
      await until(() => one.role() === 'standby' && two.role() === 'active', 'both know')
      expect(clusterStatusSchema.parse(wire(one.control.status())).services[0]?.lastPlan).toMatchObject({ purpose: 'switchover', ok: true })

      await writeFile(join(folders[0], 'hold'), 'by hand')
      await until(() => two.control.status()?.services[0]?.automation.state === 'off', 'the other node knows of the hold')
      expect(two.control.status()?.peers[0]?.hold).toMatchObject({ because: 'by hand' })
      expect(await one.control.backend.setWord('hold', undefined)).toEqual({ was: true })
      await until(() => two.control.status()?.services[0]?.automation.state === 'on', 'the other node knows that it was lifted')

      await two.part.stop('SIGTERM')
      expect(holders()).toEqual([one.mac])
      await until(() => one.role() === 'active', 'the first one is active again')
      expect(one.events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['plan-started', 'plan-finished', 'hold-set', 'hold-lifted']),
      )

      for (const node of [one, two])
        for (const secret of Object.values(SENTINELS)) expect(node.said() + JSON.stringify(node.control.status())).not.toContain(secret)
    },
  )

  it('without an arbiter agree among themselves', patient, async () => {
    const { one, two, holders } = await startSite('keep', NONE)
    expect(await one.control.backend.command('shop', { type: 'switchover' })).toMatchObject({ ok: true })
    expect(holders()).toEqual([two.mac])
  })
})

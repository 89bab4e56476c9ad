import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { createWitness } from '@hotspare/lease/witness-server'
import { type MemorySegment, memorySegment } from '@hotspare/vip/memory'
import { onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { parseConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import type { ClusterPart } from '../process/cluster-part.ts'
import { type ClusterControl, type ClusterControlOptions, openClusterControl } from './control/part.ts'
import type { ClusterEvent } from './events.ts'
import { openClusterPart } from './guard-part.ts'
import type { ClusterNews, ClusterOrder } from './messages.ts'

/** What must not show anywhere: each is the secret of something else. */
export const SENTINELS = { CLUSTER: 'sentinel-of-the-cluster-3f9a', ARBITER: 'sentinel-of-the-arbiter-77c1' }
export const ADDRESS = '10.0.0.100'

/** A port of loopback that was free a moment ago, for UDP and TCP alike. */
export async function freePeerPort(): Promise<number> {
  const udp = createSocket('udp4')
  await new Promise<void>((resolve) => void udp.bind(0, '127.0.0.1', resolve))
  const { port } = udp.address()
  const tcp = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    tcp.once('error', () => resolve(false))
    tcp.listen(port, '127.0.0.1', () => resolve(true))
  })
  await new Promise<void>((resolve) => void udp.close(() => resolve()))
  await new Promise<void>((resolve) => void tcp.close(() => resolve()))
  return isFree ? port : freePeerPort()
}

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'hotspare-cluster-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

export async function startWitness(): Promise<string> {
  const file = join(await temporaryFolder(), 'witness.json')
  const witness = createWitness({ listen: { host: '127.0.0.1', port: 0 }, file, secrets: [{ id: 1, secret: SENTINELS.ARBITER }] })
  await witness.start()
  onTestFinished(() => witness.stop())
  return `{ type: witness, url: "http://127.0.0.1:${witness.address?.port}", secret: { id: 1, secret: "\${env:ARBITER}" }, ttl: 2s }`
}

/** The file of a cluster of two on loopback, as each of them has it but for the folder. */
export interface SiteFile {
  readonly ports: readonly [number, number]
  readonly arbiter: string
  readonly policy: 'keep' | 'release'
  /** Of the one service. Default: both */
  readonly members?: string
  /** Further lines. */
  readonly more?: string
}

export async function configOf(
  node: string,
  { ports, arbiter, policy, members = 'web-1, web-2', more = '' }: SiteFile,
  state: string,
): Promise<Config> {
  const yaml = `
node: ${node}
cluster:
  nodes: { web-1: { peer: "127.0.0.1:${ports[0]}" }, web-2: { peer: "127.0.0.1:${ports[1]}" } }
  secret: \${env:CLUSTER}
  arbiter: ${arbiter}
  state: ${state}
services:
  shop:
    members: [${members}]
    onControlLoss: ${policy}
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: ${ADDRESS}, interface: eth0 }]
${more}`
  return (await parseConfig(yaml, { file: 'h.yaml', env: SENTINELS, hostname: node })).config
}

/** One node: the guard's part and control's, with the wire between them; what control would see, the test says. */
export interface TestNode {
  readonly mac: string
  readonly part: ClusterPart
  readonly control: ClusterControl
  readonly events: ClusterEvent[]
  /** All that left the node: its log, and what it told control. */
  readonly said: () => string
  role(): string | undefined
}

export function makeNode(
  config: Config,
  segment: MemorySegment,
  mac: string,
  views: Pick<ClusterControlOptions, 'ownOf' | 'abstains'> = {},
): TestNode {
  const events: ClusterEvent[] = []
  const said: string[] = []
  const log = (fields: unknown, message: string) => void said.push(JSON.stringify([fields, message]))
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const toControl = (news: ClusterNews) => {
    const copy = structuredClone(news)
    said.push(JSON.stringify(copy))
    control?.hear(copy)
  }
  const part = openClusterPart(config, { clock: systemClock, logger, vipDriver: segment.host(mac) }, { tellControl: toControl })
  const tell = (order: ClusterOrder) => part?.hear(structuredClone(order))
  const record = (event: ClusterEvent) => void events.push(event)
  const control = openClusterControl({ config, clock: systemClock, random: systemRandom, logger: silentLogger, tell, record, ...views })
  if (!part || !control) throw new Error('there is no cluster in the file')
  const told = setInterval(() => {
    for (const service of control.backend.services) {
      tell({ type: 'check', service, verdict: { state: 'up', since: 1, because: 'the test says so' } })
      const state = segment.holders(ADDRESS).length > 0 ? 'yes' : 'no'
      tell({ type: 'served', service, verdict: { state, since: 1, because: 'the test has looked' } })
    }
  }, 50)
  onTestFinished(async () => {
    clearInterval(told)
    await part.stop('the test is over')
  })
  return { mac, part, control, events, said: () => said.join('\n'), role: () => control.status()?.services[0]?.role }
}

export interface Site {
  readonly segment: MemorySegment
  readonly one: TestNode
  readonly two: TestNode
  readonly folders: readonly [string, string]
  /** Hardware addresses of those who have the address. */
  readonly holders: () => readonly string[]
}

/** Two nodes that run, once the first one is active. */
export async function startSite(policy: SiteFile['policy'], arbiter: string): Promise<Site> {
  const file: SiteFile = { ports: [await freePeerPort(), await freePeerPort()], arbiter, policy }
  const segment = memorySegment(systemClock)
  const folders = [await temporaryFolder(), await temporaryFolder()] as const
  const one = makeNode(await configOf('web-1', file, folders[0]), segment, '02:00:00:00:00:01')
  const two = makeNode(await configOf('web-2', file, folders[1]), segment, '02:00:00:00:00:02')
  await Promise.all([one.part.start(), two.part.start()])
  const holders = () => segment.holders(ADDRESS)
  await until(() => one.role() === 'active' && two.role() === 'standby' && holders()[0] === one.mac, 'the first node is active')
  return { segment, one, two, folders, holders }
}

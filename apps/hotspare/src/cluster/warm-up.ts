import { type Clock, HotspareError, type Timer } from '@hotspare/core'
import { createFailover, type Failover, type PeersPort, type ServiceParts } from '@hotspare/failover'
import { createLease, type LeaseRegister } from '@hotspare/lease'
import { memoryRegister } from '@hotspare/lease/memory'
import { createVip, type Vip } from '@hotspare/vip'
import { type MemorySegment, memorySegment } from '@hotspare/vip/memory'
import { vipResource } from '@hotspare/vip/resource'

const ACTORS = ['one', 'two']

const SERVICE = 'warm-up'
/** Of a network that exists in documents alone (RFC 5737), on interfaces in memory. */
const ADDRESS = '192.0.2.1'
const TTL_MS = 1_000
const LOOK_MS = 50
/** The second one takes half the time of the first; further ones gain little. */
const MOVES = 2
/** Seven times what an idle machine takes: on one so busy, it is not worth its while. */
const LIMIT_MS = 10_000

/**
 * Moves a service between two nodes that exist in memory alone, through the engine, the lease and the address as they
 * are. A process compiles code when it runs for the first time, and for a standby that is the takeover: 5 to 10 ms longer
 * than later ones, with everybody waiting.
 *
 * @param signal ends it early
 * @returns how many moves were done; fewer than two where it was ended, or the machine was too busy
 */
export async function warmUp(clock: Clock, signal: AbortSignal): Promise<number> {
  const stage = createStage(clock)
  const untilMs = clock.monotonicMs() + LIMIT_MS
  const goesOn = () => !signal.aborted && clock.monotonicMs() < untilMs
  let moves = 0
  try {
    await stage.start()
    while (moves < MOVES && goesOn()) {
      if (await stage.move()) moves += 1
      else await new Promise<void>((resolve) => void clock.schedule(LOOK_MS, resolve))
    }
  } finally {
    await stage.stop()
  }
  return moves
}

interface Stage {
  start(): Promise<void>
  /** @returns whether the service was active, and is now on the other node */
  move(): Promise<boolean>
  stop(): Promise<void>
}

function createStage(clock: Clock): Stage {
  const segment = memorySegment(clock)
  const register = memoryRegister()
  const nodes = new Map(
    ACTORS.map((name): [string, Node] => [name, createNode({ name, clock, segment, register, peerOf: (peer) => nodes.get(peer) })]),
  )
  const all = [...nodes.values()]
  let timer: Timer | undefined

  /** What control does in earnest. */
  function look(): void {
    timer = clock.schedule(LOOK_MS, look)
    const since = clock.wallMs()
    const served = segment.holders(ADDRESS).length > 0 ? 'yes' : 'no'
    for (const { failover } of all) {
      failover.setCheck(SERVICE, { state: 'up', since, because: 'nobody looks' })
      failover.setServed(SERVICE, { state: served, since, because: 'it is there in memory' })
    }
  }

  return {
    async start() {
      await Promise.all(all.map(({ vip }) => vip.start()))
      await Promise.all(all.map(({ failover }) => failover.start()))
      look()
    },
    async move() {
      const active = all.find(({ failover }) => failover.snapshot()[0]?.role === 'active')
      return (await active?.failover.command(SERVICE, { type: 'switchover' }))?.ok ?? false
    },
    async stop() {
      timer?.cancel()
      await Promise.all(all.map(({ failover }) => failover.stop()))
      await Promise.all(all.map(({ vip }) => vip.stop()))
      await register.close()
    },
  }
}

interface Node {
  readonly failover: Failover
  readonly vip: Vip
}

interface NodeParts {
  readonly name: string
  readonly clock: Clock
  readonly segment: MemorySegment
  readonly register: LeaseRegister
  readonly peerOf: (name: string) => Node | undefined
}

function createNode({ name, clock, segment, register, peerOf }: NodeParts): Node {
  const mac = `02:00:00:00:00:0${ACTORS.indexOf(name) + 1}`
  const vip = createVip({ address: `${ADDRESS}/32`, interface: 'eth0', lifetimeMs: TTL_MS, driver: segment.host(mac), clock })
  const service: ServiceParts = {
    definition: { name: SERVICE, members: ACTORS, onControlLoss: 'release', failback: { type: 'manual' }, maxFailoversPerHour: MOVES },
    lease: createLease({ register, name: SERVICE, holder: name, ttlMs: TTL_MS, clock }),
    resources: [vipResource(vip, { hasLifetime: true })],
    instructions: { prepare: () => NOBODY_READS_IT, lease: () => NOBODY_READS_IT, resource: () => NOBODY_READS_IT },
    hasCheck: true,
  }
  const failover = createFailover({
    node: name,
    peerNodes: ACTORS.filter((other) => other !== name),
    services: [service],
    peers: peersOf(name, peerOf),
    people: { hold: () => undefined, maintenance: () => undefined },
    identities: () => [mac],
    // Nobody has to be waited for who might still be there.
    rules: { settleMs: LOOK_MS, staggerMs: LOOK_MS },
    clock,
  })
  return { failover, vip }
}

const NOBODY_READS_IT = { what: 'Nothing.', manual: ['true'], verification: { command: 'echo done', expect: 'done' }, allowedMs: TTL_MS }

/** A direct call, with what passes turned into JSON and back as on the wire. */
function peersOf(own: string, peerOf: NodeParts['peerOf']): PeersPort {
  return {
    verdict: () => ({ state: 'up', since: 0, because: 'it is in memory' }),
    agrees: () => true,
    subscribe: () => () => {},
    async request(node, method, body, { signal = new AbortController().signal }) {
      const peer = peerOf(node)
      if (!peer) throw new HotspareError({ code: 'HOTSPARE_APP_CLUSTER', message: `${node} is not in memory` })
      return overTheWire(await peer.failover.answer(method, overTheWire(body), { peer: own, signal }))
    },
  }
}

function overTheWire(body: unknown): unknown {
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body))
}

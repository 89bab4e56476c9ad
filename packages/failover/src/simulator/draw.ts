import { type Random, seededRandom } from '@hotspare/core'
import { decisionDefaults } from '../defaults.ts'
import { drawFault, drawMidPlanFault, type FaultNames } from './draw-fault.ts'
import { drawCapacity, drawDevices, drawOutside, drawOutsideFaults, drawTogether } from './draw-site.ts'
import { Draws } from './draws.ts'
import { type Fault, ACTOR } from './fault.ts'
import type { ClockSpec, NodeSpec, Schedule, ServiceSpec } from './schedule.ts'
import type { OnControlLoss } from '../service.ts'

/** What a drawn schedule is kept within. */
export interface DrawLimits {
  /** Default: 2 to 5 */
  readonly nodes?: readonly [least: number, most: number] | undefined
  /** Default: 1 to 3 */
  readonly services?: readonly [least: number, most: number] | undefined
  /** Default: yes */
  readonly arbiter?: boolean | undefined
  /** Default: drawn for each service; without an arbiter, only what may be served twice is allowed. */
  readonly onControlLoss?: OnControlLoss | undefined
}

/** The phases of a drawn schedule, in milliseconds. */
const phases = Object.freeze({
  /** Nothing happens at first, so that there is something to break. */
  quietMs: 1_200,
  calmAtMs: 6_000,
  /** From one fault to the next, at most. */
  pauseMs: 1_600,
  /** As long as a standby that may have just seen something takes to do something about it. */
  settledMs: 1_000,
})

const LOOK_INTERVALS_MS = [100, 200, 250]

/** Any number: two streams of one seed. */
const MORE = 0x5bf0_3635

/** How many moments within plans are drawn, and how likely each is used. */
const MOMENTS = { plans: 10, planChance: 0.2, grants: 8, grantChance: 0.1 }

/** Draws a site and what goes wrong in it. The same seed gives the same schedule. */
export function drawSchedule(seed: number, limits: DrawLimits = {}): Schedule {
  const random = seededRandom(Math.imul(seed, 2_654_435_761))
  const draws = new Draws(random)
  const arbiter = limits.arbiter ?? true
  const nodes = drawNodes(draws, limits.nodes ?? [2, 5])
  const names = nodes.map(({ name }) => name)
  // Drawn apart: what a seed was before is what it is, with something more.
  const more = new Draws(seededRandom(Math.imul(seed, 1_597_334_677) ^ MORE))
  const devices = arbiter && more.chance(0.15)
  const services = drawTogether(more, drawServices(draws, names, limits)).map((service) => drawOutside(more, service, devices))
  const clocks = Object.fromEntries(names.map((name) => [name, drawClock(draws, random)]))
  const about: FaultNames = { nodes, services: services.map(({ definition }) => definition.name), arbiter }
  const fencing = devices ? drawDevices(more, names) : undefined
  const { calmAtMs, settledMs } = phases
  const heartbeat = draws.chance(0.3) ? { intervalMs: 200, timeoutMs: 800 } : { intervalMs: 300, timeoutMs: 1_000 }
  const capacity = drawCapacity(more, names, services)
  const site = { nodes, services, arbiter, heartbeat, ...(capacity ? { capacity } : {}), ...(fencing ? { fencing } : {}) }
  const faults = [...drawFaults(draws, about), ...drawOutsideFaults(more, { names, services, devices }, [phases.quietMs, calmAtMs])]
  return { seed, site, clocks, faults, calmAtMs, settledMs }
}

function drawNodes(draws: Draws, [least, most]: readonly [number, number]): readonly NodeSpec[] {
  // Two nodes are what most sites have, and each more costs time.
  const count = Math.min(most, least + draws.weighted([55, 27, 12, 6]))
  return Array.from({ length: count }, (_, index) => ({ name: `web-${index + 1}`, site: index % 2 === 0 ? 'fra' : 'ams' }))
}

function drawServices(draws: Draws, nodes: readonly string[], limits: DrawLimits): readonly ServiceSpec[] {
  const [least, most] = limits.services ?? [1, 3]
  const count = Math.min(most, least + draws.weighted([70, 22, 8]))
  return Array.from({ length: count }, (_, index): ServiceSpec => {
    const drawn = draws.chance(0.5) ? 'keep' : 'release'
    const onControlLoss = limits.onControlLoss ?? (limits.arbiter === false ? 'keep' : drawn)
    // The first service knows all nodes; of the others, some are at home on a part of them.
    const members = index === 0 || draws.chance(0.5) ? draws.rotated(nodes) : draws.rotated(nodes).slice(0, 2)
    return {
      definition: {
        name: ['shop', 'mail', 'data'][index] ?? `service-${index + 1}`,
        members: index === 0 ? nodes : members,
        onControlLoss,
        failback: draws.chance(0.3) ? { type: 'after', holdMs: 1_000 } : { type: 'manual' },
        maxFailoversPerHour: decisionDefaults.maxFailoversPerHour,
      },
      check: { intervalMs: draws.pick(LOOK_INTERVALS_MS), rise: draws.chance(0.7) ? 1 : 2 },
      look: { intervalMs: draws.pick(LOOK_INTERVALS_MS), fall: draws.chance(0.5) ? 1 : 2 },
      ...(draws.chance(0.2) ? { records: 1 } : {}),
    }
  })
}

function drawClock(draws: Draws, random: Random): ClockSpec {
  return { rate: draws.clockRate(), startMs: Math.round(1_000 + random.next() * 1e8), processAtMs: draws.between(0, 500) }
}

function drawFaults(draws: Draws, about: FaultNames): readonly Fault[] {
  const faults: Fault[] = []
  const { quietMs, calmAtMs, pauseMs } = phases
  for (let atMs = draws.between(quietMs, 2 * quietMs); atMs < calmAtMs; atMs += draws.between(100, pauseMs))
    faults.push(...drawFault(draws, about, Math.round(atMs)))
  // In the middle of a plan, to whoever may have a part in it.
  for (let nth = 1; nth <= MOMENTS.plans; nth++)
    if (draws.chance(MOMENTS.planChance))
      faults.push(drawMidPlanFault(draws, about, { after: 'plan', nth, delayMs: draws.between(0.01, 120) }))
  // Between the right and what is done under it.
  for (let nth = 1; nth <= MOMENTS.grants; nth++)
    if (draws.chance(MOMENTS.grantChance)) {
      const atMs = { after: 'grant', nth, delayMs: draws.between(0.01, 10) } as const
      faults.push({ type: 'pause', node: ACTOR, atMs, forMs: draws.between(1_000, 4_000) })
    }
  return faults
}

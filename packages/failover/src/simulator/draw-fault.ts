import type { Draws } from './draws.ts'
import { ARBITER, type Fault, type Moment } from './fault.ts'
import type { NodeSpec } from './schedule.ts'

/** Whom a fault can strike. */
export interface FaultNames {
  readonly nodes: readonly NodeSpec[]
  readonly services: readonly string[]
  readonly arbiter: boolean
}

interface Drawing {
  readonly draws: Draws
  readonly about: FaultNames
  readonly names: readonly string[]
  /** Whom it strikes, where it strikes one. */
  readonly node: string
  readonly atMs: Moment
}

type DrawFault = (drawing: Drawing) => Fault | readonly Fault[]

/** A fault in the middle of somebody's plan. */
export function drawMidPlanFault(draws: Draws, about: FaultNames, atMs: Moment): Fault {
  const [fault] = drawOne(draws, about, atMs, midPlan)
  if (!fault) throw new RangeError('no fault was drawn')
  return fault
}

/** One fault at any time; some of them come in several parts. */
export function drawFault(draws: Draws, about: FaultNames, atMs: number): readonly Fault[] {
  return drawOne(draws, about, atMs, anyTime)
}

function drawOne(
  draws: Draws,
  about: FaultNames,
  atMs: Moment,
  from: readonly (readonly [weight: number, draw: DrawFault])[],
): readonly Fault[] {
  const names = about.nodes.map(({ name }) => name)
  const draw = from[draws.weighted(from.map(([weight]) => weight))]?.[1]
  const fault = draw?.({ draws, about, names, node: draws.pick(names), atMs }) ?? []
  return 'type' in fault ? [fault] : fault
}

const pause =
  (least: number, most: number): DrawFault =>
  ({ draws, node, atMs }) => ({ type: 'pause', node, atMs, forMs: draws.between(least, most) })
const crash: DrawFault = ({ draws, node, atMs }) => ({
  type: 'crash',
  node,
  atMs,
  forMs: draws.between(50, 4_000),
  told: draws.chance(0.5),
})
const power: DrawFault = ({ draws, node, atMs }) => ({ type: 'power', node, atMs, forMs: draws.between(500, 4_000) })
const suspend: DrawFault = ({ draws, node, atMs }) => ({ type: 'suspend', node, atMs, forMs: draws.between(50, 3_000) })

const crashOften: DrawFault = ({ draws, node, atMs }) => {
  if (typeof atMs !== 'number') return []
  return [0, 1, 2].map((turn) => ({ type: 'crash', node, atMs: atMs + turn * 300, forMs: 150, told: draws.chance(0.5) }))
}

const cut: DrawFault = ({ draws, names, node, atMs }) => {
  const forMs = draws.between(100, 4_000)
  const other = draws.pick(names.filter((name) => name !== node))
  if (draws.chance(0.6)) return { type: 'partition', sides: [[node], [other]], atMs, forMs }
  return { type: 'cut', from: [node], to: [other], atMs, forMs }
}

const cutArbiter: DrawFault = ({ draws, node, atMs }) => {
  const forMs = draws.between(100, 4_000)
  if (draws.chance(0.6)) return { type: 'partition', sides: [[node], [ARBITER]], atMs, forMs }
  const [from, to] = draws.chance(0.5) ? [node, ARBITER] : [ARBITER, node]
  return { type: 'cut', from: [from], to: [to], atMs, forMs }
}

const isolate: DrawFault = ({ draws, names, node, atMs }) => {
  const others = [...names.filter((name) => name !== node), ARBITER]
  return { type: 'partition', sides: [[node], others], atMs, forMs: draws.between(100, 4_000) }
}

/** Between two groups of nodes; the arbiter is on one side, or on both. */
const split: DrawFault = ({ draws, about, names, node, atMs }) => {
  const site = about.nodes.find(({ name }) => name === node)?.site
  const bySite = draws.chance(0.5)
  const chosen = names.filter(
    (name) => name === node || (bySite ? about.nodes.some((each) => each.name === name && each.site === site) : draws.chance(0.5)),
  )
  const others = names.filter((name) => !chosen.includes(name))
  const arbiterAt = draws.weighted([2, 2, 1])
  const sides = [arbiterAt === 0 ? [...chosen, ARBITER] : chosen, arbiterAt === 1 ? [...others, ARBITER] : others]
  return { type: 'partition', sides: sides.filter((side) => side.length > 0), atMs, forMs: draws.between(200, 4_000) }
}

const rough: DrawFault = ({ draws, atMs }) => ({
  type: 'rough',
  atMs,
  lossRatio: draws.chance(0.5) ? draws.between(0, 0.4) : 0,
  delayMs: [0.1, draws.chance(0.5) ? draws.between(1, 150) : 1],
  duplicateRatio: draws.between(0, 0.2),
  ...(draws.chance(0.3) ? { lateRatio: draws.between(0, 0.3), lateMs: draws.between(5, 300) } : {}),
  forMs: draws.between(200, 4_000),
})

const roughWay: DrawFault = ({ draws, names, node, atMs }) => {
  const other = draws.pick([...names.filter((name) => name !== node), ARBITER])
  const way = draws.chance(0.5) ? { from: node, to: other } : { from: other, to: node }
  return {
    type: 'rough',
    way,
    atMs,
    lossRatio: draws.between(0.1, 0.9),
    delayMs: [0.1, draws.between(1, 300)],
    forMs: draws.between(200, 4_000),
  }
}

const breakService: DrawFault = ({ draws, about, node, atMs }) => ({
  type: 'service-dead',
  node,
  ...(draws.chance(0.5) ? { service: draws.pick(about.services) } : {}),
  atMs,
  forMs: draws.between(50, 4_000),
})

const actuator: DrawFault = ({ draws, about, node, atMs }) => {
  const how = draws.pick(['slow', 'slow', 'refuses', 'throws', 'hangs'] as const)
  const verb = draws.pick(['acquire', 'release', 'both'] as const)
  return {
    type: 'actuator',
    node,
    how,
    ...(verb === 'both' ? {} : { verb }),
    ...(how === 'slow' ? { byMs: draws.between(50, 2_500) } : {}),
    ...(draws.chance(0.5) ? { service: draws.pick(about.services) } : {}),
    atMs,
    forMs: draws.between(200, 3_000),
  }
}

const stutter: DrawFault = ({ node, atMs }) => ({ type: 'stutter', node, atMs, forMs: 2_080, pauseMs: 400, runMs: 20 })
const controlDead: DrawFault = ({ draws, node, atMs }) => ({ type: 'control-dead', node, atMs, forMs: draws.between(100, 5_000) })
const arbiterKilled: DrawFault = ({ draws, atMs }) => ({ type: 'arbiter-killed', atMs, forMs: draws.between(100, 4_000) })
const arbiterPaused: DrawFault = ({ draws, atMs }) => ({ type: 'arbiter-paused', atMs, forMs: draws.between(100, 4_000) })
const arbiterSlow: DrawFault = ({ draws, atMs }) => ({
  type: 'arbiter-slow',
  atMs,
  byMs: draws.between(20, 400),
  forMs: draws.between(200, 4_000),
})
const clockRate: DrawFault = ({ draws, node, atMs }) => ({ type: 'clock-rate', node, atMs, rate: draws.clockRate() })
const wallJump: DrawFault = ({ draws, node, atMs }) => ({ type: 'wall-jump', node, atMs, byMs: draws.between(-3_600_000, 3_600_000) })
const bootJump: DrawFault = ({ draws, node, atMs }) => ({ type: 'boot-jump', node, atMs, byMs: draws.between(100, 10_000) })
const hold: DrawFault = ({ draws, node, atMs }) => ({ type: 'hold', node, atMs, forMs: draws.between(500, 3_000) })
const maintenance: DrawFault = ({ draws, node, atMs }) => ({ type: 'maintenance', node, atMs, forMs: draws.between(500, 3_000) })
const stop: DrawFault = ({ draws, node, atMs }) => ({ type: 'stop', node, atMs, forMs: draws.between(100, 3_000) })
const disagree: DrawFault = ({ draws, node, atMs }) => ({ type: 'disagree', node, atMs, forMs: draws.between(500, 4_000) })

const command: DrawFault = ({ draws, about, names, node, atMs }) => ({
  type: 'command',
  node,
  service: draws.pick(about.services),
  command: draws.chance(0.7) ? 'switchover' : 'failover',
  ...(draws.chance(0.5) ? { to: draws.pick(names) } : {}),
  atMs,
})

const midPlan: readonly (readonly [weight: number, draw: DrawFault])[] = [
  [1, pause(300, 3_000)],
  [1, pause(1_000, 3_000)],
  [1, crash],
  [1, power],
  [1, cut],
  [1, cutArbiter],
  [1, suspend],
  [1, actuator],
]

const anyTime: readonly (readonly [weight: number, draw: DrawFault])[] = [
  [2, pause(50, 500)],
  [2, pause(300, 3_000)],
  [2, stutter],
  [2, suspend],
  [4, crash],
  [2, crashOften],
  [2, power],
  [4, breakService],
  [3, cut],
  [2, cutArbiter],
  [4, isolate],
  [2, split],
  [2, rough],
  [1, roughWay],
  [1, arbiterKilled],
  [1, arbiterPaused],
  [1, arbiterSlow],
  [1, clockRate],
  [0.5, wallJump],
  [0.5, bootJump],
  [2, controlDead],
  [2, actuator],
  [2, hold],
  [2, maintenance],
  [4, command],
  [2, stop],
  [2, disagree],
]

import type { Fault, Run, Schedule } from '@hotspare/failover/simulator'
import { describe, expect, it } from 'vitest'
import { staggerMs } from '../cluster/lease-wait.ts'
import { run } from './seeds.ts'
import { shrinkRed } from './shrink-red.ts'

interface Case {
  readonly onControlLoss?: 'keep' | 'release'
  readonly nodes?: number
  readonly arbiter?: boolean
  readonly records?: number
  readonly calmAtMs?: number
}

const AT_MS = 3_000

function scheduleWith(
  faults: readonly Fault[],
  { onControlLoss = 'release', nodes = 2, arbiter = true, records = 0, calmAtMs = 8_000 }: Case = {},
): Schedule {
  const names = Array.from({ length: nodes }, (_, index) => `web-${index + 1}`)
  const definition = { name: 'shop', members: names, onControlLoss, failback: { type: 'manual' }, maxFailoversPerHour: 6 } as const
  return {
    seed: 1,
    site: { nodes: names.map((name) => ({ name })), services: [{ definition, records }], arbiter },
    faults,
    calmAtMs,
    settledMs: 1_000,
  }
}

/** What a service went through from the fault on. */
function outcome({ services, plans, violations }: Run) {
  const after = (spans: Run['services'][string]['unserved']) => spans.filter(({ untilMs }) => untilMs > AT_MS)
  const { unserved = [], twoHolders = [], holders = [] } = services['shop'] ?? {}
  return {
    violations: violations.map(({ what }) => what),
    unservedMs: after(unserved).reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0),
    twoHoldersMs: after(twoHolders).reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0),
    holders,
    moves: plans
      .filter(({ beginMs, purpose }) => beginMs >= AT_MS && purpose !== 'release')
      .map(({ purpose, to }) => `${purpose} to ${to}`),
  }
}

async function struck(fault: Fault | readonly Fault[], about?: Case) {
  return outcome(await run(scheduleWith('type' in fault ? [fault] : fault, about)))
}

describe('what a fault does to a service', () => {
  it('nothing where there is none', async () => {
    expect(await struck([])).toEqual({ violations: [], unservedMs: 0, twoHoldersMs: 0, holders: ['web-1'], moves: [] })
  })

  it.each<[string, Fault, Case]>([
    ['the standby loses power', { type: 'power', node: 'web-2', atMs: AT_MS, forMs: 2_000 }, {}],
    ['nobody controls what is kept', { type: 'crash', node: 'web-1', told: true, atMs: AT_MS, forMs: 4_000 }, { onControlLoss: 'keep' }],
    ['control falls silent', { type: 'control-dead', node: 'web-1', atMs: AT_MS, forMs: 4_500 }, {}],
    ['the arbiter is gone, and the service is kept', { type: 'arbiter-killed', atMs: AT_MS, forMs: 3_000 }, { onControlLoss: 'keep' }],
    ['the wall clock jumps by an hour', { type: 'wall-jump', node: 'web-1', atMs: AT_MS, byMs: 3_600_000 }, {}],
    [
      'packets are lost, late and overtaken',
      { type: 'rough', atMs: AT_MS, forMs: 3_000, lossRatio: 0.05, delayMs: [0.1, 20], lateRatio: 0.1, lateMs: 40 },
      {},
    ],
  ])('%s: it stays where it is, and is served', async (_, fault, about) => {
    const { moves, ...others } = await struck(fault, about)
    expect(others).toEqual({ violations: [], unservedMs: 0, twoHoldersMs: 0, holders: ['web-1'] })
    // Its right may have to be taken anew.
    expect(moves.filter((move) => move !== 'start to web-1')).toEqual([])
  })

  it.each<[string, Fault, Case]>([
    ['the active node loses power', { type: 'power', node: 'web-1', atMs: AT_MS, forMs: 4_000 }, {}],
    ['the active node is cut off', { type: 'partition', sides: [['web-1'], ['web-2', 'arbiter']], atMs: AT_MS, forMs: 4_000 }, {}],
    ['its service is dead', { type: 'service-dead', node: 'web-1', atMs: AT_MS }, {}],
    ['Hotspare stands still where it is active', { type: 'pause', node: 'web-1', atMs: AT_MS, forMs: 4_000 }, {}],
    ['people work on the active node', { type: 'maintenance', node: 'web-1', atMs: AT_MS, forMs: 4_000 }, { onControlLoss: 'keep' }],
    ['Hotspare is stopped there', { type: 'stop', node: 'web-1', atMs: AT_MS, forMs: 1_000 }, {}],
    ['people say so', { type: 'command', node: 'web-2', command: 'switchover', atMs: AT_MS }, { onControlLoss: 'keep' }],
  ])('%s: it moves once, and only one has it at a time where that is promised', async (_, fault, about) => {
    const { violations, moves, holders, unservedMs, twoHoldersMs } = await struck(fault, about)
    expect({ violations, moves: moves.map((move) => move.split(' ').slice(1).join(' ')), holders }).toEqual({
      violations: [],
      moves: ['to web-2'],
      holders: ['web-2'],
    })
    expect(about.onControlLoss === 'keep' ? unservedMs : twoHoldersMs).toBe(0)
  })

  it('a standby whose check looks more seldom than the engine remembers is known to be well, and takes over', async () => {
    const schedule = scheduleWith([{ type: 'power', node: 'web-1', atMs: 5_500 }], { calmAtMs: 7_500 })
    const services = schedule.site.services.map((service) => ({ ...service, check: { intervalMs: 20_000 } }))
    const { violations, holders, unservedMs } = outcome(await run({ ...schedule, site: { ...schedule.site, services } }))
    expect({ violations, holders }).toEqual({ violations: [], holders: ['web-2'] })
    expect(unservedMs).toBeLessThan(2_000)
  })

  it('under a hold, and with a node of another configuration, it is told and nothing moves', async () => {
    const dead: Fault = { type: 'service-dead', node: 'web-1', atMs: AT_MS + 500, forMs: 2_000 }
    for (const type of ['hold', 'disagree'] as const) {
      const { moves, violations, holders } = await struck([{ type, node: 'web-2', atMs: AT_MS - 1_500, forMs: 6_000 }, dead])
      expect({ moves, violations, holders }).toEqual({ moves: [], violations: [], holders: ['web-1'] })
    }
  })

  it('an actuator that fails, throws or never comes back delays it, and nothing stays half owned', async () => {
    for (const how of ['refuses', 'throws', 'hangs', 'slow'] as const) {
      const power: Fault = { type: 'power', node: 'web-1', atMs: AT_MS }
      const actuator: Fault = { type: 'actuator', node: 'web-2', how, byMs: 1_200, atMs: AT_MS, forMs: 2_500 }
      const { violations, holders, unservedMs } = await struck([power, actuator], { records: 1, nodes: 2, calmAtMs: 9_000 })
      expect({ how, violations, holders }).toEqual({ how, violations: [], holders: ['web-2'] })
      expect(unservedMs).toBeGreaterThan(how === 'slow' ? 1_200 : 2_000)
    }
  })

  // It let go of what it kept for an answer that had waited while it stood still, and the one that had answered had lost power since.
  it('a node that stood still in the middle of a planned move does not give up what it keeps for an old answer', async () => {
    const schedule = scheduleWith(
      [
        { type: 'maintenance', node: 'web-1', atMs: AT_MS, forMs: 20 },
        { type: 'pause', node: 'web-1', atMs: { after: 'plan', nth: 2, delayMs: 0.9 }, forMs: 3_500 },
        { type: 'power', node: 'web-2', atMs: AT_MS + 800, forMs: 20 },
      ],
      { onControlLoss: 'keep', nodes: 3, calmAtMs: 9_000 },
    )
    for (let seed = 1; seed <= 5; seed++) expect(outcome(await run({ ...schedule, seed })).violations).toEqual([])
  })

  it('a moment after a grant strikes whoever was granted it', async () => {
    const fault: Fault = { type: 'power', node: '@actor', atMs: { after: 'grant', nth: 1, delayMs: 1 } }
    const { struck: faults, services, violations } = await run(scheduleWith([fault]))
    expect({ faults: faults.map((each) => each.fault), holders: services['shop']?.holders, violations }).toEqual({
      faults: [0],
      holders: ['web-2'],
      violations: [],
    })
  })

  it('without an arbiter, two that are cut apart both serve, and one lets go afterwards', async () => {
    const { violations, holders, twoHoldersMs } = await struck(
      { type: 'partition', sides: [['web-1'], ['web-2']], atMs: AT_MS, forMs: 3_000 },
      { onControlLoss: 'keep', arbiter: false },
    )
    expect({ violations, holders: holders.length }).toEqual({ violations: [], holders: 1 })
    expect(twoHoldersMs).toBeGreaterThan(500)
  })
})

it('with a long ttl the second of three members takes over, and not the third, by clocks that are well', async () => {
  const ttlMs = 10_000
  const arbiter = { type: 'etcd', endpoints: ['http://10.0.0.5:2379'], prefix: '', user: undefined, password: undefined, ttlMs } as const
  const holdersWith = async (rules: Schedule['site']['rules']) => {
    const holders = new Set<string>()
    // With these, the third one has asked right after the last renewal, and the second one right before it.
    for (const seed of [10, 11, 21]) {
      const schedule = scheduleWith([{ type: 'power', node: 'web-1', atMs: 16_000 + 237 * seed }], { nodes: 3, calmAtMs: 34_000 })
      const [service] = schedule.site.services
      if (!service) throw new Error('there is no service')
      const clocks = Object.fromEntries(schedule.site.nodes.map(({ name }, index) => [name, { processAtMs: (271 * seed * index) % 1_300 }]))
      const ran = await run({ ...schedule, seed, clocks, site: { ...schedule.site, rules, services: [{ ...service, ttlMs }] } })
      expect(ran.violations).toEqual([])
      for (const holder of ran.services['shop']?.holders ?? []) holders.add(holder)
    }
    return [...holders].toSorted()
  }
  expect(await holdersWith({ staggerMs: staggerMs(arbiter) })).toEqual(['web-2'])
  // With what is enough for two seconds it was whoever asked first.
  expect(await holdersWith({})).toContain('web-3')
})

describe('what a run tells', () => {
  it('when each node has changed its opinion of a peer, of a service and of the arbiter', async () => {
    const { notices } = await run(
      scheduleWith([
        { type: 'service-dead', node: 'web-1', atMs: AT_MS, forMs: 2_000 },
        { type: 'power', node: 'web-1', atMs: 6_000, forMs: 1_500 },
        { type: 'partition', sides: [['web-2'], ['arbiter']], atMs: 6_000, forMs: 1_500 },
      ]),
    )
    const after = (about: string, node: string, fromMs: number) =>
      notices.find((each) => each.about === about && each.node === node && each.atMs > fromMs)
    expect(after('check', 'web-1', AT_MS)).toMatchObject({ state: 'down', service: 'shop' })
    expect(after('peer', 'web-2', 6_000)).toMatchObject({ state: 'down', peer: 'web-1' })
    expect(after('arbiter', 'web-2', 6_000)).toMatchObject({ state: 'down' })
    // Silence of 800 ms, by a good clock, and up to two beats more.
    expect(after('peer', 'web-2', 6_000)?.atMs).toBeLessThan(7_300)
  })

  it('exactly when a gate has shut', async () => {
    const { services } = await run(scheduleWith([{ type: 'pause', node: 'web-1', atMs: AT_MS, forMs: 4_000 }]))
    const gap = services['shop']?.unserved.find(({ fromMs }) => fromMs > AT_MS)
    // A right of a second, less its margin and that of the gate; renewed at most a sixth of a second before.
    expect((gap?.fromMs ?? 0) - AT_MS).toBeGreaterThan(500)
    expect((gap?.fromMs ?? 0) - AT_MS).toBeLessThan(850)
    expect((gap?.untilMs ?? 0) - (gap?.fromMs ?? 0)).toBeLessThan(700)
  })
})

it('a red schedule of many faults comes down to the one that it takes', { timeout: 60_000 }, async () => {
  const noise = [200, 900, 1_700].map((pauseMs): Fault => ({ type: 'rough', atMs: AT_MS + pauseMs, forMs: 150, lossRatio: 0.01 }))
  const faults: Fault[] = [
    ...noise,
    { type: 'wall-jump', node: 'web-2', atMs: 1_000, byMs: 70 },
    { type: 'command', node: 'web-1', command: 'switchover', atMs: 4_321 },
  ]
  const mutations = { withoutReleaseFirst: true }
  const smallest = await shrinkRed(scheduleWith(faults, { nodes: 3 }), { mutations })
  expect(smallest.faults.map(({ type }) => type)).toEqual(['command'])
  expect(smallest.site.nodes.length).toBe(2)
  expect((await run(smallest, mutations)).violations[0]?.what).toContain('two holders')
  expect((await run(smallest)).violations).toEqual([])
})

import type { Fault, MovedSpec, Run, Schedule, ServiceSpec } from '@hotspare/failover/simulator'
import { describe, expect, it } from 'vitest'
import { run } from './seeds.ts'

const AT_MS = 3_000
const members = ['web-1', 'web-2']

function serviceSpec(changes: Partial<ServiceSpec['definition']> = {}, rest: Omit<ServiceSpec, 'definition'> = {}): ServiceSpec {
  const common = { name: 'shop', members, onControlLoss: 'release', failback: { type: 'manual' }, maxFailoversPerHour: 6 } as const
  return { definition: { ...common, ...changes }, ...rest }
}

function scheduleWith(services: readonly ServiceSpec[], faults: readonly Fault[]): Schedule {
  const device = { takesMs: 400, allowedMs: 1_500 }
  return {
    seed: 1,
    site: { nodes: members.map((name) => ({ name })), services, fencing: { 'web-1': device, 'web-2': device } },
    faults,
    calmAtMs: 9_000,
    settledMs: 1_000,
  }
}

function outcome({ services, violations }: Run, name = 'shop') {
  const after = (spans: Run['services'][string]['unserved'] = []) => spans.filter(({ untilMs }) => untilMs > AT_MS)
  const { unserved, twoHolders, holders } = services[name] ?? {}
  return {
    violations: violations.map(({ what }) => what),
    unservedMs: after(unserved).reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0),
    twoHolders: after(twoHolders).length,
    holders,
  }
}

describe('a service that is fenced', () => {
  const fenced = serviceSpec({ fencing: { mode: 'required', startDelayMs: 0 } })

  it('is not taken while its device is dead, and then once it is not', async () => {
    const power: Fault = { type: 'power', node: 'web-1', atMs: AT_MS }
    const { violations, unservedMs, holders } = outcome(
      await run(scheduleWith([fenced], [power, { type: 'fence-dead', node: 'web-1', atMs: AT_MS, forMs: 4_000 }])),
    )
    expect({ violations, holders }).toEqual({ violations: [], holders: ['web-2'] })
    expect(unservedMs).toBeGreaterThan(4_000)
    expect(outcome(await run(scheduleWith([fenced], [power]))).unservedMs).toBeLessThan(3_500)
  })

  it('is taken without its device where that is only tried', async () => {
    const tried = serviceSpec({ fencing: { mode: 'automatic', startDelayMs: 0 } })
    const faults: Fault[] = [
      { type: 'power', node: 'web-1', atMs: AT_MS },
      { type: 'fence-dead', node: 'web-1', atMs: AT_MS },
    ]
    const { unservedMs, holders, violations } = outcome(await run(scheduleWith([tried], faults)))
    expect({ violations, holders }).toEqual({ violations: [], holders: ['web-2'] })
    expect(unservedMs).toBeLessThan(5_000)
  })

  it('is never held twice, not even by a machine that sleeps and wakes; without a device it is', async () => {
    const sleep: Fault[] = [{ type: 'suspend', node: 'web-1', atMs: AT_MS, forMs: 3_500 }]
    expect(outcome(await run(scheduleWith([fenced], sleep)))).toMatchObject({ violations: [], twoHolders: 0, holders: ['web-2'] })
    expect((await run(scheduleWith([fenced], sleep), { withoutPowerOff: true })).violations[0]?.what).toContain('two holders of shop')
  })
})

describe('an address of a provider', () => {
  const moved = (shape: MovedSpec['shape']) =>
    serviceSpec(
      {},
      { moved: { provider: 'east', shape, takesMs: 300, answerMs: 20, allowedMs: { acquire: 4_000, release: 2_000 }, lookEveryMs: 1_000 } },
    )
  const power: Fault = { type: 'power', node: 'web-1', atMs: AT_MS }

  it('stays where it is while its provider is down or slow, and serves', async () => {
    for (const fault of [
      { type: 'provider-down', atMs: AT_MS, forMs: 4_000 },
      { type: 'provider-slow', provider: 'east', byMs: 2_000, atMs: AT_MS, forMs: 4_000 },
    ] as const)
      expect(outcome(await run(scheduleWith([moved('atomic')], [fault])))).toEqual({
        violations: [],
        unservedMs: 0,
        twoHolders: 0,
        holders: ['web-1'],
      })
  })

  it('is moved once its provider answers again, and is never at two nodes', async () => {
    const down: Fault = { type: 'provider-down', provider: 'east', atMs: AT_MS - 100, forMs: 4_000 }
    for (const shape of ['atomic', 'release-then-take'] as const) {
      const late = outcome(await run(scheduleWith([moved(shape)], [power, down])))
      expect(late).toMatchObject({ violations: [], twoHolders: 0, holders: ['web-2'] })
      const soon = outcome(await run(scheduleWith([moved(shape)], [power])))
      expect(soon).toMatchObject({ violations: [], twoHolders: 0, holders: ['web-2'] })
      expect(late.unservedMs).toBeGreaterThan(soon.unservedMs)
    }
  })

  it('is at no node for a moment where it takes two calls, and at one where it takes one', async () => {
    const switchover: Fault = { type: 'command', command: 'switchover', node: 'web-1', atMs: AT_MS }
    const keep = (shape: MovedSpec['shape']) => ({ ...moved(shape), definition: serviceSpec({ onControlLoss: 'keep' }).definition })
    const atOnce = outcome(await run(scheduleWith([keep('atomic')], [switchover])))
    expect(atOnce).toEqual({ violations: [], unservedMs: 0, twoHolders: 0, holders: ['web-2'] })
    expect(outcome(await run(scheduleWith([keep('release-then-take')], [switchover]))).unservedMs).toBeGreaterThan(100)
  })
})

describe('services that have to do with each other', () => {
  it('go together, one after the other, whatever happens to their node', async () => {
    const services = [serviceSpec({ name: 'app', members: ['web-2', 'web-1'], with: 'shop', after: ['shop'] }), serviceSpec()]
    const faults: Fault[] = [
      { type: 'power', node: 'web-1', atMs: AT_MS },
      { type: 'service-dead', node: 'web-1', service: 'shop', atMs: AT_MS },
      { type: 'stop', node: 'web-1', atMs: AT_MS, forMs: 1_000 },
      { type: 'maintenance', node: 'web-1', atMs: AT_MS, forMs: 4_000 },
      { type: 'command', command: 'switchover', service: 'shop', node: 'web-2', atMs: AT_MS },
    ]
    for (const fault of faults) {
      const ran = await run(scheduleWith(services, [fault]))
      expect({ fault: fault.type, ...outcome(ran), holders: [ran.services['shop']?.holders, ran.services['app']?.holders] }).toMatchObject({
        violations: [],
        holders: [['web-2'], ['web-2']],
      })
    }
  })
})

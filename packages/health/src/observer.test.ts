import { seededRandom } from '@hotspare/core'
import { type SimulatedMachine, Simulation } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHealthMonitor, type HealthMonitor } from './monitor.ts'
import type { HealthMonitorOptions } from './monitor-options.ts'
import type { Probe, ProbeResult } from './probe.ts'
import type { HealthEvent } from './target-health.ts'

interface Bench {
  readonly simulation: Simulation
  readonly machine: SimulatedMachine
  readonly monitor: HealthMonitor
  /** State changes and what is told of the observer, with the true time. */
  readonly told: { readonly atMs: number; readonly event: HealthEvent }[]
  /** Targets that answer nothing; and whether nobody does, since this machine is cut off. */
  readonly dead: Set<string>
  cutOff: boolean
  /** What a probe gets that is refused by a live kernel instead of silence. */
  readonly refusing: Set<string>
}

interface BenchOptions extends HealthMonitorOptions {
  readonly seed?: number
  readonly targets?: number
  readonly intervalMs?: number
  readonly timeoutMs?: number
  readonly canaries?: number
  readonly fall?: number
}

/** An observer on a simulated machine whose answers come as packets: they wait while the machine does not run. */
async function bench({
  seed = 1,
  targets = 60,
  intervalMs = 1_000,
  timeoutMs = 500,
  canaries = 0,
  fall = 3,
  ...options
}: BenchOptions = {}): Promise<Bench> {
  const simulation = new Simulation({ seed })
  const machine = simulation.machine('observer')
  const { clock } = machine
  const random = seededRandom(seed)
  const monitor = createHealthMonitor({ clock, bootMs: () => machine.bootMs(), random, maxConcurrentProbes: 1_000, ...options })
  const told: Bench['told'] = []
  monitor.subscribe((event) => {
    if (event.type !== 'probe-finished') told.push({ atMs: simulation.nowMs, event })
  })
  const made: Bench = { simulation, machine, monitor, told, dead: new Set(), cutOff: false, refusing: new Set() }
  const probeOf = (id: string): Probe => ({
    type: 'simulated',
    address: id,
    timeoutMs,
    run: () =>
      new Promise<ProbeResult>((resolve) => {
        const startedMs = clock.monotonicMs()
        const durationMs = () => clock.monotonicMs() - startedMs
        const silence = clock.schedule(timeoutMs, () =>
          resolve({ outcome: 'fail', reason: 'timeout', durationMs: durationMs(), detail: 'silence' }),
        )
        if (made.dead.has(id) || made.cutOff) return
        simulation.deliver(machine, 50 + random.next() * 200, () => {
          silence.cancel()
          if (made.refusing.has(id)) resolve({ outcome: 'fail', reason: 'refused', durationMs: durationMs(), detail: 'refused' })
          else resolve({ outcome: 'pass', durationMs: durationMs(), detail: 'answered' })
        })
      }),
  })
  for (let index = 0; index < targets; index++) {
    const id = `target-${index}`
    monitor.add({ id, probe: probeOf(id), intervalMs, fall, canary: index < canaries })
  }
  onTestFinished(() => {
    machine.resume()
    made.cutOff = false
    const stopped = monitor.stop()
    return simulation.run(1_000).then(() => stopped)
  })
  await monitor.start()
  await simulation.run(3_000)
  expect(told).toHaveLength(targets)
  told.length = 0
  return made
}

const changes = ({ told }: Bench) => told.flatMap(({ event }) => ('from' in event ? [`${event.targetId} ${event.type}`] : []))
const ofObserver = ({ told }: Bench) => told.flatMap(({ event }) => (event.type.startsWith('observer') ? [event.type] : []))

describe('a process that does not run', () => {
  it.each([
    ['5 s under 200 checks', 5_000],
    ['30 s, as SIGSTOP does', 30_000],
    ['450 ms, nearly all the time of a probe', 450],
  ])('for %s marks nothing down, even where one failure would', async (_, pauseMs) => {
    for (let seed = 1; seed <= 3; seed++) {
      const made = await bench({ seed, fall: 1, targets: 200 })
      made.machine.pause()
      await made.simulation.run(pauseMs)
      made.machine.resume()
      await made.simulation.run(10_000)
      expect(changes(made)).toEqual([])
    }
  })

  it('marks nothing down that answers, even where it stands still again and again', async () => {
    const made = await bench({ targets: 50, fall: 1 })
    for (let index = 0; index < 20; index++) {
      made.machine.pause()
      await made.simulation.run(700)
      made.machine.resume()
      await made.simulation.run(400)
    }
    expect(changes(made)).toEqual([])
    expect(ofObserver(made)[0]).toBe('observer-unwell')
  })

  it('tells of it once, with the reason, and of its end', async () => {
    const made = await bench()
    made.machine.pause()
    await made.simulation.run(5_000)
    made.machine.resume()
    await made.simulation.run(3_000)
    expect(ofObserver(made)).toEqual(['observer-unwell', 'observer-well'])
    expect(made.told[0]?.event).toMatchObject({ because: expect.stringMatching(/^this process did not run for \d+ ms meanwhile$/) })
    expect(made.monitor.observer).toMatchObject({ state: 'well' })
    const doubted = made.monitor.list().flatMap(({ history }) => history.filter(({ result }) => result.outcome === 'inconclusive'))
    expect(doubted.length).toBeGreaterThan(0)
    for (const { result } of doubted)
      expect(result.detail).toMatch(/^this process did not run for \d+ ms meanwhile; seen: timeout: silence$/)
  })

  it('hides no target that really is dead for longer than the stop and one interval', async () => {
    const allowanceMs = 5_000 + 1_000
    for (let seed = 1; seed <= 10; seed++) {
      const made = await bench({ seed, targets: 40 })
      const deathMs = made.simulation.nowMs + made.simulation.random.next() * 1_000
      const stopMs = made.simulation.nowMs + made.simulation.random.next() * 3_000
      made.simulation.at(deathMs, () => made.dead.add('target-7'))
      made.simulation.at(stopMs, () => made.machine.pause())
      made.simulation.at(stopMs + 5_000, () => made.machine.resume())
      await made.simulation.run(15_000)
      expect(changes(made)).toEqual(['target-7 target-down'])
      const boundMs = made.monitor.get('target-7')!.detection.downMs
      const downMs = made.told.find(({ event }) => event.type === 'target-down')!.atMs
      expect(downMs - deathMs).toBeLessThanOrEqual(boundMs + allowanceMs)
    }
  })

  it('that lags without end still finds what refuses at once, and what is silent after `maxDoubtMs`', async () => {
    const made = await bench({ targets: 10, observer: { maxDoubtMs: 5_000 } })
    const startMs = made.simulation.nowMs
    made.refusing.add('target-1')
    made.dead.add('target-2')
    for (let index = 0; index < 60; index++) {
      made.machine.pause()
      await made.simulation.run(200)
      made.machine.resume()
      await made.simulation.run(200)
    }
    const downMs = (id: string) => made.told.find(({ event }) => event.type === 'target-down' && event.targetId === id)!.atMs - startMs
    expect(changes(made).toSorted()).toEqual(['target-1 target-down', 'target-2 target-down'])
    expect(downMs('target-1')).toBeLessThan(3_500 + 200)
    // Half of the time it does not run, and 5 s of the other half have to pass.
    expect(downMs('target-2')).toBeGreaterThan(5_000)
    expect(downMs('target-2')).toBeLessThan(2 * (5_000 + 3_500))
  })
})

describe('time that does not go by as it should', () => {
  it('leads to no verdict: not a suspend of an hour after which the network takes 4 s to come back', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const made = await bench({ seed, fall: 1 })
      made.machine.suspend()
      made.cutOff = true
      await made.simulation.run(3_600_000)
      made.machine.resume()
      await made.simulation.run(4_000)
      made.cutOff = false
      await made.simulation.run(6_000)
      expect(changes(made)).toEqual([])
      expect(made.told[0]?.event).toMatchObject({
        type: 'observer-unwell',
        because: expect.stringContaining('the machine was suspended for'),
      })
      expect(ofObserver(made).at(-1)).toBe('observer-well')
    }
  })

  it('is seen by a jump of the wall clock, which may be all that a paused virtual machine shows', async () => {
    const made = await bench({ targets: 4 })
    made.machine.stepWall(60_000)
    for (let index = 0; index < 4; index++) made.dead.add(`target-${index}`)
    await made.simulation.run(4_500)
    for (let index = 0; index < 4; index++) made.dead.delete(`target-${index}`)
    await made.simulation.run(3_000)
    expect(changes(made)).toEqual([])
    expect(made.told[0]?.event).toMatchObject({ because: 'the wall clock jumped by 60000 ms' })
  })

  it('counts the traffic that fails in it as little', async () => {
    const made = await bench({ targets: 2 })
    made.machine.suspend()
    await made.simulation.run(60_000)
    made.machine.resume()
    await made.simulation.run(2_000)
    for (let index = 0; index < 50; index++) made.monitor.reportTraffic('target-0', { ok: false, detail: 'reset' })
    expect(changes(made)).toEqual([])
  })
})

describe('most targets failing at once', () => {
  it('while this machine is cut off for 20 s marks nothing down', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const made = await bench({ seed, fall: 2 })
      made.cutOff = true
      await made.simulation.run(20_000)
      made.cutOff = false
      await made.simulation.run(5_000)
      expect(changes(made)).toEqual([])
      expect(ofObserver(made)).toEqual(['observer-unwell', 'observer-well'])
      expect(made.told[0]?.event).toMatchObject({
        because: expect.stringMatching(/^\d+ of \d+ unrelated targets stopped answering at once$/),
      })
    }
  })

  it('counts after `massHoldMs`: a whole data centre may really be dead', async () => {
    const made = await bench({ targets: 20 })
    const startMs = made.simulation.nowMs
    made.cutOff = true
    await made.simulation.run(29_000)
    expect(changes(made)).toEqual([])
    await made.simulation.run(6_500)
    expect(changes(made).filter((change) => change.endsWith('target-down'))).toHaveLength(20)
    const lastMs = made.told.findLast(({ event }) => event.type === 'target-down')!.atMs
    const boundMs = made.monitor.get('target-0')!.detection.downMs
    expect(lastMs - startMs).toBeLessThanOrEqual(30_000 + 1_000 + boundMs)
    expect(ofObserver(made)).toEqual(['observer-unwell', 'observer-well'])
  })

  it('is no excuse for those that refuse or answer badly: then the network is there', async () => {
    const made = await bench({ targets: 20 })
    for (let index = 0; index < 20; index++) made.refusing.add(`target-${index}`)
    await made.simulation.run(3_600)
    expect(changes(made)).toHaveLength(20)
  })

  it('is none where a rack of a quarter dies: those are down within their bound', async () => {
    const made = await bench({ targets: 40 })
    const startMs = made.simulation.nowMs
    for (let index = 0; index < 10; index++) made.dead.add(`target-${index}`)
    await made.simulation.run(6_000)
    expect(changes(made)).toHaveLength(10)
    for (const { atMs } of made.told) expect(atMs - startMs).toBeLessThanOrEqual(3_500 + 1)
    expect(ofObserver(made)).toEqual([])
  })

  it('is none while a canary answers, and is one at once when all canaries fail', async () => {
    const answering = await bench({ targets: 20, canaries: 1 })
    for (let index = 1; index < 20; index++) answering.dead.add(`target-${index}`)
    await answering.simulation.run(6_000)
    expect(changes(answering)).toHaveLength(19)
    const silent = await bench({ targets: 3, canaries: 2 })
    silent.cutOff = true
    await silent.simulation.run(20_000)
    silent.cutOff = false
    await silent.simulation.run(5_000)
    expect(changes(silent)).toEqual([])
    expect(silent.told[0]?.event).toMatchObject({ because: 'all canaries stopped answering at once' })
  })

  it('is told in the explanation of each target while it lasts', async () => {
    const made = await bench({ targets: 20 })
    made.cutOff = true
    await made.simulation.run(5_000)
    expect(made.monitor.get('target-3')?.observer.state).toBe('unwell')
    expect(made.monitor.get('target-3')?.lastResult?.outcome).toBe('inconclusive')
  })
})

it('an observer that is told to trust itself marks down what it did not hear', async () => {
  const made = await bench({ observer: false })
  made.machine.pause()
  await made.simulation.run(5_000)
  made.machine.resume()
  made.cutOff = true
  await made.simulation.run(6_000)
  expect(changes(made)).toHaveLength(60)
})

import { describe, expect, test } from 'vitest'
import { sleep } from '../deadline.ts'
import { Simulation } from './simulation.ts'

describe('a machine of a simulation', () => {
  test('has clocks that run at its own rate, and timers that go by them', async () => {
    const simulation = new Simulation({ seed: 1 })
    const fast = simulation.machine('fast', { clockRate: 1.25, startMs: 1_000 })
    const firedAtMs: number[] = []
    fast.clock.schedule(100, () => firedAtMs.push(simulation.nowMs))
    await simulation.run(200)
    expect(firedAtMs).toEqual([80])
    expect([fast.clock.monotonicMs(), fast.bootMs()]).toEqual([1_250, 1_250])
    fast.setClockRate(0.5)
    await simulation.run(100)
    expect([fast.clock.monotonicMs(), fast.clock.wallMs()]).toEqual([1_300, 1_700_000_000_300])
  })

  test('a change of its rate moves the timers that wait', async () => {
    const simulation = new Simulation({ seed: 1 })
    const { clock, setClockRate } = bound(simulation.machine('one'))
    let firedAtMs = 0
    clock.schedule(100, () => (firedAtMs = simulation.nowMs))
    await simulation.run(50)
    setClockRate(0.5)
    await simulation.run(200)
    expect(firedAtMs).toBe(150)
  })

  test('paused, runs nothing while its clocks go on, and catches up when it is resumed', async () => {
    const simulation = new Simulation({ seed: 1 })
    const machine = simulation.machine('one')
    const happened: string[] = []
    machine.clock.schedule(10, () => happened.push(`timer at ${simulation.nowMs}`))
    simulation.deliver(machine, 20, () => happened.push(`packet at ${simulation.nowMs}`))
    machine.pause()
    await simulation.run(100)
    expect([happened, machine.clock.monotonicMs()]).toEqual([[], 100])
    machine.resume()
    await simulation.run(0)
    expect(happened.toSorted()).toEqual(['packet at 100', 'timer at 100'])
  })

  test('woken, may see a packet before a timer that was due earlier, or after it', async () => {
    const orders = new Set<string>()
    for (let seed = 1; seed <= 20; seed++) {
      const simulation = new Simulation({ seed })
      const machine = simulation.machine('one')
      const order: string[] = []
      machine.clock.schedule(10, () => order.push('timer'))
      simulation.deliver(machine, 20, () => order.push('packet'))
      machine.pause()
      await simulation.run(100)
      machine.resume()
      await simulation.run(0)
      orders.add(order.join())
    }
    expect([...orders].toSorted()).toEqual(['packet,timer', 'timer,packet'])
  })

  test('suspended, its monotonic clock stands still, and the others do not', async () => {
    const simulation = new Simulation({ seed: 1 })
    const machine = simulation.machine('one')
    let fired = false
    machine.clock.schedule(50, () => (fired = true))
    machine.suspend()
    await simulation.run(1_000)
    machine.resume()
    await simulation.run(49)
    expect([fired, machine.clock.monotonicMs(), machine.bootMs(), machine.clock.wallMs()]).toEqual([false, 49, 1_049, 1_700_000_001_049])
    await simulation.run(1)
    expect(fired).toBe(true)
  })

  test('killed, never runs again', async () => {
    const simulation = new Simulation({ seed: 1 })
    const machine = simulation.machine('one')
    let ran = 0
    machine.clock.schedule(10, () => ran++)
    simulation.deliver(machine, 10, () => ran++)
    machine.kill()
    simulation.deliver(machine, 10, () => ran++)
    machine.resume()
    machine.clock.schedule(10, () => ran++)
    await simulation.run(100)
    expect([ran, machine.alive, machine.running]).toEqual([0, false, false])
  })

  test('a step of its time since boot goes forward only, and moves nothing else', async () => {
    const simulation = new Simulation({ seed: 1 })
    const machine = simulation.machine('one', { startWallMs: 5_000 })
    machine.stepBoot(-500)
    machine.stepBoot(2_000)
    machine.setClockRate(2)
    await simulation.run(10)
    expect([machine.bootMs(), machine.clock.monotonicMs(), machine.clock.wallMs()]).toEqual([2_020, 20, 5_020])
  })

  test('a step of its wall clock moves nothing else', async () => {
    const simulation = new Simulation({ seed: 1 })
    const machine = simulation.machine('one', { startWallMs: 5_000 })
    machine.stepWall(-1_000)
    await simulation.run(10)
    expect([machine.clock.wallMs(), machine.clock.monotonicMs()]).toEqual([4_010, 10])
  })
})

test('promises that become ready run between two events', async () => {
  const simulation = new Simulation({ seed: 1 })
  const { clock } = simulation.machine('one')
  const order: string[] = []
  const nap = async (name: string) => {
    await sleep(10, { clock })
    for (let turn = 0; turn < 500; turn++) await Promise.resolve()
    order.push(name)
  }
  void nap('first')
  simulation.at(10, () => order.push('second'))
  await simulation.run(20)
  expect(order).toEqual(['first', 'second'])
})

test('whoever judges is called after each event, when nothing is ready to run any more', async () => {
  const simulation = new Simulation({ seed: 1 })
  const { clock } = simulation.machine('one')
  const order: string[] = []
  simulation.onSettled = () => order.push(`settled at ${simulation.nowMs}`)
  void sleep(10, { clock }).then(() => order.push('slept'))
  simulation.at(20, () => order.push('struck'))
  await simulation.run(30)
  expect(order).toEqual(['settled at 0', 'slept', 'settled at 10', 'struck', 'settled at 20'])
  expect(simulation.events).toBe(2)
})

test('a time that is no number is refused', () => {
  expect(() => new Simulation({ seed: 1 }).at(Number.NaN, () => {})).toThrow('no number')
})

test('a loop that never lets time pass is an error, and not a test that hangs', async () => {
  const simulation = new Simulation({ seed: 1 })
  const { clock } = simulation.machine('one')
  const again = (): unknown => clock.schedule(0, again)
  again()
  await expect(simulation.run(1)).rejects.toThrow('time stands still at 0 ms')
})

test('a timer as short as rounding can make it still comes later', async () => {
  const simulation = new Simulation({ seed: 1 })
  const { clock } = simulation.machine('one', { clockRate: 1.07, startMs: 1e9 })
  let fired = 0
  const again = (): unknown => fired++ < 100 && clock.schedule(1e-13, again)
  again()
  await simulation.run(1)
  expect(fired).toBe(101)
})

function bound(machine: ReturnType<Simulation['machine']>) {
  return { clock: machine.clock, setClockRate: (rate: number) => machine.setClockRate(rate) }
}

import { expect, test } from 'vitest'
import { Simulation } from './simulation.ts'
import { VirtualNetwork } from './virtual-network.ts'

function setUp(seed = 1) {
  const simulation = new Simulation({ seed })
  const network = new VirtualNetwork<number>(simulation)
  const heard: { readonly packet: number; readonly from: string; readonly atMs: number }[] = []
  const one = simulation.machine('one')
  const two = simulation.machine('two')
  network.attach(one, () => {})
  network.attach(two, (packet, from) => heard.push({ packet, from, atMs: simulation.nowMs }))
  const sendMany = (count: number) => {
    for (let packet = 0; packet < count; packet++) network.send('one', 'two', packet)
  }
  return { simulation, network, heard, one, two, sendMany }
}

test('a packet to nobody, over a cut way or with total loss is gone; the other direction still works', async () => {
  const { simulation, network, heard } = setUp()
  network.send('one', 'nobody', 1)
  network.cut('one', 'two')
  network.send('one', 'two', 2)
  network.mend('one', 'two')
  network.setConditions({ lossRatio: 1 }, { from: 'one', to: 'two' })
  network.send('one', 'two', 3)
  network.heal()
  network.cut('two', 'one')
  network.send('one', 'two', 4)
  await simulation.run(10)
  expect(heard.map(({ packet, from }) => [packet, from])).toEqual([[4, 'one']])
})

test('packets take the time that the conditions say, and overtake each other', async () => {
  const { simulation, network, heard, sendMany } = setUp()
  network.setConditions({ delayMs: [5, 50] })
  sendMany(100)
  await simulation.run(100)
  const packets = heard.map(({ packet }) => packet)
  expect(packets.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
  expect(packets).not.toEqual(packets.toSorted((a, b) => a - b))
  expect(heard.every(({ atMs }) => atMs >= 5 && atMs <= 50)).toBe(true)
})

test('losses and repetitions come as often as asked for', async () => {
  const { simulation, network, heard, sendMany } = setUp()
  network.setConditions({ lossRatio: 0.3, duplicateRatio: 0.1 })
  sendMany(10_000)
  await simulation.run(10)
  // 10,000 x 1.1 x 0.7
  expect(heard.length).toBeGreaterThan(7_400)
  expect(heard.length).toBeLessThan(8_000)
})

test('an isolated machine hears nobody and is heard by nobody, until the network heals', async () => {
  const { simulation, network, heard } = setUp()
  network.isolate('two')
  network.send('one', 'two', 1)
  network.heal()
  network.send('one', 'two', 2)
  await simulation.run(10)
  expect(heard.map(({ packet }) => packet)).toEqual([2])
})

test('what is on the way to a machine that dies is lost; a new machine of its name hears what comes later', async () => {
  const { simulation, network, heard, two } = setUp()
  network.send('one', 'two', 1)
  two.kill()
  const reborn: number[] = []
  network.attach(simulation.machine('two'), (packet) => reborn.push(packet))
  network.send('one', 'two', 2)
  await simulation.run(10)
  expect([heard, reborn]).toEqual([[], [2]])
})

test('the same seed gives the same run', async () => {
  const run = async (seed: number) => {
    const { simulation, network, heard, sendMany } = setUp(seed)
    network.setConditions({ lossRatio: 0.5, delayMs: [0, 100] })
    sendMany(50)
    await simulation.run(200)
    return heard
  }
  expect(await run(3)).toEqual(await run(3))
  expect(await run(3)).not.toEqual(await run(4))
})

test('packets that come late are overtaken by those that do not', async () => {
  const { simulation, network, heard, sendMany } = setUp()
  network.setConditions({ delayMs: [1, 1], lateRatio: 0.5, lateMs: 50 })
  sendMany(100)
  await simulation.run(100)
  const times = new Set(heard.map(({ atMs }) => atMs))
  expect([...times].toSorted((one, other) => one - other)).toEqual([1, 51])
  expect(heard.length).toBe(100)
})

test('conditions are taken back without mending what is cut', async () => {
  const { simulation, network, heard } = setUp()
  network.cut('two', 'one')
  network.setConditions({ lossRatio: 1 })
  network.resetConditions()
  network.send('one', 'two', 1)
  network.send('two', 'one', 2)
  await simulation.run(10)
  expect(heard.map(({ packet }) => packet)).toEqual([1])
})

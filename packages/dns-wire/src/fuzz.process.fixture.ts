// node --conditions=@hotspare/source packages/dns-wire/src/fuzz.process.fixture.ts [--packets 1000000] [--seed 1]
// Changes good messages at random, and looks whether what must hold of any bytes does. Prints the packet that breaks it.
import { parseArgs } from 'node:util'
import { seededRandom } from '@hotspare/core'
import { goodMessages, holds, mutated } from './mutate.fixture.ts'

const SLOW_MS = 250

const { values } = parseArgs({ options: { packets: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } })
const packets = Number(values.packets)
const seed = Number(values.seed)
const random = seededRandom(seed)
const good = goodMessages(2_000, seed)

let messages = 0
let slowestMs = 0
const startedMs = performance.now()
for (let count = 0; count < packets; count++) {
  const packet = mutated(good[Math.floor(random.next() * good.length)] ?? new Uint8Array(0), random)
  const before = process.cpuUsage()
  try {
    if (holds(packet)) messages++
  } catch (error) {
    console.error(`seed ${seed}, packet ${count}: ${Buffer.from(packet).toString('hex')}`)
    throw error
  }
  // Not by the clock on the wall: others may use the machine.
  const tookMs = process.cpuUsage(before).user / 1_000
  if (tookMs > SLOW_MS) console.error(`seed ${seed}, packet ${count} took ${tookMs.toFixed()} ms: ${Buffer.from(packet).toString('hex')}`)
  slowestMs = Math.max(slowestMs, tookMs)
}
const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
console.log(`${packets} packets in ${seconds} s, ${messages} of them messages; the slowest took ${slowestMs.toFixed(1)} ms of a core`)

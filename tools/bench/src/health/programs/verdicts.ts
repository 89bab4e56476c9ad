// What the monitor costs without a network: the decision on a result alone, and a whole look by a probe that answers at once.
import { sleep, systemClock } from '@hotspare/core'
import { createHealthMonitor, initialState, type MachineInput, type MachineRules, type ProbeResult, step } from '@hotspare/health'
import type { VerdictAnswer, VerdictTask } from '../verdict-costs.ts'

const RULES: MachineRules = { rise: 2, fall: 3, trafficFailures: 5 }
/** A target that is well for most of the time, dies and comes back. */
const INPUTS: readonly MachineInput[] = Array.from('PPPPPPPPFPPPPFFFFPPP', (letter) => ({
  type: 'probe',
  outcome: letter === 'P' ? 'pass' : 'fail',
  detail: letter === 'P' ? '200 OK, 100 bytes' : 'connection refused',
}))
const STEPS = 1_000_000
const TARGETS = 100
const RESULT: ProbeResult = {
  outcome: 'pass',
  detail: '200 OK, 100 bytes',
  durationMs: 1,
  phases: [
    { name: 'connect', tookMs: 0.3 },
    { name: 'first-byte', tookMs: 0.6 },
    { name: 'transfer', tookMs: 0.1 },
  ],
}

let state = initialState(RULES)
let transitions = 0
let looks = 0
const monitor = createHealthMonitor()
monitor.subscribe((event) => {
  if (event.type === 'probe-finished') looks += 1
})
for (let index = 0; index < TARGETS; index++) {
  const probe = { type: 'instant', address: 'nowhere', timeoutMs: 500, run: () => Promise.resolve(RESULT) }
  monitor.add({ id: `target-${index}`, probe, intervalMs: 1 })
}

process.on('message', (task: VerdictTask) => {
  void measure(task).then((answer) => process.send?.(answer))
})
process.on('disconnect', () => process.exit())

async function measure({ lookMs }: VerdictTask): Promise<VerdictAnswer> {
  const startedMs = systemClock.monotonicMs()
  for (let count = 0; count < STEPS; count++) {
    const taken = step(state, INPUTS[count % INPUTS.length]!, RULES)
    state = taken.state
    transitions += taken.effects.length
  }
  const nanosPerStep = ((systemClock.monotonicMs() - startedMs) / STEPS) * 1e6
  looks = 0
  const before = process.cpuUsage()
  await monitor.start()
  await sleep(lookMs)
  await monitor.stop()
  const { user, system } = process.cpuUsage(before)
  // The count of transitions keeps the compiler from leaving the steps out.
  return { nanosPerStep, microsPerLook: (user + system) / looks, transitions }
}

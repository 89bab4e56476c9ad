// Hotspare as a user has it: a monitor with its defaults, a probe for each target, and somebody who listens to the events.
import { systemClock } from '@hotspare/core'
import { createHealthMonitor, type Probe } from '@hotspare/health'
import { httpProbe } from '@hotspare/health/http'
import { tcpProbe } from '@hotspare/health/tcp'
import { targetAddress } from '../origin.ts'
import { punctuality } from '../punctuality.ts'
import { obeyBench, proberArguments } from './messages.ts'

/** Later than this share of its interval is late. */
const TOLERATED_RATIO = 0.1

const { load, origin, notesStarts } = proberArguments()
const monitor = createHealthMonitor()
const startsMs: number[][] = []
let notedSinceMs = systemClock.monotonicMs()
let failed = 0

for (let index = 0; index < load.targets; index++) {
  const host = targetAddress(origin, index)
  const probe = load.kind === 'http' ? httpProbe({ url: `http://${host}:${origin.port}/` }) : tcpProbe({ host, port: origin.port })
  monitor.add({ id: `target-${index}`, probe: notesStarts ? noted(probe) : probe, intervalMs: load.intervalMs })
}
monitor.subscribe((event) => {
  if (event.type === 'probe-finished' && event.result.outcome !== 'pass') failed += 1
})
obeyBench({
  begin: () => monitor.start(),
  pause: () => monitor.stop(),
  counts() {
    const windowMs = systemClock.monotonicMs() - notedSinceMs
    const counts = {
      failed,
      punctuality: notesStarts
        ? punctuality(startsMs, { intervalMs: load.intervalMs, windowMs, toleratedRatio: TOLERATED_RATIO })
        : undefined,
    }
    failed = 0
    for (const starts of startsMs) starts.length = 0
    notedSinceMs = systemClock.monotonicMs()
    return counts
  },
})

function noted(probe: Probe): Probe {
  const starts: number[] = []
  startsMs.push(starts)
  return {
    ...probe,
    run(options) {
      starts.push(systemClock.monotonicMs())
      return probe.run(options)
    },
  }
}

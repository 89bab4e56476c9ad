import {
  type Algorithm,
  boundedLoad,
  boundedLoadSlots,
  createPeakAverage,
  keyedDefaults,
  leastRequest,
  poolDefaults,
  random,
  ringHash,
} from '@hotspare/balance'
import { seededRandom } from '@hotspare/core'
import { barChart } from './bar-chart.ts'
import { lineChart } from './line-chart.ts'
import { letters, upPool } from './picks.ts'
import type { Picture } from './svg.ts'

const SEED = 2

/** How many targets have how many open requests, when nothing ends. */
export function leastRequestPicture(): Picture {
  const [targets, requests] = [100, 1_000]
  const spread = (algorithm: Algorithm) => {
    const pool = upPool({ targets: Array.from({ length: targets }, (_, index) => ({ id: `${index}` })), algorithm })
    for (let count = 0; count < requests; count++) pool.pick()
    return pool.snapshot().map(({ active }) => active)
  }
  const drawn = [
    { name: 'random()', look: 'dashed', active: spread(random({ random: seededRandom(SEED) })) },
    { name: 'leastRequest(), two choices', look: 'accent', active: spread(leastRequest({ random: seededRandom(SEED) })) },
  ] as const
  const to = 22
  const lines = drawn.map(({ name, look, active }) => ({
    name: `${name}: ${Math.min(...active)} to ${Math.max(...active)}`,
    look,
    points: Array.from({ length: to + 1 }, (_, open) => [open, active.filter((each) => each === open).length] as const),
  }))
  return lineChart({
    id: 'least-request',
    title: 'Least request: how evenly a thousand open requests lie on a hundred targets',
    desc: lines.map(({ name }) => `${name} open requests on a target.`).join(' '),
    caption: `${requests.toLocaleString('en')} requests under way on ${targets} equal targets, ${requests / targets} each on average: drawing two and taking the idler one keeps nearly all of them at the mean.`,
    x: { label: 'open requests of a target', from: 0, to, ticks: [0, 5, 10, 15, 20] },
    y: { label: 'targets', from: 0, to: 50, ticks: [0, 10, 20, 30, 40, 50] },
    lines,
  })
}

export function peakEwmaPicture(): Picture {
  const { decayMs, initialLatencyMs } = poolDefaults
  const average = createPeakAverage({ decayMs, initial: initialLatencyMs, startMs: 0 })
  const step = 250
  const slow = { from: 5_000, to: 6_000, ms: 400 }
  const samples: [number, number][] = []
  const curve: [number, number][] = [[0, initialLatencyMs]]
  for (let atMs = step; atMs <= 40_000; atMs += step) {
    const latency = atMs >= slow.from && atMs < slow.to ? slow.ms : 40
    curve.push([atMs / 1_000, average.at(atMs)])
    average.add(latency, atMs)
    curve.push([atMs / 1_000, average.at(atMs)])
    samples.push([atMs / 1_000, latency])
  }
  const later = curve.find(([seconds]) => seconds === 15)?.[1] ?? 0
  return lineChart({
    id: 'peak-ewma',
    title: 'Peak EWMA: what is believed of a target that is slow for a second',
    desc: `Answers take 40 ms, and 400 ms between 5 and 6 s. The average jumps to 400 ms with the first slow one, and is still at ${Math.round(later)} ms at 15 s.`,
    caption: `A second of slow answers, four a second: the average is up with the first of them, and takes ${decayMs / 1_000} s to come down by a factor of e.`,
    x: { label: 'seconds', from: 0, to: 40, ticks: [0, 10, 20, 30, 40] },
    y: { label: 'ms', from: 0, to: 420, ticks: [0, 100, 200, 300, 400] },
    lines: [
      { name: 'the average', look: 'accent', points: curve },
      { name: 'answers', look: 'dots', points: samples },
    ],
  })
}

/** Half of the requests are for one key. */
export function boundedLoadPicture(): Picture {
  const ids = letters(8)
  const requests = 80
  const { factorPercent } = keyedDefaults
  const open = (algorithm: Algorithm) => {
    const pool = upPool({ targets: ids.map((id) => ({ id })), algorithm })
    for (let count = 0; count < requests; count++) pool.pick({ key: count % 2 === 0 ? 'the page that everybody reads' : `page-${count}` })
    return pool.snapshot().map(({ active }) => active)
  }
  const series = [
    { name: 'ringHash()', values: open(ringHash()) },
    { name: `boundedLoad(ringHash()), ${factorPercent} %`, values: open(boundedLoad(ringHash())) },
  ]
  const cap = Math.max(...boundedLoadSlots({ weights: ids.map(() => 1), served: requests - 1, factorPercent }))
  return barChart({
    id: 'bounded-load',
    title: 'Bounded load: eighty open requests, half of them for one key',
    desc: series.map(({ name, values }) => `${name}: ${ids.map((id, index) => `${id} ${values[index]}`).join(', ')}.`).join(' '),
    caption: `${requests} requests under way, every second one for the same key. Bounded, nobody has more than ${cap}: the hot key's requests go on to its next targets.`,
    labels: ids,
    series,
    axis: 'open requests of each target',
    limit: { name: `${factorPercent} % of the fair share`, value: cap },
  })
}

import { type Algorithm, edf, firstAvailable, random, roundRobin, smoothWeightedRoundRobin } from '@hotspare/balance'
import { seededRandom } from '@hotspare/core'
import { barChart } from './bar-chart.ts'
import { lanes } from './lanes.ts'
import { letters, picksOf, upPool } from './picks.ts'
import type { Picture } from './svg.ts'

const SEED = 1

export function roundRobinPicture(): Picture {
  const weights = [5, 1, 1]
  const next = smoothWeightedRoundRobin(weights)
  const picks = Array.from({ length: 21 }, () => next())
  return lanes({
    id: 'round-robin',
    title: `Round robin: twenty-one picks of three targets with the weights ${weights.join(', ')}`,
    caption: `Weights ${weights.join(', ')}: three rounds of seven picks. The heavy one never gets all of its five in a row.`,
    lanes: letters(3),
    panels: [{ name: 'roundRobin()', picks }],
  })
}

/** What either order makes of a weight that falls. */
export function edfPicture(): Picture {
  const ids = letters(3)
  const before = 12
  const after = 24
  const panel = (name: string, algorithm: Algorithm) => {
    const pool = upPool({ targets: ids.map((id, index) => ({ id, weight: index === 0 ? 20 : 1 })), algorithm })
    const picks = picksOf(pool, ids, before)
    pool.setWeight('a', 1)
    return { name, picks: [...picks, ...picksOf(pool, ids, after)] }
  }
  return lanes({
    id: 'edf',
    title: 'Earliest deadline first beside round robin, while a weight falls from 20 to 1',
    caption:
      'Weights 20, 1, 1; after twelve picks a has 1 as well. Round robin first gives what it owed by the old weights; EDF owes nothing.',
    lanes: ids,
    panels: [panel('edf()', edf()), panel('roundRobin()', roundRobin())],
    events: [{ before, label: 'a gets weight 1' }],
  })
}

export function randomPicture(): Picture {
  const ids = letters(10)
  const count = 1_000
  const counts = (algorithm: Algorithm) => {
    const pool = upPool({ targets: ids.map((id) => ({ id })), algorithm })
    picksOf(pool, ids, count)
    return pool.snapshot().map(({ picks }) => picks)
  }
  const drawn = counts(random({ random: seededRandom(SEED) }))
  const [least, most] = [Math.min(...drawn), Math.max(...drawn)]
  return barChart({
    id: 'random',
    title: `Random: how ${count.toLocaleString('en')} picks fall on ten equal targets`,
    desc: `Random: ${ids.map((id, index) => `${id} ${drawn[index]}`).join(', ')}. Round robin: each has ${count / ids.length}.`,
    caption: `${count.toLocaleString('en')} picks of ten equal targets: from ${least} to ${most}, where turns give each ${count / ids.length}.`,
    labels: ids,
    series: [{ name: 'random()', values: drawn }],
    axis: 'picks of each target',
    limit: { name: `roundRobin(): ${count / ids.length} each`, value: count / ids.length },
  })
}

export function firstAvailablePicture(): Picture {
  const ids = letters(5)
  const limit = 10
  const open = (requests: number) => {
    const pool = upPool({ targets: ids.map((id) => ({ id, limit })), algorithm: firstAvailable() })
    for (let count = 0; count < requests; count++) pool.pick()
    return pool.snapshot().map(({ active }) => active)
  }
  const series = [6, 18, 37].map((requests) => ({ name: `${requests} requests under way`, values: open(requests) }))
  return barChart({
    id: 'first-available',
    title: `First available: where requests are, with a limit of ${limit} for each of five targets`,
    desc: series.map(({ name, values }) => `${name}: ${ids.map((id, index) => `${id} ${values[index]}`).join(', ')}.`).join(' '),
    caption: 'The next target is used when those before it are full, and the last ones stand idle.',
    labels: ids,
    series,
    axis: 'open requests of each target',
    limit: { name: 'limit', value: limit },
  })
}

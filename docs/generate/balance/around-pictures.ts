import { createPool, createQueue, poolDefaults, priorityLoads, slowStartWeight, subset, xxh64 } from '@hotspare/balance'
import { TestClock } from '@hotspare/core/testing'
import { gantt, type Stay } from './gantt.ts'
import { lanes } from './lanes.ts'
import { lineChart } from './line-chart.ts'
import { matrix } from './matrix.ts'
import { letters, picksOf, upPool } from './picks.ts'
import type { Picture } from './svg.ts'

/** What a tier keeps, and what its spare gets, as its targets fail one by one. */
export function tiersPicture(): Picture {
  const hosts = 100
  const healthy = Array.from({ length: hosts + 1 }, (_, failed) => hosts - failed)
  const loads = (overprovisioningFactor: number) =>
    healthy.map(
      (each) =>
        priorityLoads(
          [
            { hosts, healthy: each },
            { hosts, healthy: hosts },
          ],
          { overprovisioningFactor },
        ).healthy,
    )
  const envoy = loads(1.4)
  const strict = loads(poolDefaults.overprovisioningFactor)
  const first = envoy.findIndex(([tier0 = 0]) => tier0 < 100)
  return lineChart({
    id: 'tiers',
    title: 'Tiers: how traffic leaves a tier whose targets fail',
    desc: `With a factor of 1.4 tier 0 keeps all of the traffic until ${first} % of its targets are out, and then loses 1.4 % with each per cent; with ${envoy[50]?.[0]} % left at half. With Infinity it keeps all until the last target is out.`,
    caption: `A tier of ${hosts}, with a healthy spare tier behind it.`,
    x: { label: '% of tier 0 that is out', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] },
    y: { label: '% of the traffic', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] },
    lines: [
      { name: 'tier 0, overprovisioningFactor 1.4', look: 'accent', points: loadsOf(envoy, 0) },
      { name: 'tier 1, the same', look: 'plain', points: loadsOf(envoy, 1) },
      {
        name: `tier 0, overprovisioningFactor ${poolDefaults.overprovisioningFactor} (the default)`,
        look: 'dashed',
        points: loadsOf(strict, 0),
      },
    ],
  })
}

/** For each number of failed targets. */
function loadsOf(all: readonly (readonly number[])[], tier: number): (readonly [failed: number, percent: number])[] {
  return all.map((each, failed) => [failed, each[tier] ?? 0] as const)
}

/** Counted picks, in per cent. */
export function zoneShares(
  zoneWeights: Readonly<Record<string, number>>,
  perZone: number,
  picks: number,
): readonly (readonly [out: number, percent: number])[] {
  const zones = Object.keys(zoneWeights)
  const targets = zones.flatMap((zone) => Array.from({ length: perZone }, (_, index) => ({ id: `${zone}-${index}`, zone })))
  const pool = upPool({ targets, zoneWeights })
  return Array.from({ length: perZone + 1 }, (_, failed) => {
    if (failed > 0) pool.setState(`${zones[0]}-${failed - 1}`, 'down')
    let first = 0
    for (let count = 0; count < picks; count++) {
      const pick = pool.pick()
      if (pick?.target.zone === zones[0]) first += 1
      pick?.done()
    }
    return [(100 * failed) / perZone, (100 * first) / picks] as const
  })
}

export function zonesPicture(): Picture {
  const shares = zoneShares({ x: 1, y: 2 }, 20, 1_200)
  const at = (out: number) => Math.round(shares.find(([each]) => each === out)?.[1] ?? 0)
  return lineChart({
    id: 'zones',
    title: 'Zones: how traffic leaves a zone whose targets fail',
    desc: `Zone x has a third of the traffic; with half of its targets out it has ${at(50)} %, with all of them out ${at(100)} %.`,
    caption: 'Zones x and y with the weights 1 and 2, twenty targets each; those of x fail one by one. Counted picks of a pool.',
    x: { label: '% of zone x that is out', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] },
    y: { label: '% of the traffic', from: 0, to: 50, ticks: [0, 10, 20, 30, 40, 50] },
    lines: [{ name: 'zone x', look: 'accent', points: shares }],
  })
}

export function slowStartPicture(): Picture {
  const windowMs = 60_000
  const lines = (
    [
      [1, 'accent'],
      [2, 'plain'],
      [0.5, 'dashed'],
    ] as const
  ).map(([aggression, look]) => ({
    name: `aggression ${aggression}${aggression === poolDefaults.aggression ? ' (the default)' : ''}`,
    look,
    points: Array.from(
      { length: 131 },
      (_, half) => [half / 2, 100 * slowStartWeight({ weight: 1, elapsedMs: half * 500, windowMs, aggression })] as const,
    ),
  }))
  const at = (seconds: number) => lines.map(({ name, points }) => `${name} ${Math.round(points[seconds * 2]?.[1] ?? 0)} %`).join(', ')
  return lineChart({
    id: 'slow-start',
    title: 'Slow start: how much of its weight a target has after it has come back',
    desc: `After 15 s: ${at(15)}. After 30 s: ${at(30)}. After 60 s all have all of it.`,
    caption: `A window of ${windowMs / 1_000} s, with the default minimumRatio of ${poolDefaults.minimumRatio}.`,
    x: { label: 'seconds since it came back', from: 0, to: 65, ticks: [0, 15, 30, 45, 60] },
    y: { label: '% of its weight', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] },
    lines,
  })
}

/** A tier that takes its traffic back from the spare: counted picks beside the formula. */
export async function failbackPicture(): Promise<Picture> {
  const windowMs = 60_000
  const clock = new TestClock()
  const ids = ['main', 'spare']
  const pool = upPool({ targets: ids.map((id, tier) => ({ id, tier })), slowStart: { windowMs }, clock })
  picksOf(pool, ids, 1)
  pool.setState('main', 'down')
  picksOf(pool, ids, 1)
  pool.setState('main', 'up')
  const counted: [number, number][] = []
  const perStep = 400
  for (let seconds = 0; seconds <= 65; seconds++) {
    const picks = picksOf(pool, ids, perStep)
    counted.push([seconds, (100 * picks.filter((place) => place === 0).length) / perStep])
    await clock.advance(1_000)
  }
  const formula = counted.map(([seconds]) => [seconds, 100 * slowStartWeight({ weight: 1, elapsedMs: seconds * 1_000, windowMs })] as const)
  const worst = Math.max(...counted.map(([, percent], index) => Math.abs(percent - (formula[index]?.[1] ?? 0))))
  return lineChart({
    id: 'failback',
    title: 'Failback: how the main tier takes its traffic back from the spare',
    desc: `The share of the main tier in counted picks follows the formula within ${worst.toFixed(1)} percentage points for the ${windowMs / 1_000} s of the window.`,
    caption: `Main comes back at 0 s. ${perStep} picks in each second, at most ${worst.toFixed(1)} percentage points from the formula; the rest goes to the spare.`,
    x: { label: 'seconds since main is up again', from: 0, to: 65, ticks: [0, 15, 30, 45, 60] },
    y: { label: '% of the traffic to main', from: 0, to: 100, ticks: [0, 25, 50, 75, 100] },
    lines: [
      { name: 'the formula', look: 'accent', points: formula },
      { name: 'picks that were counted', look: 'dots', points: counted },
    ],
  })
}

/** A client whose cookie names its target, beside one without. */
export function stickyPicture(): Picture {
  const ids = letters(3)
  const [down, up, count] = [8, 16, 24]
  const run = (name: string, remembers: boolean) => {
    const pool = upPool({ targets: ids.map((id) => ({ id })) })
    let sticky: string | undefined
    const picks = Array.from({ length: count }, (_, number) => {
      if (number === down) pool.setState('a', 'down')
      if (number === up) pool.setState('a', 'up')
      const pick = pool.pick({ sticky })
      pick?.done()
      if (remembers) sticky = pick?.target.id
      return pick ? ids.indexOf(pick.target.id) : -1
    })
    return { name, picks }
  }
  return lanes({
    id: 'sticky',
    title: 'Sticky sessions: the requests of one client, with a cookie and without',
    caption: 'While a is down the client goes elsewhere, its cookie is rewritten, and it stays there when a is back.',
    lanes: ids,
    panels: [run('with the cookie', true), run('without', false)],
    events: [
      { before: down, label: 'a is down' },
      { before: up, label: 'a is up again' },
    ],
  })
}

/** Two targets with a limit of one each, a queue of two, and six requests. */
export async function queuePicture(): Promise<Picture> {
  const clock = new TestClock()
  const pool = createPool({ targets: letters(2).map((id) => ({ id, limit: 1 })) })
  for (const id of letters(2)) pool.setState(id, 'up')
  const queue = createQueue(pool, { size: 2, timeoutMs: 60, clock })
  const stays: Stay[] = []
  const request = async (name: string, cameMs: number, servesMs: number): Promise<void> => {
    const outcome = await queue.pick()
    const servedMs = clock.monotonicMs()
    if (!outcome.ok) {
      stays.push({ name, cameMs, endedMs: servedMs, told: outcome.reason })
      return
    }
    stays.push({ name, cameMs, servedMs, endedMs: servedMs + servesMs, told: `at ${outcome.pick.target.id}` })
    clock.schedule(servesMs, () => outcome.pick.done())
  }
  const plan: [name: string, cameMs: number, servesMs: number][] = [
    ['1', 0, 50],
    ['2', 10, 120],
    ['3', 20, 100],
    ['4', 30, 40],
    ['5', 40, 40],
    ['6', 120, 30],
  ]
  const all: Promise<void>[] = []
  for (const [name, cameMs, servesMs] of plan) clock.schedule(cameMs, () => void all.push(request(name, cameMs, servesMs)))
  await clock.advance(250)
  await Promise.all(all)
  queue.close()
  return gantt({
    id: 'queue',
    title: 'Limits and queue: six requests for two targets that take one each',
    caption: 'Two places to wait, 60 ms at most. Dashed: it waits; full: it is served.',
    stays: stays.toSorted((a, b) => a.name.localeCompare(b.name)),
    untilMs: 240,
    ticksMs: [0, 60, 120, 180, 240],
  })
}

export function subsettingPicture(): Picture {
  const hosts = Array.from({ length: 8 }, (_, index) => ({ key: `10.0.0.${index + 1}:80` }))
  const size = 3
  const clients = Array.from({ length: 10 }, (_, index) => `client-${index + 1}`)
  const taken = clients.map((client) => subset(hosts, { size, seed: xxh64(client) }))
  const connections = hosts.map((_, host) => taken.filter((places) => places.includes(host)).length)
  return matrix({
    id: 'subsetting',
    title: `Subsetting: which ${size} of ${hosts.length} hosts each of ${clients.length} clients takes`,
    caption: `${clients.length * size} connections in place of ${clients.length * hosts.length}. The number is the host's place in the client's order of preference; the last row counts clients.`,
    corner: 'host',
    columns: hosts.map((_, index) => String(index + 1)),
    rows: [
      ...clients.map((name, client) => ({
        name,
        cells: hosts.map((_, host) => {
          const place = taken[client]?.indexOf(host) ?? -1
          return { text: place < 0 ? '' : String(place + 1), filled: place >= 0 }
        }),
      })),
      { name: 'clients of it', cells: connections.map((count) => ({ text: String(count) })) },
    ],
    filledMeans: 'taken',
  })
}

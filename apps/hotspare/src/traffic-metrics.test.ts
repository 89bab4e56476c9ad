import type { OutlierEvent } from '@hotspare/health/outliers'
import { expect, it, onTestFinished } from 'vitest'
import { createTrafficMetrics, type TrafficGauges, type TrafficMetrics } from './traffic-metrics.ts'

function trafficOf(gauges?: TrafficGauges): TrafficMetrics {
  const traffic = createTrafficMetrics(gauges)
  onTestFinished(() => traffic.stop())
  return traffic
}

/** The names of what was counted, each with its labels and value. */
async function counted(traffic: TrafficMetrics): Promise<string[]> {
  const scopes = structuredClone(await traffic.collect())
  return scopes.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => `${descriptor.name} ${Object.values(attributes).join(' ')} ${JSON.stringify(value)}`),
    ),
  )
}

const target = { at: 1, targetId: 'shop/a', because: 'x' }
const events: readonly OutlierEvent[] = [
  { type: 'target-ejected', ...target, cause: 'latency', forMs: 1, ejections: 1 },
  { type: 'target-returned', ...target },
  { type: 'ejection-withheld', ...target, cause: 'consecutive-errors' },
  { type: 'back-off-started', ...target, forMs: 1 },
  { type: 'back-off-ended', ...target },
]

it('ejections, those withheld and back-offs are counted when they begin, by target and cause', async () => {
  const traffic = trafficOf()
  for (const event of [...events, ...events]) traffic.countOutlierEvent(event)
  expect(await counted(traffic)).toEqual([
    'hotspare_ejections_total shop/a latency 2',
    'hotspare_ejections_withheld_total shop/a consecutive-errors 2',
    'hotspare_back_offs_total shop/a 2',
  ])
})

it('gauges show who is put aside at the moment of the scrape', async () => {
  const traffic = trafficOf({
    passive: () => [
      { pool: 'shop', id: 'shop/a', passive: 'ejected' },
      { pool: 'shop', id: 'shop/b', passive: 'backing-off' },
      { pool: 'shop', id: 'shop/c', passive: 'available' },
    ],
  })
  const lines = await counted(traffic)
  expect(lines.filter((line) => line.endsWith(' 1'))).toEqual([
    'hotspare_target_ejected shop shop/a 1',
    'hotspare_target_backing_off shop shop/b 1',
  ])
  expect(lines.filter((line) => line.endsWith(' 0'))).toHaveLength(4)
})

it('a gauge shows how many requests wait, for pools in which they may', async () => {
  const traffic = trafficOf({ passive: () => [], waiting: () => [{ pool: 'shop', waiting: 7 }] })
  expect(await counted(traffic)).toEqual(['hotspare_pool_waiting shop 7'])
  expect(await counted(trafficOf())).toEqual([])
})

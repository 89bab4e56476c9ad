import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { httpProbe } from './http.ts'
import { createHealthMonitor } from './monitor.ts'
import type { ProbeResult } from './probe.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedBytes(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

it('targets with full histories take less than 30 KiB each', async () => {
  const clock = new TestClock()
  const count = Number(process.env['HOTSPARE_TEST_TARGETS'] ?? 1_000)
  const before = usedBytes()
  const monitor = createHealthMonitor({ clock, maxConcurrentProbes: count, observer: {}, random: { next: () => 0 } })
  for (let index = 0; index < count; index++) {
    const port = 1_024 + index
    const inner = httpProbe({ url: `http://10.0.0.1:${port}/healthz`, expectBody: 'ready', headers: { host: `shop-${index}` } })
    let looks = 0
    const run = (): Promise<ProbeResult> => {
      const phases = [
        { name: 'connect', tookMs: 0.3 },
        { name: 'first-byte', tookMs: 1.2 },
        { name: 'transfer', tookMs: 0.1 },
      ] as const
      return Promise.resolve({ outcome: 'pass', durationMs: 1.6, phases, detail: `200 OK, ${looks++} bytes of target ${index}` })
    }
    monitor.add({ id: `shop/web-${index}`, probe: { ...inner, run }, intervalMs: 1_000, damping: {} })
  }
  await monitor.start()
  await clock.advance(21_000)
  expect(monitor.get('shop/web-999')?.history).toHaveLength(20)
  await monitor.stop()
  const perTarget = (usedBytes() - before) / count
  expect(monitor.list()).toHaveLength(count)
  expect(perTarget).toBeLessThan(30 * 1_024)
}, 60_000)

import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { explain } from './explain.ts'
import { createHealthMonitor } from './monitor.ts'
import { type MemoryAnswer, memoryProbe } from './testing/index.ts'

/** The explanation of a target after the script, a probe a second, and then so many failed requests. */
async function explained(script: readonly MemoryAnswer[], failedRequests = 0, trafficFailures = 5): Promise<string[]> {
  const clock = new TestClock(Date.UTC(2026, 10, 21))
  await using monitor = createHealthMonitor({ clock, random: { next: () => 0 } })
  let run = 0
  const probe = memoryProbe({ clock, address: 'http://10.0.0.11/', answer: () => script[run++] ?? 'pass' })
  monitor.add({ id: 'shop-1', probe, trafficFailures })
  await monitor.start()
  if (script.length > 0) await clock.advance((script.length - 1) * 1_000 + 500)
  for (let request = 0; request < failedRequests; request++) monitor.reportTraffic('shop-1', { ok: false, detail: 'connection reset' })
  const health = monitor.get('shop-1')
  return health ? explain(health) : []
}

describe('explain', () => {
  it('tells of a target that is down: since when, why, what was seen, and what would bring it up', async () => {
    expect(await explained(['pass', 'refused', 'refused', 'refused', 'pass'])).toEqual([
      'shop-1 (http://10.0.0.11/) is down since 2026-11-21T00:00:03.001Z',
      'because 3 probes in a row failed: pretended: refused',
      '2026-11-21T00:00:04.001Z passed after 1 ms: answered',
      '2026-11-21T00:00:03.001Z failed (refused) after 1 ms: pretended: refused',
      '2026-11-21T00:00:02.001Z failed (refused) after 1 ms: pretended: refused',
      '2026-11-21T00:00:01.001Z failed (refused) after 1 ms: pretended: refused',
      '2026-11-21T00:00:00.001Z passed after 1 ms: answered',
      '1 more passed probe would bring it up',
      'if it returns, probes notice within 2.5s',
    ])
  })

  it('tells of a target that is up: how little would mark it down', async () => {
    expect((await explained(['pass', 'refused'], 2)).slice(-3)).toEqual([
      '2 more failed probes in a row would mark it down',
      '3 more failed requests in a row would mark it down at once',
      'if it dies, probes notice within 3.5s',
    ])
  })

  it('promises no return of a target that is held because it flaps', async () => {
    const clock = new TestClock(Date.UTC(2026, 10, 21))
    await using monitor = createHealthMonitor({ clock, random: { next: () => 0 } })
    let run = 0
    const isDead = (second: number) => second % 6 >= 3 && second < 18
    const probe = memoryProbe({ clock, answer: () => (isDead(run++) ? 'refused' : 'pass') })
    monitor.add({ id: 'shop-1', probe, rise: 1, damping: {} })
    await monitor.start()
    await clock.advance(25_500)
    const health = monitor.get('shop-1')
    expect(health?.flaps?.isHeld).toBe(true)
    const lines = health ? explain(health) : []
    expect(lines).toContain('1 more passed probe would bring it up, once it is let go')
    expect(lines.filter((line) => line.startsWith('if it returns'))).toEqual([])
  })

  it('leaves out how soon probes notice something, where they do not', async () => {
    const clock = new TestClock()
    await using monitor = createHealthMonitor({ clock })
    monitor.add({ id: 'job', probe: memoryProbe({ clock }) })
    const health = monitor.get('job')
    const withBound = health ? explain(health) : []
    expect(withBound.at(-1)).toBe('if it dies, probes notice within 3.5s')
    expect(health && explain(health, { detection: false })).toEqual(withBound.slice(0, -1))
  })

  it('tells of a probe that could not look', async () => {
    expect((await explained(['pass', 'inconclusive'])).slice(2, 4)).toEqual([
      '2026-11-21T00:00:01.001Z showed nothing, and does not count, after 1 ms: pretended: this machine could not look',
      '2026-11-21T00:00:00.001Z passed after 1 ms: answered',
    ])
  })

  it('tells of a target that nobody has looked at', async () => {
    expect(await explained([])).toEqual([
      'shop-1 (http://10.0.0.11/) is unknown since 2026-11-21T00:00:00.000Z',
      'because it is not proven yet: no probe has passed, and not enough have failed',
      '1 more passed probe would bring it up',
      '3 more failed probes in a row would mark it down',
      '5 more failed requests in a row would mark it down at once',
      'if it dies, probes notice within 3.5s',
    ])
  })

  it('does not speak of traffic where it is switched off', async () => {
    expect((await explained(['pass'], 3, 0)).join('\n')).not.toContain('request')
  })
})

import { type Random, seededRandom, sleep } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { createHealthMonitor, type HealthMonitor } from './monitor.ts'
import type { Probe, ProbeResult } from './probe.ts'
import type { HealthEvent } from './target-health.ts'

const IDS = ['a', 'b', 'c', 'd']
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1)

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random.next() * items.length)]!
}

/** A probe that does anything a probe may do, and a few things that it may not. */
function wildProbe(follower: Follower, clock: TestClock, random: Random): Probe {
  let inFlight = 0
  async function look(signal: AbortSignal | undefined): Promise<ProbeResult> {
    const facts = { durationMs: 1, detail: 'drawn' }
    if (random.next() < 0.05) clock.stepWall(pick(random, [-60_000, 60_000]))
    if (random.next() < 0.05) throw new Error('a broken probe')
    if (random.next() < 0.05) await sleep(86_400_000, { clock, signal })
    if (random.next() < 0.5) await sleep(random.next() * 500, { clock, signal })
    const advice = { weight: random.next(), admin: pick(random, ['ready', 'draining', 'maintenance'] as const) }
    const more = random.next() < 0.3 ? { warning: pick(random, ['12 days', '11 days']), advice } : {}
    const outcome = pick(random, ['pass', 'pass', 'degraded', 'inconclusive', 'fail', 'fail'] as const)
    if (outcome !== 'fail') return { outcome, ...facts, ...more }
    return { outcome, reason: pick(random, ['timeout', 'refused']), immediate: random.next() < 0.1, ...facts }
  }
  const run: Probe['run'] = async ({ signal } = {}) => {
    follower.claim(++inFlight === 1, 'one probe of a target at a time')
    return look(signal).finally(() => inFlight--)
  }
  return { type: 'wild', address: 'nowhere', timeoutMs: 50 + Math.floor(random.next() * 400), run }
}

/** Any call that a listener may make. */
function anyCall(monitor: HealthMonitor, follower: Follower, clock: TestClock, random: Random): void {
  const id = pick(random, IDS)
  const chance = random.next()
  if (chance < 0.2 && !monitor.get(id)) {
    const count = () => 1 + Math.floor(random.next() * 3)
    const rules = { intervalMs: 20 + Math.floor(random.next() * 1_000), rise: count(), fall: count(), trafficFailures: count() - 1 }
    monitor.add({ id, probe: wildProbe(follower, clock, random), ...rules, damping: random.next() < 0.5 ? {} : undefined })
  } else if (chance < 0.3) {
    monitor.remove(id)
    // Another of the same name is another target.
    follower.forget(id)
  } else if (chance < 0.6) monitor.setAdmin(id, pick(random, [undefined, 'maintenance', 'draining', 'ready'] as const))
  else if (chance < 0.9) monitor.reportTraffic(id, { ok: random.next() < 0.3 })
  else if (chance < 0.93) void monitor.stop()
  else void monitor.start()
}

/** What somebody knows of the targets who only listens, and what did not fit. */
class Follower {
  readonly problems: string[] = []
  readonly #told = new Map<string, { state: string; admin: string | undefined; isHeld: boolean }>()

  take(event: HealthEvent, monitor: HealthMonitor): void {
    if (!('targetId' in event)) return
    this.claim(monitor.get(event.targetId) !== undefined, `${event.type} of a target that is there`)
    const known = this.#of(event.targetId)
    if ('from' in event) {
      this.claim(event.from === known.state, `${event.type} from ${known.state}, and not from ${event.from}`)
      known.state = event.type.replace('target-', '')
    } else if (event.type === 'target-admin') {
      this.claim(event.admin?.state !== known.admin, `another word than ${known.admin}`)
      known.admin = event.admin?.state
    } else if (event.type === 'target-flapping' || event.type === 'target-settled') {
      this.claim((event.type === 'target-flapping') !== known.isHeld, `${event.type} once`)
      known.isHeld = !known.isHeld
    }
  }

  compare(monitor: HealthMonitor): void {
    for (const { id, verdict, admin, flaps } of monitor.list()) {
      const known = this.#of(id)
      this.claim(known.state === verdict.state, `${known.state}, as told, and not ${verdict.state}`)
      this.claim(known.admin === admin?.state, `${known.admin}, as told, and not ${admin?.state}`)
      this.claim(known.isHeld === (flaps?.isHeld ?? false), 'held as told')
    }
  }

  claim(holds: boolean, what: string): void {
    if (!holds) this.problems.push(what)
  }

  forget(id: string): void {
    this.#told.delete(id)
  }

  #of(id: string) {
    const known = this.#told.get(id) ?? { state: 'unknown', admin: undefined, isHeld: false }
    this.#told.set(id, known)
    return known
  }
}

it.each(SEEDS)('whatever listeners call in the middle of an event, what is told is what is (seed %i)', async (seed) => {
  const clock = new TestClock()
  const random = seededRandom(seed)
  const monitor = createHealthMonitor({ clock, random, maxConcurrentProbes: 2 })
  const follower = new Follower()
  let depth = 0
  monitor.subscribe((event) => {
    follower.take(event, monitor)
    if (depth >= 3 || random.next() > 0.2) return
    depth++
    anyCall(monitor, follower, clock, random)
    depth--
    if (random.next() < 0.1) throw new Error('a bad listener')
  })
  for (let round = 0; round < 100; round++) {
    anyCall(monitor, follower, clock, random)
    await clock.advance(random.next() * 300)
    follower.compare(monitor)
  }
  expect(follower.problems).toEqual([])
  await monitor.stop()
  await clock.advance(1)
  expect(clock.pendingTimers).toBe(0)
})

import { seededRandom } from '@hotspare/core'
import { assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BeatTimer, type BeatTimings } from './beat-timings.ts'
import { calibrate, expectedFalseAlarms } from './calibrate.ts'

const YEAR_MS = 365.25 * 24 * 3_600_000

interface Network {
  readonly seed: number
  /** That a beat is lost after one that was not, and after one that was. */
  readonly loss: number
  readonly row: number
  /** The lateness of a beat, of a number in (0, 1]. */
  readonly lateMs: (chance: number) => number
}

/** Gaps between the beats that come, one after the other, in order as on one path. */
function* gapsOf({ seed, loss, row, lateMs }: Network, intervalMs: number, beats: number): Generator<{ gapMs: number; lost: number }> {
  const random = seededRandom(seed)
  let before: { number: number; atMs: number } | undefined
  let wasLost = false
  for (let number = 0; number < beats; number++) {
    // A burst lasts for a time, however many beats fall into it.
    wasLost = random.next() < (wasLost ? row ** (intervalMs / 100) : loss)
    if (wasLost) continue
    const sentMs = number * intervalMs
    const atMs = Math.max(before?.atMs ?? 0, sentMs + lateMs(1 - random.next()))
    if (before) yield { gapMs: atMs - before.atMs, lost: number - before.number - 1 }
    before = { number, atMs }
  }
}

function measure(network: Network, intervalMs = 100, beats = 100_000): BeatTimings {
  const timer = new BeatTimer(intervalMs)
  for (const { gapMs, lost } of gapsOf(network, intervalMs, beats)) timer.add(gapMs, lost)
  return timer.snapshot()
}

function alarms(network: Network, intervalMs: number, timeoutMs: number, beats: number): number {
  let count = 0
  for (const { gapMs } of gapsOf({ ...network, seed: network.seed + 1 }, intervalMs, beats)) if (gapMs > timeoutMs) count += 1
  return count
}

const quiet: Network = { seed: 1, loss: 0, row: 0, lateMs: (chance) => -Math.log(chance) }
const lossy: Network = { seed: 2, loss: 0.1, row: 0.1, lateMs: (chance) => -2 * Math.log(chance) }
const bursty: Network = { seed: 3, loss: 0.002, row: 0.6, lateMs: (chance) => -5 * Math.log(chance) }
const heavy: Network = { seed: 4, loss: 0.01, row: 0.1, lateMs: (chance) => chance ** (-1 / 2.5) }

describe('calibrate refuses', () => {
  const timings = measure(quiet, 100, 20_000)

  it('without a measurement, or with one that says nothing', () => {
    const promise = { detectMs: 1_000, falseAlarmsPerYear: 1 }
    expect(calibrate({ ...promise, peers: [] })).toMatchObject({ kept: false, because: 'no peer was measured' })
    expect(calibrate({ ...promise, peers: [[timings], []] })).toMatchObject({
      kept: false,
      because: expect.stringContaining('0 beats were measured'),
    })
    const short = measure(quiet, 100, 900)
    expect(calibrate({ ...promise, peers: [[short]] })).toMatchObject({ kept: false, nearestDetectMs: undefined })
    expect(expectedFalseAlarms([[timings], [short]], { intervalMs: 100, timeoutMs: 1_500 })).toBeUndefined()
  })

  it('a time in which no six beats fit, and names the soonest', () => {
    const refusal = calibrate({ detectMs: 59, falseAlarmsPerYear: 1, peers: [[timings]] })
    expect(refusal).toMatchObject({
      kept: false,
      because: expect.stringContaining('the shortest there is'),
      nearestFalseAlarmsPerYear: undefined,
    })
  })

  it('a pair that cannot be, and names the nearest ones, which can', () => {
    const peers = [[measure(lossy)]]
    const promise = { detectMs: 300, falseAlarmsPerYear: 0.01 }
    const refusal = calibrate({ ...promise, peers })
    if (refusal.kept) throw new Error('it was promised')
    const { nearestDetectMs = 0, nearestFalseAlarmsPerYear = 0 } = refusal
    expect(nearestDetectMs).toBeGreaterThan(300)
    expect(nearestFalseAlarmsPerYear).toBeGreaterThan(0.01)
    expect(calibrate({ ...promise, peers, detectMs: nearestDetectMs })).toMatchObject({ kept: true })
    expect(calibrate({ ...promise, peers, falseAlarmsPerYear: nearestFalseAlarmsPerYear })).toMatchObject({ kept: true })
  })
})

describe('calibrate', () => {
  it('promises a second and one false alarm a year on a quiet network, with some beats in it', () => {
    const found = calibrate({ detectMs: 1_000, falseAlarmsPerYear: 1, peers: [[measure(quiet)]] })
    if (!found.kept) throw new Error(found.because)
    expect(found.worstDetectMs).toBeLessThanOrEqual(1_000)
    expect(found.timeoutMs / found.intervalMs).toBeGreaterThanOrEqual(5)
    expect(found.heldUpDetectMs).toBeGreaterThan(found.worstDetectMs)
  })

  it('knows more after a longer measurement of the same', () => {
    const expected = (beats: number) => expectedFalseAlarms([[measure(quiet, 100, beats)]], { intervalMs: 100, timeoutMs: 900 }) ?? 0
    expect(expected(100_000)).toBeLessThan(expected(20_000))
    expect(expected(20_000)).toBeLessThan(expected(2_000))
  })

  it('counts the best of several paths, and every pair of nodes', () => {
    const [good, bad] = [measure(quiet), measure(bursty)]
    const times = { intervalMs: 100, timeoutMs: 900 }
    const of = (peers: readonly (readonly BeatTimings[])[]) => expectedFalseAlarms(peers, times) ?? 0
    expect(of([[bad, good]])).toBe(of([[good]]))
    expect(of([[bad]])).toBeGreaterThan(of([[good]]))
    // Two nodes are two pairs, three nodes six.
    expect(of([[good], [good]]) / of([[good]])).toBeCloseTo(3)
  })

  const networks = { quiet, lossy, bursty, heavy }
  it.each(['lossy', 'bursty', 'heavy'] as const)('keeps what it promises in a simulation, and not by far too much: %s', (name) => {
    const network = networks[name]
    const peers = [[measure(network)]]
    // Rare enough to be a promise, and often enough to be counted: some 100 in the simulated time at the most.
    const found = calibrate({ detectMs: 1_500, falseAlarmsPerYear: 100_000, peers })
    if (!found.kept) throw new Error(found.because)
    const { intervalMs, timeoutMs, expectedFalseAlarmsPerYear } = found
    const beats = 400_000
    // One of the two nodes is simulated.
    const bound = (expectedFalseAlarmsPerYear / 2) * ((beats * intervalMs) / YEAR_MS)
    expect(alarms(network, intervalMs, timeoutMs, beats)).toBeLessThanOrEqual(bound + 4 * Math.sqrt(bound) + 4)
    // With a timeout of a third, there are far more than were promised: the simulation can fail.
    expect(alarms(network, intervalMs, timeoutMs / 3, beats)).toBeGreaterThan(bound + 4 * Math.sqrt(bound) + 4)
  })

  it.each([
    ['lossy', 250],
    ['bursty', 350],
    ['heavy', 150],
  ] as const)('bounds from above what any pair of times leads to, within a factor: %s', (name, timeoutMs) => {
    const network = networks[name]
    const times = { intervalMs: 50, timeoutMs }
    const beats = 300_000
    const counted = alarms(network, times.intervalMs, timeoutMs, beats)
    const bound = ((expectedFalseAlarms([[measure(network)]], times) ?? 0) / 2) * ((beats * times.intervalMs) / YEAR_MS)
    expect(counted).toBeGreaterThan(20)
    expect(counted).toBeLessThanOrEqual(bound + 4 * Math.sqrt(bound))
    expect(bound).toBeLessThan(counted * 1_000)
  })

  it('always keeps its own promise, and a longer time or more alarms are never harder to promise', () => {
    const measured = Object.values(networks).map((network) => measure(network, 100, 20_000))
    const promises = record({
      detectMs: integer({ min: 60, max: 20_000 }),
      falseAlarmsPerYear: constantFrom(0.1, 1, 10, 1_000),
      timings: constantFrom(...measured),
      peers: integer({ min: 1, max: 5 }),
    })
    const holds = property(promises, ({ detectMs, falseAlarmsPerYear, timings, peers: count }) => {
      const peers = Array.from({ length: count }, () => [timings])
      const found = calibrate({ detectMs, falseAlarmsPerYear, peers })
      if (!found.kept) return
      expect(found.worstDetectMs).toBeLessThanOrEqual(detectMs)
      expect(found.expectedFalseAlarmsPerYear).toBeLessThanOrEqual(falseAlarmsPerYear)
      expect(found.intervalMs).toBeGreaterThanOrEqual(10)
      expect(found.timeoutMs).toBeGreaterThanOrEqual(5 * found.intervalMs)
      expect(expectedFalseAlarms(peers, found)).toBeCloseTo(found.expectedFalseAlarmsPerYear)
      expect(calibrate({ detectMs, falseAlarmsPerYear: 2 * falseAlarmsPerYear, peers }).kept).toBe(true)
      expect(calibrate({ detectMs: 2 * detectMs, falseAlarmsPerYear, peers }).kept).toBe(true)
    })
    assert(holds, { numRuns: 40 })
  })
})

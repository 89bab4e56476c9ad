import { describe, expect, it } from 'vitest'
import { renewFor } from './measure.ts'

/** A clock that each renewal moves by as much as the next number says. */
function machine(tookMs: readonly number[]) {
  let nowMs = 0
  let cpuMicros = 0
  let call = 0
  return {
    instruments: { monotonicMs: () => nowMs, cpuMicros: () => cpuMicros },
    renewed: [] as number[],
    async renew(this: { renewed: number[] }, lease: number) {
      nowMs += tookMs[call++ % tookMs.length] ?? 1
      cpuMicros += 30
      this.renewed.push(lease)
    },
  }
}

describe('renewFor', () => {
  it('throws what a renewal throws, after the others have ended', async () => {
    let underWay = 0
    const renew = async (lease: number) => {
      underWay += 1
      for (let turn = 0; turn < 5 * (1 - lease); turn++) await Promise.resolve()
      underWay -= 1
      if (lease === 1) throw new Error('not granted')
    }
    const { instruments } = machine([1])
    await expect(renewFor(renew, { leases: 2, turnMs: 10 }, instruments)).rejects.toThrow('not granted')
    expect(underWay).toBe(0)
  })

  it('counts the renewals of a turn, with their time, CPU time and latencies', async () => {
    const fake = machine([1, 1, 1, 7])
    const turn = await renewFor((lease) => fake.renew(lease), { leases: 1, turnMs: 20 }, fake.instruments)
    expect(turn).toMatchObject({ renewals: 8, elapsedMs: 20, cpuMicros: 240, p50Micros: 1_000 })
    expect(turn.p99Micros).toBeCloseTo(7_000)
  })

  it('renews all leases in turn', async () => {
    const fake = machine([1])
    await renewFor((lease) => fake.renew(lease), { leases: 3, turnMs: 6 }, fake.instruments)
    expect(fake.renewed.slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2])
  })

  it('ends a turn that would never end, because the clock stands still', async () => {
    const { instruments } = machine([0])
    const turn = await renewFor(async () => {}, { leases: 1, turnMs: 1 }, instruments)
    expect(turn.renewals).toBe(200_000)
  })
})

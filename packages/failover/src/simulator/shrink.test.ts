import { describe, expect, it } from 'vitest'
import { drawSchedule } from './draw.ts'
import type { Fault } from './fault.ts'
import type { Schedule } from './schedule.ts'
import { shrink } from './shrink.ts'

const crash = (node: string, atMs: number): Fault => ({ type: 'crash', node, told: true, atMs, forMs: 1_234.567 })

function scheduleWith(faults: readonly Fault[], nodes = ['a', 'b', 'c']): Schedule {
  const definition = { name: 'shop', members: nodes, onControlLoss: 'keep', failback: { type: 'manual' }, maxFailoversPerHour: 6 } as const
  const other = { ...definition, name: 'mail' }
  return {
    seed: 1,
    site: { nodes: nodes.map((name) => ({ name })), services: [{ definition, ttlMs: 500 }, { definition: other }] },
    clocks: { a: { rate: 1.05, startMs: 10 } },
    faults,
    calmAtMs: 20_000,
  }
}

describe('shrink', () => {
  it('gives a schedule back that is not red', async () => {
    const schedule = scheduleWith([crash('a', 1_000)])
    expect(await shrink(schedule, async () => false)).toBe(schedule)
  })

  it('finds the two faults of twenty that it takes, one service, the node that they strike, and round times', async () => {
    const faults = Array.from({ length: 20 }, (_, index) => crash('abc'[index % 3] ?? 'a', 1_000.4 + 100 * index))
    const isRed = async (schedule: Schedule) => schedule.faults.filter((fault) => 'node' in fault && fault.node === 'b').length >= 2
    const smallest = await shrink(scheduleWith(faults), isRed)
    expect(smallest.faults.length).toBe(2)
    expect(smallest.site.nodes).toEqual([{ name: 'b' }])
    expect(smallest.site.services.length).toBe(1)
    expect(smallest.clocks).toBeUndefined()
    for (const fault of smallest.faults) {
      expect('forMs' in fault ? fault.forMs : undefined).toBeLessThan(40)
      expect(Number(fault.atMs) % 100).toBe(0)
    }
  })

  it('never tries more often than it may, and keeps what was the smallest by then', async () => {
    let runs = 0
    const isRed = async (schedule: Schedule) => (runs++, schedule.faults.length > 5)
    const smallest = await shrink(scheduleWith(Array.from({ length: 40 }, (_, index) => crash('a', index))), isRed, { mostRuns: 10 })
    expect(runs).toBe(10)
    expect(smallest.faults.length).toBeGreaterThan(5)
    expect(smallest.faults.length).toBeLessThan(40)
  })

  it('finds the same again', async () => {
    const isRed = async ({ faults }: Schedule) => faults.length >= 2
    const once = await shrink(drawSchedule(11), isRed)
    expect(await shrink(drawSchedule(11), isRed)).toEqual(once)
  })

  it('ends for whatever is red, with the smallest of all', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { faults, site } = await shrink(drawSchedule(seed), async () => true, { mostRuns: 5_000 })
      expect(faults).toEqual([])
      expect(site.nodes.length).toBe(1)
    }
  })
})

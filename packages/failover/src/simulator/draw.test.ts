import { HotspareError } from '@hotspare/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawSchedule } from './draw.ts'
import { ACTOR } from './fault.ts'
import { readSchedule } from './read-schedule.ts'

const seeds = fc.integer({ min: 0, max: 1_000_000_000 })

describe('drawSchedule', () => {
  it('keeps within its limits, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { site } = drawSchedule(seed, { nodes: [3, 4], services: [2, 2], arbiter: false })
        expect(site.nodes.length).toBeGreaterThanOrEqual(3)
        expect(site.nodes.length).toBeLessThanOrEqual(4)
        expect(site.services.length).toBe(2)
        // Without an arbiter nobody can promise one holder.
        expect(site.services.every(({ definition }) => definition.onControlLoss === 'keep')).toBe(true)
      }),
    )
  })

  it('draws plain JSON that can be read again, with faults of nodes that are there', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const schedule = drawSchedule(seed)
        expect(readSchedule(JSON.parse(JSON.stringify(schedule)))).toEqual(schedule)
        const names = new Set([...schedule.site.nodes.map(({ name }) => name), ACTOR])
        const struck = schedule.faults.flatMap((fault) => ('node' in fault ? [fault.node] : []))
        expect(struck.filter((name) => !names.has(name))).toEqual([])
      }),
    )
  })

  it('draws the same from the same seed, and each fault from some', () => {
    expect(drawSchedule(5)).toEqual(drawSchedule(5))
    const drawn = Array.from({ length: 400 }, (_, seed) => drawSchedule(seed).faults.map(({ type }) => type)).flat()
    const expected =
      'actuator arbiter-killed arbiter-paused arbiter-slow boot-jump clock-rate command control-dead crash cut disagree fence-dead fence-slow hold ' +
      'maintenance partition pause power provider-down provider-slow rough service-dead stop stutter suspend wall-jump'
    expect([...new Set(drawn)].toSorted().join(' ')).toBe(expected)
  })
})

describe('readSchedule', () => {
  const good = drawSchedule(3)

  it.each<[string, unknown, string]>([
    ['no object', 'pause web-1', 'expected object'],
    ['a key that it does not know', { ...good, fault: [] }, 'fault'],
    ['a fault that it does not know', { ...good, faults: [{ type: 'quake', atMs: 1 }] }, 'faults.0'],
    ['a time before the start', { ...good, calmAtMs: -1 }, 'calmAtMs'],
    ['a member that is no node', { ...good, site: { ...good.site, nodes: [{ name: 'else' }] } }, 'there is no node'],
    ['two nodes of one name', { ...good, site: { nodes: [{ name: 'a' }, { name: 'a' }], services: [] } }, 'names have to be different'],
    [
      'a service that is to be fenced by nothing',
      {
        ...good,
        site: {
          nodes: [{ name: 'a' }],
          services: [
            { definition: { ...good.site.services[0]?.definition, members: ['a'], fencing: { mode: 'required', startDelayMs: 0 } } },
          ],
        },
      },
      'nothing switches "a" off',
    ],
    ['a node with the name of the arbiter', { ...good, site: { nodes: [{ name: 'arbiter' }], services: [] } }, 'none is "arbiter"'],
  ])('refuses %s', (_, json, message) => {
    expect(() => readSchedule(json)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_FAILOVER_SCHEDULE', message: expect.stringContaining(message) }),
    )
    expect(() => readSchedule(json)).toThrow(HotspareError)
  })
})

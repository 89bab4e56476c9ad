import type { Severity } from '@hotspare/alert'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { ConcernDesk } from './concern-desk.ts'

const worried = [{ name: 'shop', concern: 'nobody could take it over' }]
const calm = [{ name: 'shop', concern: undefined }]
const KNOWN: ReadonlyMap<string, Severity> = new Map([
  ['service/shop', 'critical'],
  ['target/shop/a', 'warning'],
])

function makeDesk(firing?: ReadonlyMap<string, Severity>) {
  const clock = new TestClock()
  const told: string[] = []
  const desk = new ConcernDesk({ node: 'web-1', clock, firing, notify: ({ status, key }) => told.push(`${status} ${key}`) })
  const concern = () => desk.hear({ type: 'service-concern', at: 1, service: 'shop', because: 'nobody could take it over' })
  const ended = () => desk.hear({ type: 'service-concern-ended', at: 2, service: 'shop' })
  /** Looks for some seconds, as often as the guard tells. */
  const watch = async (services: Parameters<ConcernDesk['look']>[0]) => {
    for (let look = 0; look < 20; look += 1) {
      desk.look(services)
      await clock.advance(200)
    }
  }
  return { clock, desk, told, concern, ended, watch }
}

describe('a concern', () => {
  it('is told when the engine tells of it, and so is its end', async () => {
    const { desk, told, concern, ended, watch } = makeDesk()
    await watch(calm)
    concern()
    expect(desk.severityOf('service/shop')).toBe('critical')
    await watch(worried)
    ended()
    expect(desk.severityOf('service/shop')).toBeUndefined()
    expect(told).toEqual(['firing service/shop', 'resolved service/shop'])
  })

  // Once the alarm died with the control that had it, and nobody ever heard of it.
  it('that only the control before heard of is told by the next one', async () => {
    const { told, ended, watch } = makeDesk()
    await watch(worried)
    expect(told).toEqual(['firing service/shop'])
    ended()
    expect(told).toEqual(['firing service/shop', 'resolved service/shop'])
  })

  it('that people know of is not told again, and its end is, whoever heard of that', async () => {
    const still = makeDesk(KNOWN)
    await still.watch(worried)
    expect(still.told).toEqual([])
    const over = makeDesk(KNOWN)
    await over.watch(calm)
    expect(over.told).toEqual(['resolved service/shop'])
  })

  it('that the engine is going to tell of, or that passes, is left to it', async () => {
    const passing = makeDesk()
    passing.desk.look(worried)
    await passing.watch(calm)
    expect(passing.told).toEqual([])
    const coming = makeDesk()
    coming.desk.look(calm)
    await coming.watch(worried)
    expect(coming.told).toEqual([])
    const both = makeDesk()
    both.desk.look(worried)
    both.concern()
    await both.watch(worried)
    expect(both.told).toEqual(['firing service/shop'])
  })

  it('of a lost site is told by the control that did not hear of it, and ends with the site', async () => {
    const lost = [{ name: 'fra', state: 'lost', because: 'no heartbeat' }] as const
    const after = makeDesk()
    for (let look = 0; look < 20; look += 1) {
      after.desk.look(calm, lost)
      await after.clock.advance(200)
    }
    expect(after.told).toEqual(['firing site/fra'])
    expect(after.desk.severityOf('site/fra')).toBe('critical')
    const over = makeDesk(new Map([['site/fra', 'critical']]))
    over.desk.look(calm, [{ name: 'fra', state: 'up', because: 'heard' }])
    expect(over.told).toEqual(['resolved site/fra'])
  })

  it('has nothing to say of alarms of targets', () => {
    expect(makeDesk(KNOWN).desk.severityOf('target/shop/a')).toBeUndefined()
  })
})

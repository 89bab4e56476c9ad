import { describe, expect, it } from 'vitest'
import { IncidentLog } from './incident-log.ts'
import { shadowLimits } from './limits.ts'
import { boundsOf, type Happening, promise } from './promise.ts'

const A = '10.0.0.1'
const B = '10.0.0.2'
const rules = { ttlMs: 2_000, advertMs: 1_000 }
const quiet = { twoMasters: false, twoHolders: false, outage: false, nobody: false }

/** A master that was heard last at 1 s, and its successor. */
function takenOver(log: IncidentLog): void {
  log.masterEnded(4_600, { source: A, lastAt: 1_000, how: 'silent' }, null)
  log.masterAppeared(4_600, B, { source: A, at: 1_000, how: 'silent' })
}

describe('an incident', () => {
  it('is none when the first master is heard, or when a priority changes', () => {
    const log = new IncidentLog(rules)
    log.masterAppeared(0, A, undefined)
    log.priorityChanged(10, A, 150, 100)
    expect(log.incidents()).toEqual([])
  })

  it('begins with the silence, and tells how long it took', () => {
    const log = new IncidentLog(rules)
    takenOver(log)
    expect(log.incidents()).toMatchObject([{ kind: 'takeover', from: 1_000, to: 4_600, before: A, after: B, takeoverMs: 3_600 }])
  })

  it('is an address left behind when both still answer, and goes on as long as they do', () => {
    const log = new IncidentLog(rules)
    takenOver(log)
    log.twoHolders(5_000, { from: 4_700, to: 5_000 }, '10.0.0.100', ['a', 'b'])
    log.twoHolders(6_000, { from: 4_700, to: 6_000 }, '10.0.0.100', ['a', 'b'])
    log.look(6_000, { ...quiet, twoHolders: true })
    expect(log.incidents()).toMatchObject([{ kind: 'orphaned-address', to: null, twoHolders: [{ from: 4_700, to: 6_000 }] }])
    log.holdersParted(6_000, '10.0.0.100', 'a')
    log.look(7_000, quiet)
    expect(log.incidents()).toMatchObject([{ to: 6_000 }])
  })

  it('is over when all was quiet for a while; what comes later is another one', () => {
    const log = new IncidentLog(rules)
    takenOver(log)
    log.look(5_000, quiet)
    log.advertsLost(14_000, B, 1, 2_000)
    log.look(14_000 + shadowLimits.settleMs, quiet)
    log.outage(60_000, { from: 59_000, to: null }, '10.0.0.100')
    expect(log.incidents()).toMatchObject([
      { id: 1, kind: 'takeover', advertsLost: 1, to: 14_000 },
      { id: 2, kind: 'outage', outages: [{ from: 59_000, to: null }] },
    ])
  })

  it.each([
    ['two-masters', 2_500],
    ['preemption', 900],
  ])('of two masters is %s when it lasted %d ms', (kind, ms) => {
    const log = new IncidentLog(rules)
    log.masterAppeared(0, B, { source: A, at: -500, how: 'preempted' })
    log.twoMasters(500, { from: 0, to: null }, [A, B])
    log.masterEnded(ms + 1_500, { source: A, lastAt: ms, how: 'yielded' }, B)
    log.twoMasters(ms + 1_500, { from: 0, to: ms }, [A, B])
    expect(log.incidents()).toMatchObject([{ kind, before: A, after: B, takeoverMs: null, twoMasters: [{ from: 0, to: ms }] }])
  })

  it('of two holders for the moment in which an address moves is none of two holders', () => {
    const log = new IncidentLog(rules)
    log.masterAppeared(600, B, { source: A, at: 0, how: 'preempted' })
    log.twoHolders(700, { from: 610, to: 640 }, '10.0.0.100', ['a', 'b'])
    expect(log.incidents()).toMatchObject([{ kind: 'preemption', twoHolders: [{ from: 610, to: 640 }] }])
  })

  it.each([
    ['silent', 'no-master'],
    ['resigned', 'no-master'],
  ] as const)('without a successor of one that was %s is %s', (how, kind) => {
    const log = new IncidentLog(rules)
    log.masterEnded(4_600, { source: A, lastAt: 1_000, how }, null)
    log.look(4_700, { ...quiet, nobody: true })
    expect(log.incidents()).toMatchObject([{ kind, after: null, to: null }])
  })

  it('says that a priority had fallen before', () => {
    const log = new IncidentLog(rules)
    log.priorityChanged(0, A, 150, 90)
    log.masterAppeared(600, B, { source: A, at: 0, how: 'preempted' })
    const [incident] = log.incidents()
    expect(incident?.events[0]?.text).toBe(`${A} changes its priority from 150 to 90`)
    expect(incident?.promised.map(({ action }) => action)).toEqual(['hand-over', 'hand-over'])
  })

  it('keeps a bounded number of events, stretches and incidents, and counts all', () => {
    const log = new IncidentLog(rules)
    for (let index = 0; index < 200; index++) {
      log.outage(index * 100, { from: index * 100, to: index * 100 + 10 }, 'x')
      log.look(index * 100 + 20, quiet)
    }
    expect(log.incidents()).toMatchObject([{ moreEvents: 200 - shadowLimits.events }])
    expect(log.incidents()[0]?.outages).toHaveLength(shadowLimits.stretches)
    log.look(60_000, quiet)
    for (let index = 1; index < 1_200; index++) {
      log.advertsLost(index * 100_000, A, 1, 2_000)
      log.look(index * 100_000 + shadowLimits.settleMs, quiet)
    }
    expect(log.incidents().length).toBeLessThanOrEqual(shadowLimits.incidents)
    expect(log.count()).toBe(1_200)
  })

  it('that was open when a run ended has ended with it, and numbers go on', () => {
    const log = new IncidentLog(rules)
    log.outage(1_000, { from: 500, to: null }, 'x')
    log.look(1_000, { ...quiet, outage: true })
    const next = new IncidentLog(rules, log.incidents(), 9_000)
    next.advertsLost(20_000, A, 1, 2_000)
    expect(next.incidents()).toMatchObject([
      { id: 1, to: 9_000, outages: [{ from: 500, to: 9_000 }] },
      { id: 2, kind: 'adverts-lost' },
    ])
  })
})

describe('what Hotspare would have done', () => {
  it.each([
    [{ type: 'silent', stillHeld: true, served: true }, ['take', 'wait']],
    [{ type: 'silent', stillHeld: true, served: false }, ['take', 'take']],
    [{ type: 'silent', stillHeld: false, served: false }, ['take', 'take']],
    [{ type: 'parted' }, ['nothing', 'nothing']],
    [{ type: 'resigned' }, ['hand-over', 'hand-over']],
    [{ type: 'preempted' }, ['nothing', 'nothing']],
    [{ type: 'demoted' }, ['hand-over', 'hand-over']],
    [{ type: 'failing' }, ['hand-over', 'hand-over']],
    [{ type: 'gap', gapMs: 1_200 }, ['nothing', 'nothing']],
    [{ type: 'gap', gapMs: 60_000 }, ['nothing', 'nothing']],
  ] as readonly (readonly [Happening, readonly string[]])[])('of %o is, with release and with keep, %o', (happening, actions) => {
    expect(promise(happening, rules).map(({ action }) => action)).toEqual(actions)
  })

  it('never promises one holder where two are possible', () => {
    const told = (happening: Happening) =>
      promise(happening, rules).map(({ onControlLoss, holders }) => [onControlLoss, holders.split(':')[0]])
    expect(told({ type: 'silent', stillHeld: true, served: false })).toEqual([
      ['release', 'one at most'],
      ['keep', 'two are possible'],
    ])
  })

  it('takes the times of its own timing chain, and allows for an advert interval', () => {
    const { takeoverMs } = boundsOf(2_000)
    expect(takeoverMs).toEqual({ least: 1_666, most: 3_000 })
    const [release] = promise({ type: 'silent', stillHeld: false, served: false }, rules)
    expect(release?.takeoverMs).toEqual({ least: 1_666, most: 4_000 })
    expect(boundsOf(10_000).takeoverMs.most).toBeGreaterThan(4 * takeoverMs.most)
  })
})

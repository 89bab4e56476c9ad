import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { decisionDefaults } from './defaults.ts'
import { active, facts, memory, NOW_MS, rules, service } from './facts.fixture.ts'
import type { OtherFacts, OtherService } from './facts.ts'
import { nearNodes, standingOf } from './others.ts'
import { relationsOf } from './relations.ts'
import { SeveralServices } from './several.fixture.ts'

const other = (name: string, state: OtherService['state'], here = false) => ({ name, state, here, because: `${name} ${state}` })
const others = (changes: Partial<OtherFacts> = {}): OtherFacts => ({ after: [], dependents: [], higher: [], ...changes })
const free = (changes: Parameters<typeof facts>[0] = {}) => facts({ lease: 'free', served: 'no', ...changes })
const justFree = memory({ freeSinceMs: NOW_MS, aheadSinceMs: NOW_MS })
const longFree = memory({ freeSinceMs: NOW_MS - decisionDefaults.orderMs })

describe('a service that comes after others', () => {
  it.each([
    ['is not taken while its base is only coming', 'coming', justFree, /^$/],
    ['says so where that lasts', 'coming', longFree, /shop waits for db: db coming/],
    ['is not taken for as long as nobody can have its base, and says so', 'nobody', longFree, /shop waits for db: db nobody/],
  ] as const)('%s', (_what, state, remembered, concern) => {
    const decision = decide(service(), free({ others: others({ after: [other('db', state)] }) }), remembered, NOW_MS, rules)
    expect(decision.move).toBeUndefined()
    expect(decision.because).toContain('waits for db')
    expect(decision.concern ?? '').toMatch(concern)
  })

  it('is taken once its base is active, on whichever node', () => {
    const decision = decide(service(), free({ others: others({ after: [other('db', 'active')] }) }), justFree, NOW_MS, rules)
    expect(decision.move?.type).toBe('take')
  })
})

describe('a service of lower priority', () => {
  it.each([
    ['waits for a higher one that is coming', 'coming', justFree, undefined],
    ['waits only for a while', 'coming', longFree, 'take'],
    ['does not wait for one that is active', 'active', justFree, 'take'],
    ['does not wait for one that nobody can have', 'nobody', justFree, 'take'],
  ] as const)('%s', (_what, state, remembered, move) => {
    const decision = decide(service(), free({ others: others({ higher: [other('db', state)] }) }), remembered, NOW_MS, rules)
    expect(decision.move?.type).toBe(move)
  })
})

describe('a service that leaves a node in maintenance', () => {
  const leaving = (more: Partial<OtherFacts>) => active({ maintenance: 'disk', others: others(more) })
  const since = (ms: number) => memory({ maintenanceSinceMs: NOW_MS - ms })

  it.each([
    ['waits for what needs it', leaving({ dependents: [other('app', 'active', true)] }), 0, undefined],
    ['waits for what goes first', leaving({ higher: [other('app', 'active', true)] }), 0, undefined],
    ['does not wait for what is elsewhere', leaving({ dependents: [other('app', 'active')] }), 0, 'hand-over'],
    ['waits only for a while', leaving({ dependents: [other('app', 'active', true)] }), decisionDefaults.orderMs, 'hand-over'],
  ] as const)('%s', (_what, known, ms, move) => {
    expect(decide(service(), known, since(ms), NOW_MS, rules).move?.type).toBe(move)
  })
})

describe('what services have to do with each other', () => {
  const db = service({ name: 'db', priority: 1 })
  const cache = service({ name: 'cache', after: ['db'] })
  const app = service({ name: 'app', after: ['cache'], priority: 5 })
  const other5 = service({ name: 'mail', priority: 5 })

  it('is a priority, but for those that wait for each other anyway', () => {
    expect(relationsOf(db, [db, cache, app, other5])).toMatchObject({ dependents: ['cache', 'app'], higher: ['mail'], isCircle: false })
    expect(relationsOf(app, [db, cache, app, other5])).toMatchObject({ after: ['cache'], dependents: [], higher: [] })
    expect(relationsOf(cache, [db, cache, app, other5])).toMatchObject({ dependents: ['app'], higher: ['mail'] })
  })

  it('is a circle where one waits for itself, by whatever way', () => {
    expect(relationsOf(service({ after: ['shop'] }), [service({ after: ['shop'] })]).isCircle).toBe(true)
    const round = [service({ name: 'a', after: ['b'] }), service({ name: 'b', after: ['c'] }), service({ name: 'c', after: ['a'] })]
    for (const each of round) expect(relationsOf(each, round).isCircle).toBe(true)
    // One that only leads into a circle is none itself.
    const into = service({ name: 'd', after: ['a'] })
    expect(relationsOf(into, [...round, into]).isCircle).toBe(false)
  })

  it.each([
    ['active where a node says so', [{ node: 'b', role: 'active', fit: false }], 'active', false],
    ['active where it is kept', [{ node: 'a', role: 'keeping', fit: false }], 'active', true],
    ['coming while a node moves it', [{ node: 'a', role: 'taking', fit: true }], 'coming', true],
    ['coming where a member could take it', [{ node: 'b', role: 'standby', fit: true }], 'coming', false],
    ['nobody’s where no member is well', [{ node: 'b', role: 'standby', fit: false }], 'nobody', false],
    ['nobody’s where nobody tells of it', [], 'nobody', false],
  ] as const)('is %s', (_what, told, state, here) => {
    expect(standingOf('a', told)).toMatchObject({ state, here })
  })

  it('is a node that one had better not be on', () => {
    const roles = { a: { backup: 'active', mail: 'leaving' }, b: { backup: 'standby' } } as const
    const rolesOf = (node: string) => (node === 'a' ? roles.a : node === 'b' ? roles.b : {})
    expect(nearNodes(['a', 'b', 'c'], ['backup'], rolesOf)).toEqual({ a: 'backup is there too' })
    expect(nearNodes(['a', 'b', 'c'], ['backup', 'mail'], rolesOf)).toEqual({ a: 'backup, mail are there too' })
  })
})

const acquired = (cluster: SeveralServices, node: string) =>
  cluster.log.filter((line) => line.startsWith(`${node}: acquire`)).map((line) => line.split(' ')[2])

describe('several services of one cluster', () => {
  it('are taken over in the order of what they need, and then of their priority', async () => {
    // The order of the file is another one.
    const cluster = new SeveralServices(
      ['a', 'b'],
      [{ name: 'low' }, { name: 'app', after: ['db'] }, { name: 'high', priority: 10 }, { name: 'db' }],
    )
    await cluster.start()
    for (const name of ['low', 'app', 'high', 'db']) expect(cluster.activeOn(name)).toEqual(['a'])
    cluster.log.length = 0
    cluster.kill('a')
    await cluster.clock.advance(8_000)
    const order = acquired(cluster, 'b')
    expect(order.toSorted((one = '', two = '') => one.localeCompare(two))).toEqual(['app', 'db', 'high', 'low'])
    expect(order[0]).toBe('high')
    expect(order.indexOf('db')).toBeLessThan(order.indexOf('app'))
  })

  it('wait for a base that nobody can have, and say so; and for a higher one only a while', async () => {
    const cluster = new SeveralServices(['a', 'b'], [{ name: 'app', after: ['db'] }, { name: 'db', priority: 10 }, { name: 'low' }])
    await cluster.start()
    cluster.node('b').checks.set('db', 'down')
    await cluster.clock.advance(1_000)
    cluster.kill('a')
    await cluster.clock.advance(10_000)
    expect([cluster.activeOn('db'), cluster.activeOn('app'), cluster.activeOn('low')]).toEqual([[], [], ['b']])
    expect(cluster.concernOf('app')).toMatch(/app waits for db: no member of it is well/)
    cluster.node('b').checks.set('db', 'up')
    await cluster.clock.advance(3_000)
    expect([cluster.activeOn('db'), cluster.activeOn('app')]).toEqual([['b'], ['b']])
    expect(cluster.concernOf('app')).toBeUndefined()
  })

  it('leave a node in maintenance in the opposite order, and at its end too', async () => {
    for (const end of ['maintenance', 'stop'] as const) {
      const cluster = new SeveralServices(['a', 'b'], [{ name: 'db' }, { name: 'app', after: ['db'] }])
      await cluster.start()
      cluster.log.length = 0
      if (end === 'maintenance') cluster.node('a').maintenance = 'disk'
      else void cluster.node('a').failover.stop({ handOver: true })
      await cluster.clock.advance(6_000)
      // At the end it makes sure once more.
      expect([...new Set(cluster.log)]).toEqual(['a: release app', 'b: acquire app', 'a: release db', 'b: acquire db'])
    }
  })

  it('keep apart where there is a place for it, and share a node rather than be down, which is said', async () => {
    const apart = [
      { name: 'shop', apartFrom: ['backup'] },
      { name: 'backup', members: ['b', 'a', 'c'], apartFrom: ['shop'] },
    ]
    const cluster = new SeveralServices(['a', 'b', 'c'], apart)
    await cluster.start()
    expect([cluster.activeOn('shop'), cluster.activeOn('backup')]).toEqual([['a'], ['b']])
    cluster.kill('a')
    await cluster.clock.advance(5_000)
    expect([cluster.activeOn('shop'), cluster.activeOn('backup')]).toEqual([['c'], ['b']])
    expect(cluster.concernOf('shop')).toBeUndefined()
    cluster.kill('c')
    await cluster.clock.advance(5_000)
    expect([cluster.activeOn('shop'), cluster.activeOn('backup')]).toEqual([['b'], ['b']])
    expect(cluster.concernOf('shop')).toBe('shop is on b, and backup is there too')
  })
})

// A small site, and what goes wrong in it: each seed is a history of deaths, returns, sick services and maintenance, and then a calm.
it('after any deaths and returns, in a calm, everything is active once, in order, apart or said, and nothing moves any more', async () => {
  const NODES = ['a', 'b', 'c'] as const
  const happening = fc.record({
    node: fc.constantFrom(...NODES),
    what: fc.constantFrom('kill', 'revive', 'maintain', 'lift', 'sicken', 'heal'),
    service: fc.constantFrom('db', 'app', 'backup'),
    pauseMs: fc.integer({ min: 0, max: 3_000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (history) => {
      const cluster = new SeveralServices(
        NODES,
        [
          { name: 'app', after: ['db'], apartFrom: ['backup'], failback: { type: 'after', holdMs: 1_000 }, maxFailoversPerHour: 100 },
          { name: 'db', priority: 5, maxFailoversPerHour: 100 },
          { name: 'backup', apartFrom: ['app'], failback: { type: 'after', holdMs: 1_000 }, maxFailoversPerHour: 100 },
        ],
        { nodes: { b: 50 }, loads: { db: 40, app: 40 } },
      )
      await cluster.start()
      for (const { node: name, what, service: about, pauseMs } of history) {
        const node = cluster.node(name)
        if (what === 'kill' && node.alive) cluster.kill(name)
        if (what === 'revive' && !node.alive) cluster.revive(name)
        if (what === 'maintain') node.maintenance = 'works'
        if (what === 'lift') node.maintenance = undefined
        if (what === 'sicken') node.checks.set(about, 'down')
        if (what === 'heal') node.checks.delete(about)
        await cluster.clock.advance(pauseMs)
      }
      for (const [name, node] of cluster.nodes) {
        if (!node.alive) cluster.revive(name)
        node.maintenance = undefined
        node.checks.clear()
      }
      await cluster.clock.advance(20_000)
      const before = [...cluster.log]
      await cluster.clock.advance(10_000)
      expect(cluster.log).toEqual(before)
      for (const name of ['db', 'app', 'backup']) expect(cluster.activeOn(name)).toHaveLength(1)
      const [app, backup] = [cluster.activeOn('app')[0], cluster.activeOn('backup')[0]]
      const said = cluster.concernOf('app') ?? cluster.concernOf('backup') ?? ''
      expect(app !== backup || /is there too|too much/.test(said)).toBe(true)
    }),
    { numRuns: 8 },
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidatesOf } from './candidates.ts'
import { decideCommand } from './command.ts'
import { decide } from './decide.ts'
import { decisionDefaults } from './defaults.ts'
import { active, facts, memory, NOW_MS, peer, report, rules, service } from './facts.fixture.ts'
import type { Facts, LeaderFact } from './facts.ts'
import { leaderFact, partingNodes } from './others.ts'
import { leavingOrder, relationsOf } from './relations.ts'
import { remember } from './memory.ts'
import { fullNodes } from './room.ts'
import { SeveralServices } from './several.fixture.ts'

const app = service({ with: 'db' })
const leader = (at: string | undefined): LeaderFact => ({
  name: 'db',
  at,
  because: at === undefined ? 'which is active nowhere' : `which is active on ${at}`,
})
const free = (changes: Partial<Facts> = {}) => ({ ...facts({ lease: 'free', served: 'no' }), ...changes })
const longFree = memory({ freeSinceMs: NOW_MS - decisionDefaults.settleMs })
const sick = peer('b', { report: report({ check: { state: 'down', because: 'it is dead there' } }) })

describe('a service that goes with another one', () => {
  it.each([
    [
      'is taken nowhere while that one is active nowhere, and says so once that lasts',
      undefined,
      longFree,
      /goes with db, which is active nowhere/,
    ],
    ['says nothing of it at first', undefined, memory({ freeSinceMs: NOW_MS }), /^$/],
    ['is not taken on another node, however well it is here', 'b', longFree, /^$/],
  ] as const)('%s', (_what, at, remembered, concern) => {
    const decision = decide(app, free({ leader: leader(at) }), remembered, NOW_MS, rules)
    expect(decision.move).toBeUndefined()
    expect(decision.because).toContain('it goes with db')
    expect(decision.concern ?? '').toMatch(concern)
  })

  it('is not given to a member where that one is not: it stays where it fails, and says so', () => {
    const decision = decide(app, { ...active({ check: 'down' }), leader: leader('a') }, memory(), NOW_MS, rules)
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toContain('b: it goes with db, which is active on a')
  })

  it('does not follow to where it could not be: nothing is worse for it there, and people are told', () => {
    const decision = decide(app, { ...active({ peers: [sick, peer('c')] }), leader: leader('b') }, memory(), NOW_MS, rules)
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toBe(
      'shop is on a and goes with db, which is active on b: shop could not be there: its check says down: it is dead there',
    )
  })

  it('stays in maintenance while that one is here still, and is no concern of its own', () => {
    const decision = decide(app, { ...active({ maintenance: 'disk' }), leader: leader('a') }, memory(), NOW_MS, rules)
    expect([decision.move, decision.concern]).toEqual([undefined, undefined])
    expect(decision.because).toContain('goes with db, which is here still')
  })

  it.each([
    ['where it is well here', active(), undefined],
    ['where it fails here', active({ check: 'down' }), undefined],
    ['before its time in maintenance', active({ maintenance: 'disk' }), memory({ maintenanceSinceMs: NOW_MS })],
  ] as const)('follows at once %s, and heeds no preference', (_what, known, remembered) => {
    const decision = decide(app, { ...known, leader: leader('c') }, remembered ?? memory(), NOW_MS, rules)
    expect(decision.move).toMatchObject({ type: 'hand-over', purpose: 'switchover', to: 'c' })
  })

  it('is taken where that one is, and no preferred member is waited for', () => {
    const decision = decide(service({ members: ['b', 'a', 'c'], with: 'db' }), free({ leader: leader('a') }), longFree, NOW_MS, rules)
    expect(decision.move?.type).toBe('take')
  })

  it('is taken up where its resources are, wherever that one is: it goes there under its right', () => {
    const kept = { ...facts({ lease: 'free', served: 'yes', resources: ['held', 'held'] }), leader: leader('b') }
    expect(decide(app, kept, longFree, NOW_MS, rules).move?.type).toBe('take')
  })

  it('has nobody to take over where that is so by its own members, and not because its leader is elsewhere', () => {
    const known = { ...active(), leader: leader('a') }
    expect(remember(memory(), app, known, NOW_MS).aloneSinceMs).toBeUndefined()
    expect(remember(memory(), app, { ...known, peers: [sick] }, NOW_MS).aloneSinceMs).toBe(NOW_MS)
  })

  it('shows on which members it could be but for that', () => {
    expect(candidatesOf(app, { ...active(), leader: leader('c') })).toMatchObject([
      { node: 'a', eligible: false, isAway: true },
      { node: 'b', eligible: false, isAway: true },
      { node: 'c', eligible: true },
    ])
  })
})

describe('people', () => {
  it('cannot switch it over to another node than that, and can have it anywhere where nobody has it', () => {
    const known = { ...active(), leader: leader('a') }
    expect(decideCommand(app, known, { type: 'switchover', to: 'b' }, 'a')).toMatchObject({
      because: expect.stringContaining('it goes with db'),
    })
    expect(decideCommand(app, { ...free(), leader: leader('b') }, { type: 'failover', to: 'a' }, undefined).move?.type).toBe('take')
  })
})

describe('what services have to do with each other', () => {
  const names = (words: Record<string, { after?: string[]; with?: string; priority?: number }>) =>
    Object.entries(words).map(([name, rest]) => service({ name, ...rest }))
  const of = (all: ReturnType<typeof names>, name: string) => relationsOf(all.find((each) => each.name === name) ?? service(), all)

  it('is a circle where one goes with what goes with it, or comes after it', () => {
    const round = names({ a: { with: 'b' }, b: { with: 'a' } })
    expect([of(round, 'a').isCircle, of(round, 'b').isCircle]).toEqual([true, true])
    const mixed = names({ a: { with: 'b' }, b: { after: ['a'] }, c: {} })
    expect([of(mixed, 'a').isCircle, of(mixed, 'b').isCircle, of(mixed, 'c').isCircle]).toEqual([true, true, false])
  })

  it('is no priority of what goes along, and no wait for it', () => {
    const all = names({ db: {}, app: { with: 'db', priority: 9 }, web: { with: 'app' }, job: { after: ['app'] } })
    expect(of(all, 'db')).toMatchObject({ followers: ['app', 'web'], dependents: ['job'], higher: [] })
    expect([...leavingOrder(all)]).toEqual([
      ['job', []],
      ['db', ['job']],
      ['app', ['job', 'db']],
      ['web', ['app']],
    ])
  })

  it('lets no two of them wait for each other when they leave, whatever is said of them', () => {
    const index = fc.nat(5)
    fc.assert(
      fc.property(
        fc.array(fc.record({ after: fc.uniqueArray(index), with: fc.option(index, { nil: undefined }) }), { maxLength: 6 }),
        (drawn) => {
          const all = drawn.map((each, at) =>
            service({
              name: `s${at}`,
              after: each.after.map((base) => `s${base}`),
              ...(each.with === undefined ? {} : { with: `s${each.with}` }),
            }),
          )
          const seen: string[] = []
          for (const [name, first] of leavingOrder(all)) {
            expect(seen).toEqual(expect.arrayContaining([...first]))
            seen.push(name)
          }
          expect(seen.toSorted()).toEqual(all.map(({ name }) => name).toSorted())
        },
      ),
    )
  })

  it.each([
    ['nowhere, while it is only moving', [{ node: 'a', role: 'taking', token: 2 }], undefined],
    ['nowhere, where nobody tells of it', [], undefined],
    [
      'where the newer right is, of two that say so',
      [
        { node: 'a', role: 'active', token: 1 },
        { node: 'b', role: 'active', token: 2 },
      ],
      'b',
    ],
    [
      'where it is kept, if it is active nowhere',
      [
        { node: 'a', role: 'keeping', token: undefined },
        { node: 'b', role: 'taking', token: 3 },
      ],
      'a',
    ],
  ] as const)('is a place: %s', (_what, told, at) => {
    expect(leaderFact('db', told).at).toBe(at)
  })

  it('is a reason against members to which a follower could not come along, or that have no room for both', () => {
    expect(partingNodes(['a', 'b'], ['app'], (node) => (node === 'b' ? 'it is dead there' : undefined))).toEqual({
      b: 'app, which goes with it, could not be there: it is dead there',
    })
    const amounts = { nodes: { a: 50 }, loads: { db: 30, app: 30 } }
    expect(fullNodes({ name: 'db', members: ['a'] }, amounts, () => ({}))).toEqual({})
    expect(fullNodes({ name: 'db', members: ['a'] }, amounts, () => ({ app: 'active' }), ['app'])).toEqual({
      a: 'it is too much there (60 of 50)',
    })
  })
})

describe('services that go together', () => {
  const pair = [{ name: 'app', members: ['b', 'a', 'c'], with: 'db' }, { name: 'db' }]
  const places = (cluster: SeveralServices) => [cluster.activeOn('db'), cluster.activeOn('app')]

  it('are refused where the one is no service, has other members, or they go with each other', () => {
    expect(() => new SeveralServices(['a'], [{ name: 'app', with: 'db' }])).toThrow(/definition\.with: there is no such service/)
    expect(() => new SeveralServices(['a', 'b'], [{ name: 'app', members: ['a'], with: 'db' }, { name: 'db' }])).toThrow(
      /its members are others/,
    )
    expect(
      () =>
        new SeveralServices(
          ['a'],
          [
            { name: 'app', with: 'db' },
            { name: 'db', with: 'app' },
          ],
        ),
    ).toThrow(/it waits for itself/)
  })

  it('begin on one node, and fail over to one', async () => {
    const cluster = new SeveralServices(['a', 'b', 'c'], pair)
    await cluster.start()
    expect(places(cluster)).toEqual([['a'], ['a']])
    cluster.kill('a')
    await cluster.clock.advance(8_000)
    expect(places(cluster)).toEqual([['b'], ['b']])
    expect(cluster.concernOf('app')).toBeUndefined()
  })

  it('follow a switchover of people, a failover of the one that leads, maintenance, and an end', async () => {
    for (const what of ['switchover', 'failover', 'maintenance', 'stop'] as const) {
      const cluster = new SeveralServices(['a', 'b', 'c'], pair)
      await cluster.start()
      const node = cluster.node('a')
      if (what === 'switchover')
        await Promise.all([node.failover.command('db', { type: 'switchover', to: 'c' }), cluster.clock.advance(500)])
      if (what === 'failover') node.checks.set('db', 'down')
      if (what === 'maintenance') node.maintenance = 'disk'
      if (what === 'stop') void node.failover.stop({ handOver: true })
      await cluster.clock.advance(3_000)
      const to = what === 'switchover' ? 'c' : 'b'
      expect({ what, places: places(cluster) }).toEqual({ what, places: [[to], [to]] })
    }
  })

  it('choose a member that both could be on, before one that is preferred', async () => {
    const cluster = new SeveralServices(['a', 'b', 'c'], pair)
    await cluster.start()
    cluster.node('b').checks.set('app', 'down')
    await cluster.clock.advance(1_000)
    cluster.kill('a')
    await cluster.clock.advance(8_000)
    expect(places(cluster)).toEqual([['c'], ['c']])
  })

  it('do not hold the one back that leads: it moves, the other one stays where it is well, says so, and follows as soon as it can', async () => {
    const cluster = new SeveralServices(['a', 'b'], [{ name: 'app', with: 'db' }, { name: 'db' }])
    await cluster.start()
    cluster.node('b').checks.set('app', 'down')
    await cluster.clock.advance(1_000)
    cluster.node('a').checks.set('db', 'down')
    await cluster.clock.advance(3_000)
    expect(places(cluster)).toEqual([['b'], ['a']])
    expect(cluster.concernOf('app')).toMatch(
      /app is on a and goes with db, which is active on b: app could not be there: its check says down/,
    )
    cluster.node('b').checks.delete('app')
    await cluster.clock.advance(2_000)
    expect(places(cluster)).toEqual([['b'], ['b']])
    expect(cluster.concernOf('app')).toBeUndefined()
  })

  it('wait where nobody can have the one that leads, and say so', async () => {
    const cluster = new SeveralServices(['a', 'b'], [{ name: 'app', with: 'db' }, { name: 'db' }])
    await cluster.start()
    cluster.node('b').checks.set('db', 'down')
    await cluster.clock.advance(1_000)
    cluster.kill('a')
    await cluster.clock.advance(8_000)
    expect(places(cluster)).toEqual([[], []])
    expect(cluster.concernOf('app')).toMatch(/it goes with db, which is active nowhere/)
    cluster.node('b').checks.delete('db')
    await cluster.clock.advance(4_000)
    expect(places(cluster)).toEqual([['b'], ['b']])
  })
})

// As for the order of services: any history of deaths, returns, sick services and maintenance, and then a calm.
it('after any deaths and returns, in a calm, what goes together is on one node, and nothing moves any more', async () => {
  const NODES = ['a', 'b', 'c'] as const
  const happening = fc.record({
    node: fc.constantFrom(...NODES),
    what: fc.constantFrom('kill', 'revive', 'maintain', 'lift', 'sicken', 'heal'),
    about: fc.constantFrom('db', 'app', 'web'),
    pauseMs: fc.integer({ min: 0, max: 3_000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (history) => {
      const cluster = new SeveralServices(NODES, [
        { name: 'web', with: 'app', after: ['db'], maxFailoversPerHour: 100 },
        { name: 'app', members: ['c', 'b', 'a'], with: 'db', failback: { type: 'after', holdMs: 1_000 }, maxFailoversPerHour: 100 },
        { name: 'db', failback: { type: 'after', holdMs: 1_000 }, maxFailoversPerHour: 100 },
      ])
      await cluster.start()
      for (const { node: name, what, about, pauseMs } of history) {
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
      const [at] = cluster.activeOn('db')
      for (const name of ['db', 'app', 'web']) expect({ name, on: cluster.activeOn(name) }).toEqual({ name, on: [at] })
    }),
    { numRuns: 6 },
  )
})

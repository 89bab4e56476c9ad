import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aheadOf, candidatesOf, successorOf } from './candidates.ts'
import { MemoryCluster } from './cluster.fixture.ts'
import { decideCommand } from './command.ts'
import { decide } from './decide.ts'
import { active, facts, memory, NOW_MS, peer, report, rules, service } from './facts.fixture.ts'
import type { Role } from './facts.ts'
import { remember } from './memory.ts'
import { fullNodes } from './room.ts'

const shop = service()
const loads = { shop: 40, db: 60, mail: 0.5 }
const reluctant = { b: 'it is too much there (100 of 90)' }

describe('a member without room', () => {
  it.each<[string, Readonly<Record<string, Role>>, Readonly<Record<string, string>>]>([
    ['is one that would carry more than it can', { db: 'active' }, { b: 'it is too much there (100 of 90)' }],
    ['counts what is only coming', { db: 'taking' }, { b: 'it is too much there (100 of 90)' }],
    ['counts what is only leaving', { db: 'leaving' }, { b: 'it is too much there (100 of 90)' }],
    ['counts what is kept there', { db: 'keeping' }, { b: 'it is too much there (100 of 90)' }],
    ['does not count what stands by', { db: 'standby' }, {}],
    ['does not count the service twice', { shop: 'active', mail: 'active' }, {}],
    ['does not count what nobody has weighed', { other: 'active' }, {}],
  ])('%s', (_what, roles, expected) => {
    expect(fullNodes(shop, { nodes: { b: 90 }, loads }, (node) => (node === 'b' ? roles : {}))).toEqual(expected)
  })

  it('is none where neither it nor the service is weighed', () => {
    expect(fullNodes(shop, { nodes: {}, loads }, () => ({ db: 'active' }))).toEqual({})
    expect(fullNodes(shop, { nodes: { b: 1 }, loads: { db: 60 } }, () => ({ db: 'active' }))).toEqual({})
  })

  it('has those with room before it, whoever is preferred; and is taken where there is no other', () => {
    expect(successorOf(shop, active({ reluctant }))).toBe('c')
    expect(successorOf(shop, active({ reluctant, peers: [peer('b'), peer('c', { alive: 'down' })] }))).toBe('b')
    expect(aheadOf(shop, facts({ lease: 'free', node: 'c', peers: [peer('a'), peer('b')], reluctant }))).toEqual(['a'])
    expect(aheadOf(shop, facts({ lease: 'free', node: 'b', peers: [peer('a'), peer('c')], reluctant }))).toEqual(['a', 'c'])
    expect(candidatesOf(shop, active({ reluctant }))[1]).toMatchObject({
      eligible: true,
      because: expect.stringContaining('it is too much there (100 of 90)'),
    })
  })

  it('is not chosen by a command of people that names nobody', () => {
    expect(decideCommand(shop, active({ reluctant }), { type: 'switchover' }, 'a').move?.to).toBe('c')
    expect(decideCommand(shop, active({ reluctant }), { type: 'switchover', to: 'b' }, 'a').move?.to).toBe('b')
  })

  it('gets nothing back by itself', () => {
    const back = service({ members: ['b', 'a', 'c'], failback: { type: 'after', holdMs: 1_000 } })
    const seen = remember(memory(), back, active({ reluctant }), NOW_MS)
    expect(seen.preferred).toBeUndefined()
    expect(remember(memory(), back, active(), NOW_MS).preferred?.node).toBe('b')
  })

  it('stays active with what it has, and people are told', () => {
    const decision = decide(shop, active({ reluctant: { a: 'it is too much there (100 of 90)' } }), memory(), NOW_MS, rules)
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toBe('shop is on a, and it is too much there (100 of 90)')
  })
})

it('lack of room never turns a takeover into none, nor moves anything by itself', () => {
  const member = fc.constantFrom('a', 'b', 'c')
  fc.assert(
    fc.property(fc.uniqueArray(member), fc.uniqueArray(member), fc.boolean(), (crowded, dead, isHolder) => {
      const peers = ['b', 'c'].map((node) => peer(node, { alive: dead.some((each) => each === node) ? 'down' : 'up', report: report() }))
      const crowd = Object.fromEntries(crowded.map((node) => [node, '2 of 1']))
      const base = isHolder ? active({ peers }) : facts({ peers, lease: 'free', served: 'no' })
      const late = memory({ freeSinceMs: 0, aheadSinceMs: 0 })
      const without = decide(shop, base, late, NOW_MS, rules)
      const within = decide(shop, { ...base, reluctant: crowd }, late, NOW_MS, rules)
      expect(within.move?.type).toBe(without.move?.type)
    }),
  )
})

it('a service goes to the node with room, and to the one without when nobody else is left', async () => {
  const cluster = new MemoryCluster({ names: ['a', 'b', 'c'], capacity: { nodes: { b: 10 }, loads: { shop: 40 } } })
  await cluster.start()
  expect(cluster.role('a')).toBe('active')
  await cluster.kill('a')
  cluster.arbiter.expire()
  await cluster.clock.advance(5_000)
  expect([cluster.role('b'), cluster.role('c')]).toEqual(['standby', 'active'])
  await cluster.kill('c')
  cluster.arbiter.expire()
  await cluster.clock.advance(5_000)
  expect(cluster.role('b')).toBe('active')
  const told = cluster.node('b').events.find(({ type }) => type === 'service-concern')
  expect(told).toMatchObject({ because: expect.stringContaining('40 of 10') })
})

import { describe, expect, it } from 'vitest'
import { candidatesOf, serviceReportOf, successorOf } from './candidates.ts'
import { active, facts, peer, report, service } from './facts.fixture.ts'
import type { Facts, PeerFact } from './facts.ts'

const because = (what: Facts, node: string) => candidatesOf(service(), what).find((each) => each.node === node)

describe('candidatesOf', () => {
  it.each<[string, PeerFact[], string]>([
    ['is no node of the cluster', [], 'it is no node of the cluster'],
    ['is dead', [peer('b', { alive: 'down' })], 'by its heartbeat it is down: heartbeat down'],
    ['was not heard yet', [peer('b', { alive: 'unknown' })], 'by its heartbeat it is unknown'],
    ['has another configuration', [peer('b', { agrees: false })], 'its configuration or protocol differs from ours'],
    ['has not said which configuration it has', [peer('b', { agrees: undefined })], 'it has not told how it is'],
    ['has told nothing of late', [peer('b', { report: undefined })], 'it has not told how it is'],
    ['is in maintenance', [peer('b', { report: report({}, { maintenance: 'disks' }) })], 'in maintenance: disks'],
    ['does not know the service', [peer('b', { report: { identities: [], services: {} } })], 'it does not know the service'],
    ['says that it is unfit', [peer('b', { report: report({ unfit: '3 attempts failed' }) })], '3 attempts failed'],
    [
      'has a check that is down',
      [peer('b', { report: report({ check: { state: 'down', because: 'refused' } }) })],
      'its check says down: refused',
    ],
    [
      'has a check that knows nothing',
      [peer('b', { report: report({ check: { state: 'unknown', because: 'silent' } }) })],
      'its check says unknown: silent',
    ],
  ])('passes over a member that %s', (_, peers, told) => {
    expect(because(facts({ peers }), 'b')).toMatchObject({ eligible: false, because: expect.stringContaining(told) })
  })

  it.each<[string, Partial<Facts> | { check: 'down' | 'unknown' }, string]>([
    ['is sick', { sick: 'it did not run' }, 'it did not run'],
    ['is in maintenance', { maintenance: 'disks' }, 'in maintenance: disks'],
    ['is down', { check: 'down' }, 'its check says down: check down'],
    ['was not checked', { check: 'unknown' }, 'its check says unknown: check unknown'],
  ])('passes over this node while it %s', (_, changes, told) => {
    expect(because(active(changes as Parameters<typeof active>[0]), 'a')).toEqual({ node: 'a', eligible: false, because: told })
  })

  it('names every member in order of preference, and nobody else', () => {
    const what = facts({ peers: [peer('witness'), peer('c', { alive: 'degraded' }), peer('b')], check: 'degraded' })
    expect(candidatesOf(service(), what).map(({ node, eligible }) => [node, eligible])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ])
  })
})

describe('successorOf', () => {
  it('is the first other member that could be active', () => {
    expect(successorOf(service(), active())).toBe('b')
    expect(successorOf(service(), active({ peers: [peer('b', { alive: 'down' }), peer('c')] }))).toBe('c')
    expect(successorOf(service(), active({ peers: [peer('witness')] }))).toBeUndefined()
  })
})

describe('serviceReportOf', () => {
  it('takes nothing for a report that every object has', () => {
    expect(serviceReportOf(peer('b'), 'constructor')).toBeUndefined()
    expect(serviceReportOf(peer('b', { report: undefined }), 'shop')).toBeUndefined()
  })
})

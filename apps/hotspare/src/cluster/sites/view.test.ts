import { describe, expect, it } from 'vitest'
import { lookAtSites } from './watch.ts'
import { type SiteNode, sitesOf } from './view.ts'

function node(
  name: string,
  site: string | undefined,
  changes: Partial<Omit<SiteNode, 'alive'>> & { readonly dead?: boolean } = {},
): SiteNode {
  const { dead, ...rest } = changes
  return { name, site, alive: { state: dead ? 'down' : 'up', since: 0, because: '' }, maintenance: undefined, acts: [], ...rest }
}

const ham = node('ham-1', 'ham')

describe('a site', () => {
  it('is none where nodes have none', () => {
    expect(sitesOf([node('a', undefined), node('b', undefined)])).toEqual([])
  })

  it.each([
    ['with one dead node is partial', [node('fra-1', 'fra', { dead: true }), node('fra-2', 'fra')], 'partial', 'no heartbeat of fra-1'],
    [
      'with one dead node and one in maintenance is partial',
      [node('fra-1', 'fra', { dead: true }), node('fra-2', 'fra', { maintenance: 'disk' })],
      'partial',
      'no heartbeat of fra-1; in maintenance: fra-2',
    ],
    [
      'whose nodes are all dead is lost',
      [node('fra-1', 'fra', { dead: true }), node('fra-2', 'fra', { dead: true })],
      'lost',
      'no heartbeat of fra-1, fra-2',
    ],
    [
      'that people have emptied is drained',
      [node('fra-1', 'fra', { maintenance: 'works' }), node('fra-2', 'fra', { maintenance: 'works' })],
      'drained',
      'works',
    ],
    [
      'that people have emptied and switched off is drained, and not lost',
      [node('fra-1', 'fra', { maintenance: 'works', dead: true }), node('fra-2', 'fra', { maintenance: 'works', dead: true })],
      'drained',
      'works',
    ],
    ['whose nodes are well is up', [node('fra-1', 'fra'), node('fra-2', 'fra')], 'up', 'no node of it is dead'],
  ] as const)('%s', (_what, nodes, state, because) => {
    expect(sitesOf([...nodes, ham])).toMatchObject([
      { name: 'fra', state, because, nodes: ['fra-1', 'fra-2'] },
      { name: 'ham', state: 'up' },
    ])
  })

  it('has the services of its nodes that live', () => {
    const nodes = [node('fra-1', 'fra', { acts: ['shop', 'db'] }), node('fra-2', 'fra', { dead: true, acts: ['mail'] })]
    expect(sitesOf(nodes)[0]?.services).toEqual(['shop', 'db'])
  })
})

it('a site that is lost is one event, however many nodes it has, and so is its return', () => {
  const lost = sitesOf([node('fra-1', 'fra', { dead: true }), node('fra-2', 'fra', { dead: true }), ham])
  const back = sitesOf([node('fra-1', 'fra', { dead: true }), node('fra-2', 'fra'), ham])
  const first = lookAtSites(new Set(), lost, 5)
  expect(first.events).toEqual([{ type: 'site-lost', at: 5, site: 'fra', because: 'no heartbeat of fra-1, fra-2' }])
  const second = lookAtSites(first.lost, lost, 6)
  expect(second.events).toEqual([])
  const third = lookAtSites(second.lost, back, 7)
  expect(third.events).toEqual([{ type: 'site-back', at: 7, site: 'fra', because: 'no heartbeat of fra-1' }])
  expect(lookAtSites(third.lost, back, 8).events).toEqual([])
})

import type { NodeReport, ServiceSnapshot } from '@hotspare/failover'
import { expect, it } from 'vitest'
import { carriersOf, type KnownNodes, siteNodesOf } from './node-facts.ts'

const check = { state: 'up', because: 'it answers' } as const
const snapshot = (name: string, role: string, eligible: boolean) =>
  ({ name, role, candidates: [{ node: 'a', eligible, because: 'its check says down' }] }) as unknown as ServiceSnapshot
const report = (services: NodeReport['services'], maintenance?: string): NodeReport => ({ identities: [], services, maintenance })

const reports: Readonly<Record<string, NodeReport>> = {
  b: report({ db: { role: 'active', check }, shop: { role: 'standby', check: { state: 'down', because: 'no answer' } } }),
  dead: report({ db: { role: 'active', check } }, 'works'),
  stranger: report({ db: { role: 'standby', check, unfit: 'its clock' } }),
}
const known: KnownNodes = {
  node: 'a',
  nodes: ['a', 'b', 'dead', 'stranger', 'silent'].map((name) => ({ name, site: 'fra', capacity: undefined })),
  services: [],
  maintenance: 'kernel',
  snapshots: [snapshot('shop', 'active', false)],
  alive: (node) => ({ state: node === 'dead' ? 'down' : 'up', since: 0, because: 'silent' }),
  agrees: (node) => node !== 'stranger',
  reportOf: (node) => reports[node],
}

it('a node carries what it has told, and nothing once it is dead; what speaks against it is said', () => {
  expect(carriersOf(known).nodes).toMatchObject([
    { obstacle: 'in maintenance: kernel', services: { shop: { acts: true, obstacle: 'its check says down' } } },
    {
      obstacle: undefined,
      services: { db: { acts: true, obstacle: undefined }, shop: { acts: false, obstacle: 'its check says down: no answer' } },
    },
    { obstacle: 'by its heartbeat it is down: silent', services: {} },
    { obstacle: 'its configuration or protocol differs from ours', services: { db: { obstacle: 'its clock' } } },
    { obstacle: 'it has not told how it is' },
  ])
})

it('a node that people had emptied before it died is remembered as that', () => {
  expect(siteNodesOf(known)).toMatchObject([
    { name: 'a', maintenance: 'kernel', acts: ['shop'], alive: { state: 'up' } },
    { name: 'b', maintenance: undefined, acts: ['db'] },
    { name: 'dead', maintenance: 'works', acts: [], alive: { state: 'down' } },
    {},
    {},
  ])
})

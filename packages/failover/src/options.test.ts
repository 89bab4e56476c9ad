import { systemClock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { MemoryArbiter, MemoryLease, MemoryResource } from './cluster.fixture.ts'
import { decisionDefaults, engineDefaults } from './defaults.ts'
import { instructions, service, verdict } from './facts.fixture.ts'
import { createFailover } from './failover.ts'
import { type FailoverOptions, resolveFailoverOptions } from './options.ts'
import type { ServiceDefinition } from './service.ts'
import type { ServiceParts } from './service-parts.ts'

const parts = (changes: Partial<ServiceParts> = {}): ServiceParts => ({
  definition: service(),
  lease: new MemoryLease('a', new MemoryArbiter()),
  resources: [new MemoryResource('vip')],
  instructions: instructions(),
  hasCheck: true,
  ...changes,
})

const options = (changes: Partial<FailoverOptions> = {}): FailoverOptions => ({
  node: 'a',
  peerNodes: ['b', 'c'],
  services: [parts()],
  peers: { verdict: () => verdict('up'), agrees: () => true, subscribe: () => () => {}, request: async () => ({}) },
  people: { hold: () => undefined, maintenance: () => undefined },
  ...changes,
})

const defined = (changes: Partial<ServiceDefinition>) => options({ services: [parts({ definition: service(changes) })] })

describe('the options', () => {
  it.each<[string, unknown]>([
    ['node: ', options({ node: '' })],
    ['peerNodes: names have to be different', options({ peerNodes: ['b', 'b'] })],
    ['peerNodes: this node is no peer of its own', options({ peerNodes: ['a', 'b'] })],
    ['services: two services have one name', options({ services: [parts(), parts()] })],
    ['services.0.definition.members: a service needs a member', defined({ members: [] })],
    ['services.0.definition.members: names have to be different', defined({ members: ['a', 'a'] })],
    ['services.0.definition.maxFailoversPerHour: ', defined({ maxFailoversPerHour: 0 })],
    ['services.0.definition.failback.holdMs: ', defined({ failback: { type: 'after', holdMs: -1 } })],
    [
      'services.0.resources: their ids have to be different',
      options({ services: [parts({ resources: [new MemoryResource('x'), new MemoryResource('x')] })] }),
    ],
    ['services.0.lease: expected a lease with start, verdict', options({ services: [{ ...parts(), lease: {} as never }] })],
    ['services.0.resources.0: expected a resource with', options({ services: [{ ...parts(), resources: [{} as never] }] })],
    ['peers: expected peers with verdict', { ...options(), peers: {} }],
    ['people: expected people with hold', { ...options(), people: undefined }],
    ['rules.unfitAfter: ', options({ rules: { unfitAfter: 0 } })],
    ['pauseMs: ', options({ pauseMs: 0 })],
    ['Unrecognized key: "tickMs"', { ...options(), tickMs: 5 }],
  ])('are refused, and named: %s', (message, wrong) => {
    expect(() => createFailover(wrong as FailoverOptions)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_FAILOVER_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  it('are refused when a step of any plan could not be printed: in an outage that would be too late', () => {
    const words = instructions()
    const incomplete = { ...words, resource: () => ({ ...words.resource('vip', 'acquire', 'a'), manual: [] }) }
    expect(() => createFailover(options({ services: [parts({ instructions: incomplete })] }))).toThrow('no command that people could type')
  })

  // It was found out when a stray address was to be let go of, by a promise that nobody waited for: the process ended.
  it('are refused when a node that only watches could not let go of what is there', () => {
    const words = instructions()
    const membersOnly: typeof words = {
      ...words,
      resource(id, verb, node) {
        if (node === 'a') throw new Error('no interface is given for a')
        return words.resource(id, verb, node)
      },
    }
    const watching = parts({ definition: service({ members: ['b'] }), instructions: membersOnly })
    expect(() => createFailover(options({ services: [watching] }))).toThrow('services.0.instructions: no interface is given for a')
  })

  it('let a node watch a service that it is no member of', () => {
    expect(() => createFailover(defined({ members: ['b'] }))).not.toThrow()
  })

  it('are complete after that', () => {
    const { rules, pauseMs, clock, identities, bootMs } = resolveFailoverOptions(options({ rules: { staggerMs: 9 } }))
    expect(rules).toMatchObject({ settleMs: decisionDefaults.settleMs, staggerMs: 9, unfitAfter: decisionDefaults.unfitAfter })
    expect([pauseMs, clock, identities()]).toEqual([engineDefaults.pauseMs, systemClock, []])
    expect(bootMs()).toBeGreaterThan(0)
    expect(resolveFailoverOptions(options({ clock: new TestClock() })).bootMs()).toBe(0)
  })
})

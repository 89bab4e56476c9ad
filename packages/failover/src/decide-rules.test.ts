import type { HealthState } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidatesOf } from './candidates.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { facts, failures, memory, NOW_MS, peer, report, rules, service } from './facts.fixture.ts'
import type { Facts, LeaseStanding, PeerFact, Role } from './facts.ts'
import { canBeTaken, type Memory } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

const health = fc.constantFrom<HealthState>('up', 'degraded', 'down', 'unknown')
const role = fc.constantFrom<Role>('active', 'taking', 'leaving', 'keeping', 'standby')
const maybe = <Value>(value: Value) => fc.option(fc.constant(value), { nil: undefined, freq: 5 })

const peerOf = (node: string): fc.Arbitrary<PeerFact> =>
  fc
    .record({
      alive: health,
      agrees: fc.constantFrom(true, true, true, undefined),
      heard: fc.boolean(),
      check: health,
      role,
      unfit: maybe('failed'),
      maintenance: maybe('disks'),
    })
    .map(({ alive, agrees, heard, check, unfit, maintenance, ...own }) =>
      peer(node, {
        alive,
        agrees,
        report: heard ? report({ ...own, unfit, check: { state: check, because: '' } }, { maintenance }) : undefined,
      }),
    )

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    lease: fc.constantFrom<LeaseStanding>('held', 'unconfirmed', 'elsewhere', 'free', 'unknown'),
    check: health,
    served: fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const),
    resources: fc.array(fc.constantFrom<ResourceState>('held', 'absent', 'foreign', 'unknown'), { maxLength: 3 }),
    arbiterAnswers: fc.boolean(),
    leaseHolder: fc.constantFrom('a', 'b', 'c', null, undefined),
    sick: maybe('paused'),
    hold: maybe({ since: 0, because: 'by hand' }),
    maintenance: maybe('disks'),
    peers: fc.tuple(peerOf('b'), peerOf('c')),
  })
  .map(facts)

const anyMemory: fc.Arbitrary<Memory> = fc
  .record({
    startedMs: fc.constantFrom(0, NOW_MS - 1),
    movesMs: fc.array(fc.constant(NOW_MS), { maxLength: 8 }),
    freeSinceMs: fc.constantFrom(undefined, 0, NOW_MS - 1),
    elsewhereSinceMs: fc.constantFrom(undefined, 0, NOW_MS - 1),
    preferred: maybe({ node: 'b', sinceMs: 0 }),
    failures: fc.option(
      fc
        .record({
          move: fc.constantFrom('complete', 'take', 'hand-over', 'let-go', 'guest'),
          ownFaults: fc.nat(4),
          atMs: fc.constantFrom(0, NOW_MS),
          retryAtMs: fc.constantFrom(0, NOW_MS + 1_000),
        })
        .map(failures),
      { nil: undefined },
    ),
  })
  .map(memory)

const anyService = fc
  .record({
    members: fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 1 }),
    onControlLoss: fc.constantFrom('keep' as const, 'release' as const),
    failback: fc.constantFrom({ type: 'manual' } as const, { type: 'after', holdMs: 60_000 } as const),
    maxFailoversPerHour: fc.integer({ min: 1, max: 8 }),
  })
  .map(service)

interface Decided {
  readonly service: ServiceDefinition
  readonly facts: Facts
  readonly memory: Memory
  readonly decision: Decision
}

/** What a rule does not hold for, in words with its seed; undefined where it always holds. */
function exceptionTo(rule: (about: Decided) => boolean): string | undefined {
  const property = fc.property(anyService, anyFacts, anyMemory, (defined, known, remembered) => {
    return rule({ service: defined, facts: known, memory: remembered, decision: decide(defined, known, remembered, NOW_MS, rules) })
  })
  return fc.defaultReportMessage(fc.check(property, { numRuns: 3_000 }))
}

describe('whatever a node knows', () => {
  it('makes no move under a hold, nor while it is sick, nor under a right that is not confirmed', () => {
    expect(
      exceptionTo(
        ({ facts: { hold, sick, lease }, decision }) =>
          decision.move === undefined || (!hold && sick === undefined && lease.state !== 'unconfirmed'),
      ),
    ).toBeUndefined()
  })

  it('hands over under its own right alone, and to a member that could be active alone', () => {
    expect(
      exceptionTo(({ service: defined, facts: known, decision: { move } }) => {
        if (move?.type !== 'hand-over') return true
        const to = candidatesOf(defined, known).find(({ node }) => node === move.to)
        return (
          known.lease.state === 'held' && move.from === 'a' && move.to !== 'a' && (to?.eligible === true || move.purpose === 'failback')
        )
      }),
    ).toBeUndefined()
  })

  it('takes what nobody has alone, and only where it could be active itself', () => {
    expect(
      exceptionTo(({ service: defined, facts: known, decision: { move } }) => {
        if (move?.type !== 'take') return true
        return canBeTaken(known) && candidatesOf(defined, known).some(({ node, eligible }) => node === 'a' && eligible)
      }),
    ).toBeUndefined()
  })

  it('leaves a site alone that is to be kept and answers, and of which it has nothing', () => {
    expect(
      exceptionTo(({ service: defined, facts: known, decision: { move } }) => {
        const hasNothing = known.resources.every(({ verdict }) => verdict.state !== 'held')
        return !(defined.onControlLoss === 'keep' && hasNothing && known.served.state !== 'no' && move?.type === 'take')
      }),
    ).toBeUndefined()
  })

  it('lets go of a service of one holder whenever it has no right, unless people hold it, it is sick, or that has just failed', () => {
    expect(
      exceptionTo(({ service: defined, facts: known, memory: { failures: failed }, decision: { move } }) => {
        const has = known.resources.some(({ verdict }) => verdict.state === 'held')
        const hasRight = known.lease.state === 'held' || known.lease.state === 'unconfirmed'
        const may = known.hold === undefined && known.sick === undefined && failed?.move !== 'let-go'
        return defined.onControlLoss === 'keep' || !has || hasRight || !may || move?.type === 'let-go'
      }),
    ).toBeUndefined()
  })

  it('repairs and lets go of nothing but what is its own business', () => {
    expect(
      exceptionTo(({ facts: { lease, resources }, decision: { move } }) => {
        if (move?.type === 'complete') return lease.state === 'held' && resources.some(({ verdict }) => verdict.state !== 'held')
        return move?.type !== 'let-go' || (lease.state !== 'held' && resources.some(({ verdict }) => verdict.state === 'held'))
      }),
    ).toBeUndefined()
  })
})

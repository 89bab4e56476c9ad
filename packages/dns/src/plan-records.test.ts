import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryZone } from './memory.ts'
import { ownerName, readOwner } from './owner.ts'
import { someAddresses, someOwner } from './plan-records.fixture.ts'
import { type PlanFacts, planRecords, type RecordPlan } from './plan-records.ts'
import type { Reading } from './provider.ts'
import type { RecordSet } from './record-set.ts'
import { recordSet } from './value.ts'

const { capabilities } = memoryZone({ zone: 'example.com' })
const single = memoryZone({ zone: 'example.com', compareAndSwap: 'none', atomicBatch: false, minimumTtlSeconds: 20 }).capabilities

const www = recordSet({ name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] })
const other = recordSet({ ...www, values: ['192.0.2.9'] })
const claim = { node: 'web-1', token: 7 }

function owner(text: string): RecordSet {
  return recordSet({ name: ownerName('www.example.com'), type: 'TXT', ttlSeconds: 30, values: [text] })
}

function reading(name: string, type: 'A' | 'AAAA' | 'TXT', set: RecordSet | undefined): Reading {
  return { name, type, set }
}

function facts(set: RecordSet | undefined, ownedBy: RecordSet | undefined, more: Partial<PlanFacts> = {}): PlanFacts {
  const actual = [reading('www.example.com', 'A', set), reading(ownerName('www.example.com'), 'TXT', ownedBy)]
  return { desired: [www], actual, claim, capabilities, ...more }
}

function codeOf(plan: RecordPlan): string {
  return plan.kind === 'refused' ? plan.code : plan.kind
}

describe('planRecords', () => {
  it('refuses a set without values, whatever is there', () => {
    const desired = [{ ...www, values: [] }]
    for (const set of [undefined, www]) expect(codeOf(planRecords(facts(set, undefined, { desired })))).toBe('empty')
  })

  it('refuses what was not read', () => {
    expect(codeOf(planRecords(facts(www, undefined, { actual: [] })))).toBe('unread')
    expect(codeOf(planRecords(facts(www, undefined, { actual: [reading('www.example.com', 'A', www)] })))).toBe('unread')
  })

  it('refuses what the provider cannot have', () => {
    const plan = planRecords(facts(undefined, undefined, { desired: [{ ...www, ttlSeconds: 10 }], capabilities: single }))
    expect(plan).toMatchObject({ kind: 'refused', code: 'unsupported', because: expect.stringContaining('20 s') })
  })

  it.each([
    ['a newer right has acted', 'hotspare node=web-2 token=8'],
    ['a newer right has been given up', 'hotspare token=8'],
    ['another node has the same right', 'hotspare node=web-2 token=7'],
  ])('refuses where %s, even if it is to adopt and to force', (_, text) => {
    for (const policy of [{}, { adopt: true, force: true }]) {
      for (const set of [undefined, www, other]) expect(codeOf(planRecords(facts(set, owner(text), { policy })))).toBe('stale-token')
    }
  })

  it('refuses a set that is there and that nothing says to be ours, until it is told to adopt', () => {
    expect(codeOf(planRecords(facts(other, undefined)))).toBe('foreign')
    expect(codeOf(planRecords(facts(other, owner('v=spf1 -all'))))).toBe('foreign')
    expect(codeOf(planRecords(facts(undefined, owner('v=spf1 -all'))))).toBe('foreign')
    expect(codeOf(planRecords(facts(other, undefined, { policy: { adopt: true } })))).toBe('change')
    expect(codeOf(planRecords(facts(other, owner('v=spf1 -all'), { policy: { adopt: true } })))).toBe('change')
  })

  it('refuses to take too much away at once, unless it is forced; what is added does not count', () => {
    const many = recordSet({ ...www, values: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'] })
    const policy = { blastRadius: { share: 0.5 } }
    const plain = { claim: undefined, policy }
    expect(codeOf(planRecords(facts(many, undefined, plain)))).toBe('blast-radius')
    expect(codeOf(planRecords(facts(many, undefined, { ...plain, policy: { ...policy, force: true } })))).toBe('change')
    const half = recordSet({ ...www, values: ['192.0.2.1', '192.0.2.2', '192.0.2.7', '192.0.2.8', '192.0.2.9'] })
    expect(codeOf(planRecords(facts(many, undefined, { ...plain, desired: [half] })))).toBe('change')
    // One of two is a half, and no mass.
    expect(codeOf(planRecords(facts(recordSet({ ...www, values: ['192.0.2.8', '192.0.2.9'] }), undefined, plain)))).toBe('change')
  })

  it('changes the owner first, and both in one go', () => {
    const plan = planRecords(facts(other, owner('hotspare node=web-2 token=6')))
    expect(plan).toMatchObject({
      kind: 'change',
      replacements: [
        { expected: { type: 'TXT' }, next: { values: ['hotspare node=web-1 token=7'] } },
        { expected: { set: other }, next: www },
      ],
    })
  })

  it('compares the owner again where only the set changes, if that is one step with it', () => {
    const ours = owner('hotspare node=web-1 token=7')
    const guarded = planRecords(facts(other, ours))
    expect(guarded).toMatchObject({ replacements: [{ expected: { set: ours }, next: ours }, { next: www }] })
    expect(planRecords(facts(other, ours, { capabilities: single }))).toMatchObject({ replacements: [{ next: www }] })
  })

  it('mends an owner record that is missing beside a set that is as it has to be', () => {
    expect(planRecords(facts(www, undefined))).toMatchObject({ kind: 'change', replacements: [{ expected: { type: 'TXT' } }] })
  })

  it('tells people what it is for', () => {
    const plan = planRecords(facts(recordSet({ ...www, ttlSeconds: 300 }), owner('hotspare node=web-1 token=7')))
    expect(plan).toMatchObject({ because: 'www.example.com A has a TTL of 300 s instead of 30 s' })
  })
})

describe('whatever is there and whatever is wanted', () => {
  const anything = fc.record({
    set: fc.option(someAddresses, { nil: undefined }),
    ownedBy: someOwner,
    desired: someAddresses,
    token: fc.nat({ max: 5 }),
    adopt: fc.boolean(),
    capabilities: fc.constantFrom(capabilities, single),
  })
  type Anything = typeof anything extends fc.Arbitrary<infer Value> ? Value : never

  function planFor({ set, ownedBy, desired, token, adopt, capabilities: own }: Anything): RecordPlan {
    return planRecords(facts(set, ownedBy, { desired: [desired], claim: { node: 'web-1', token }, policy: { adopt }, capabilities: own }))
  }

  it('a plan never leaves a set empty or takes it away', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const plan = planFor(given)
        const replacements = plan.kind === 'change' ? plan.replacements : []
        expect(replacements.every(({ next }) => next !== undefined && next.values.length > 0)).toBe(true)
      }),
    )
  })

  it('an old token changes nothing', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const fact = readOwner(given.ownedBy)
        const isOld = fact.kind === 'owner' && fact.token > given.token
        expect(codeOf(planFor(given)) === 'stale-token' || !isOld).toBe(true)
      }),
    )
  })

  it('there is nothing left to plan once a plan was done', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const plan = planFor(given)
        if (plan.kind !== 'change') return
        let { set, ownedBy } = given
        for (const { next } of plan.replacements) {
          if (next?.type === 'TXT') ownedBy = next
          else set = next
        }
        expect(codeOf(planFor({ ...given, set, ownedBy }))).toBe('nothing')
        expect(set).toEqual(given.desired)
      }),
    )
  })
})

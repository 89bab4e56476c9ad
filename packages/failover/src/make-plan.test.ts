import { checkPlan, type Plan, type ResourceState } from '@hotspare/core/plan'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { active, facts, instructions, service } from './facts.fixture.ts'
import { makePlan, type Move } from './make-plan.ts'

const idsOf = ({ steps }: Plan) => steps.map(({ id }) => id)
const handOver = (purpose: 'failover' | 'switchover' | 'failback'): Move => ({
  type: 'hand-over',
  purpose,
  from: 'a',
  to: 'b',
  because: 'asked',
})

describe('makePlan', () => {
  it('refuses instructions that are incomplete', () => {
    const incomplete = { ...instructions(), prepare: () => ({ ...instructions().prepare('b'), manual: [] }) }
    expect(() => makePlan(service(), active(), handOver('switchover'), incomplete)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_CORE_PLAN', message: expect.stringContaining('1 prepare on b') }),
    )
  })

  it.each(['failover', 'switchover', 'failback'] as const)('hands a service of one holder over by letting go first (%s)', (purpose) => {
    expect(idsOf(makePlan(service({ onControlLoss: 'release' }), active(), handOver(purpose), instructions()))).toEqual([
      '1 prepare on b',
      '2 release dns on a',
      '3 release vip on a',
      '4 give-lease on a',
      '5 take-lease on b',
      '6 acquire vip on b',
      '7 acquire dns on b',
    ])
  })

  it.each(['switchover', 'failback'] as const)('hands a service that is to be kept over without a gap (%s)', (purpose) => {
    expect(idsOf(makePlan(service(), active(), handOver(purpose), instructions()))).toEqual([
      '1 prepare on b',
      '2 give-lease on a',
      '3 take-lease on b',
      '4 acquire vip on b',
      '5 acquire dns on b',
      '6 release dns on a',
      '7 release vip on a',
    ])
  })

  it('does not keep what has failed for the sake of its clients', () => {
    expect(idsOf(makePlan(service(), active(), handOver('failover'), instructions())).slice(0, 3)).toEqual([
      '1 prepare on b',
      '2 release dns on a',
      '3 release vip on a',
    ])
  })

  it('brings what is missing, in order, and nothing else', () => {
    const move: Move = { type: 'complete', purpose: 'repair', because: 'flushed' }
    const plan = makePlan(service(), active({ resources: ['held', 'foreign', 'unknown'] }), move, instructions())
    expect(plan).toMatchObject({ purpose: 'repair', to: 'a', because: 'flushed' })
    expect(idsOf(plan)).toEqual(['1 acquire dns on a', '2 acquire more 2 on a'])
  })

  it('takes everything, for the one that is to have it', () => {
    const move: Move = { type: 'take', purpose: 'failover', from: 'b', to: 'c', because: 'b is dead' }
    const plan = makePlan(service(), facts({ lease: 'free', resources: ['held', 'absent'] }), move, instructions())
    expect(plan).toMatchObject({ from: 'b', to: 'c' })
    expect(idsOf(plan)).toEqual(['1 take-lease on c', '2 acquire vip on c', '3 acquire dns on c'])
  })

  it('lets go of everything, also of what seems not to be here', () => {
    const plan = makePlan(
      service(),
      facts({ resources: ['held', 'unknown'] }),
      { type: 'let-go', purpose: 'release', because: '' },
      instructions(),
    )
    expect(plan).toMatchObject({ from: 'a', purpose: 'release' })
    expect(idsOf(plan)).toEqual(['1 release dns on a', '2 release vip on a'])
  })

  it('makes plans that can be run, printed and checked, of every move', () => {
    const because = fc.string()
    const node = fc.constantFrom('a', 'b', 'c')
    const move: fc.Arbitrary<Move> = fc.oneof(
      fc.record({ type: fc.constant('complete' as const), purpose: fc.constant('repair' as const), because }),
      fc.record({
        type: fc.constant('take' as const),
        purpose: fc.constantFrom('start', 'failover'),
        from: fc.option(node, { nil: undefined }),
        to: node,
        because,
      }),
      fc.record({
        type: fc.constant('hand-over' as const),
        purpose: fc.constantFrom('failover', 'switchover', 'failback'),
        from: node,
        to: node,
        because,
      }),
      fc.record({ type: fc.constant('let-go' as const), purpose: fc.constant('release' as const), because }),
    )
    const resources = fc.array(fc.constantFrom<ResourceState>('held', 'absent', 'foreign', 'unknown'), { maxLength: 6 })
    fc.assert(
      fc.property(move, resources, fc.constantFrom('keep' as const, 'release' as const), (moved, states, onControlLoss) => {
        const plan = makePlan(service({ onControlLoss }), facts({ resources: states }), moved, instructions())
        checkPlan(plan)
        const order = idsOf(plan)
        const acquired = order.findIndex((id) => id.includes('acquire'))
        const taken = order.findIndex((id) => id.includes('take-lease'))
        const released = order.findLastIndex((id) => id.includes('release'))
        // Nothing is acquired before its right, and for `release` not before the other one has let go.
        expect(moved.type === 'complete' || acquired === -1 || (taken !== -1 && acquired > taken)).toBe(true)
        expect(onControlLoss === 'keep' || moved.type !== 'hand-over' || released < taken).toBe(true)
      }),
    )
  })
})

import type { Notice, Run, Schedule, Span } from '@hotspare/failover/simulator'
import { describe, expect, it } from 'vitest'
import type { Failure } from './failure.ts'
import { observe } from './observe.ts'

const [AT_MS, CALM_MS, END_MS] = [10_000, 15_000, 20_000]
const schedule: Schedule = { seed: 3, site: { nodes: [], services: [] }, faults: [], calmAtMs: CALM_MS }

function runOf(
  { unserved = [], twoHolders = [] }: { readonly unserved?: readonly Span[]; readonly twoHolders?: readonly Span[] },
  notices: readonly Notice[] = [],
  others: Partial<Run> = {},
): Run {
  const services = { shop: { unserved: [span(0, 2_000), ...unserved], twoHolders, holders: [], backMs: 0 } }
  return {
    violations: [],
    plans: [],
    services,
    notices,
    struck: [{ atMs: AT_MS, fault: 0 }],
    endMs: END_MS,
    events: 1,
    digest: '',
    ...others,
  }
}

const span = (fromMs: number, untilMs: number): Span => ({ fromMs, untilMs })
const active = (node: string, atMs: number): Notice => ({ atMs, node, about: 'role', service: 'shop', state: 'active' })
const see = (run: Run, failure: Failure) => observe(run, schedule, { failure, service: 'shop', role: 'active' })
const power: Failure = { kind: 'power', node: 'a' }
const isolated: Failure = { kind: 'isolated', node: 'a' }

describe('what a run shows', () => {
  it('is nothing to go by when the failure could not be brought about, or nobody served before it', () => {
    expect(see(runOf({}, [], { struck: [{ atMs: 1, fault: 1 }] }), power).violations).toEqual(['the failure could not be brought about'])
    expect(see(runOf({ unserved: [span(9_000, 11_000)] }), power).violations).toEqual(['nobody served when it happened'])
    expect(see(runOf({}, [], { violations: [{ atMs: 12_000.4, what: 'two holders' }] }), power).violations).toEqual([
      'at 12000 ms: two holders',
    ])
  })

  it('counts from the failure to its end, and from there on, apart', () => {
    const run = runOf({ unserved: [span(11_000, 12_500), span(14_000, 16_000)], twoHolders: [span(14_500, 15_200)] })
    expect(see(run, power)).toMatchObject({ unservedMs: 2_500, unservedAfterMs: 1_000, twoHoldersMs: 700, lingeringMs: 200 })
  })

  it('does not take for service what no client reaches: only who has it beside a node that is cut off, or after it', () => {
    // `keep`: the other takes it beside the first.
    expect(see(runOf({ twoHolders: [span(13_000, 15_500)] }), isolated)).toMatchObject({ unservedMs: 3_000, twoHoldersMs: 500 })
    // `release`: after it.
    expect(see(runOf({ unserved: [span(11_500, 12_500)] }), isolated)).toMatchObject({ unservedMs: 2_500, twoHoldersMs: 0 })
    expect(see(runOf({}), isolated).unservedMs).toBe(CALM_MS - AT_MS)
    expect(see(runOf({ twoHolders: [span(13_000, 15_500)] }), { kind: 'peers-cut', node: 'a' })).toMatchObject({
      unservedMs: 0,
      twoHoldersMs: 2_500,
    })
  })

  it('was noticed when the last of those who can notice it has', () => {
    const down = (node: string, peer: string, atMs: number): Notice => ({ atMs, node, about: 'peer', peer, state: 'down' })
    const notices = [down('b', 'a', 9_000), down('b', 'a', 11_000), down('c', 'a', 11_700), down('a', 'b', 12_000), down('b', 'a', 16_000)]
    expect(see(runOf({}, notices), power).noticedMs).toBe(1_700)
    expect(see(runOf({}, notices), { kind: 'one-way-cut', from: 'b', to: 'a' }).noticedMs).toBe(2_000)
    expect(see(runOf({}, notices), { kind: 'arbiter-dead' }).noticedMs).toBeUndefined()
    const check: Notice = { atMs: 10_400, node: 'a', about: 'check', service: 'shop', state: 'down' }
    expect(see(runOf({}, [check]), { kind: 'service-dead', node: 'a', service: 'shop' }).noticedMs).toBe(400)
  })

  it('has for holders who last said so before the end of the failure', () => {
    const gone: Notice = { ...active('a', 12_000), about: 'role', service: 'shop', state: 'standby' }
    expect(see(runOf({}, [active('a', 3_000), gone, active('b', 12_500), active('c', 16_000)]), power).holders).toEqual(['b'])
  })
})

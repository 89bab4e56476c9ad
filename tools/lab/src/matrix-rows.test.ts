import { describe, expect, it } from 'vitest'
import { drawable, faultOf } from './matrix-faults.ts'
import { broken, type BrokenBy, isAbout, type Row } from './matrix-rows.ts'

const moves: Row = {
  role: 'active',
  failure: { kind: 'power', node: 'node1' },
  movesTo: ['node2'],
  outage: { type: 'bounded', atMostMs: 2_000 },
  twoHolders: { type: 'never' },
  refutations: [],
}
const stays: Row = { ...moves, movesTo: [], outage: { type: 'none' } }
const split: Row = { ...stays, twoHolders: { type: 'until-mended', after: { atMostMs: 1_000 } } }
const until: Row = { ...stays, outage: { type: 'until' } }
const measured: BrokenBy = { gapMs: 1_900, noiseMs: 10, overlaps: [], holders: ['node2'], holderBefore: 'node1' }
const still: BrokenBy = { ...measured, gapMs: 12, holders: ['node1'] }

describe('a measurement', () => {
  it.each<[string, Row, BrokenBy, RegExp]>([
    ['of a longer outage', moves, { ...measured, gapMs: 2_200 }, /nobody served for 2200 ms, and 2160 ms/],
    ['of an outage where none was foretold', stays, { ...still, gapMs: 300 }, /nobody served/],
    ['of two holders', moves, { ...measured, overlaps: [{ fromMs: 10, toMs: 20 }] }, /two holders for 10 ms, and 0 ms/],
    ['of two holders long after the mending', split, { ...still, overlaps: [{ fromMs: 0, toMs: 6_500 }] }, /two holders for 1500 ms/],
    ['of a service that did not move', moves, { ...measured, holders: ['node1'] }, /on node1, and not on node2/],
    ['of one that nobody has', moves, { ...measured, holders: [] }, /on no node/],
    ['of one that moved the other way round', moves, { ...measured, holderBefore: 'node2' }, /on node2, and not on node1/],
    ['of one that was to stay', stays, { ...still, holders: ['node2'] }, /on node2, and not on node1/],
  ])('%s breaks the forecast', (_, row, measurement, expected) => {
    const found = broken(row, measurement, 5_000)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(expected)
  })

  it('within it does not, and neither does the noise of the client', () => {
    expect(broken(moves, measured, 5_000)).toEqual([])
    expect(broken(moves, { ...measured, gapMs: 2_160 }, 5_000)).toEqual([])
    expect(broken(stays, still, 5_000)).toEqual([])
    expect(broken(split, { ...still, overlaps: [{ fromMs: 2_000, toMs: 5_900 }], holders: ['node1', 'node2'] }, 5_000)).toEqual([])
    expect(broken(until, { ...still, gapMs: 9_000, holders: [] }, 5_000)).toEqual([])
    const isolated: Row = { ...moves, failure: { kind: 'isolated', node: 'node1' }, twoHolders: { type: 'bounded', atMostMs: 500 } }
    expect(broken(isolated, { ...measured, overlaps: [{ fromMs: 2_000, toMs: 5_400 }], holders: ['node1', 'node2'] }, 5_000)).toEqual([])
  })
})

describe('what is drawn', () => {
  it('can all be brought about, and each is about one row', () => {
    for (const drawn of drawable) expect(faultOf(drawn).name).toBe(`${drawn.kind} at ${drawn.at}`)
    expect(() => faultOf({ kind: 'disk-stuck', at: 'active' })).toThrow('no namespace can do this')
    const rows: Row[] = [
      { ...moves, failure: { kind: 'one-way-cut', from: 'node1' }, role: 'active-link' },
      { ...moves, failure: { kind: 'one-way-cut', from: 'node2' }, role: 'active-link' },
      { ...moves, failure: { kind: 'arbiter-dead' }, role: 'arbiter' },
      { ...moves, role: 'standby' },
    ]
    const about = (drawn: (typeof drawable)[number]) => rows.flatMap((row, index) => (isAbout(row, drawn) ? [index] : []))
    expect(about({ kind: 'one-way-cut', at: 'active > standby' })).toEqual([0])
    expect(about({ kind: 'one-way-cut', at: 'standby > active' })).toEqual([1])
    expect(about({ kind: 'arbiter-dead', at: 'arbiter' })).toEqual([2])
    expect(about({ kind: 'power', at: 'standby' })).toEqual([3])
  })
})

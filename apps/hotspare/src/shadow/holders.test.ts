import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HolderEvent, holderSeen, holdersLooked, noHolders } from './holders.ts'

const A = '02:00:00:00:00:0a'
const B = '02:00:00:00:00:0b'

/** Claims, and looks where no one is named. */
function watch(happenings: readonly (readonly [atMs: number, hardware?: string])[]): readonly HolderEvent[] {
  let state = noHolders
  const events: HolderEvent[] = []
  for (const [atMs, hardware] of happenings) {
    const step = hardware === undefined ? holdersLooked(state, atMs, 250) : holderSeen(state, hardware, atMs)
    state = step.state
    events.push(...step.events)
  }
  return events
}

describe('the holders of an address', () => {
  it('are one after the other when the first is not heard again, whoever was not asked yet', () => {
    expect(watch([[0, A], [100, A], [150, B], [200, B], [400], [450, B]])).toEqual([
      { type: 'holder-appeared', atMs: 0, hardware: A },
      { type: 'holder-appeared', atMs: 150, hardware: B },
      { type: 'holder-gone', atMs: 400, hardware: A, lastMs: 100 },
    ])
  })

  it('are two for certain between claims of each, and for no longer', () => {
    const events = watch([
      [0, A],
      [100, A],
      [150, B],
      [200, A],
      [250, B],
      [300, A],
      [350, B],
    ])
    expect(events.findLast(({ type }) => type === 'two-holders')).toEqual({
      type: 'two-holders',
      fromMs: 150,
      toMs: 300,
      hardwares: [A, B],
    })
  })

  it('are no more than a few, whatever is sent', () => {
    expect(watch(Array.from({ length: 100 }, (_, index) => [index, `02:00:00:00:00:${index}`] as const))).toHaveLength(8)
  })

  it('never overlap before either was heard, or after', () => {
    const happening = fc.tuple(fc.nat(300), fc.constantFrom(A, B, undefined))
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 50 }), (gaps) => {
        let atMs = 0
        const happenings = gaps.map(([afterMs, hardware]) => [(atMs += afterMs), hardware] as const)
        const times = (hardware: string) => happenings.filter(([, who]) => who === hardware).map(([when]) => when)
        const common = watch(happenings.map(([when, who]) => (who === undefined ? ([when] as const) : ([when, who] as const)))).filter(
          (event) => event.type === 'two-holders',
        )
        const isSeen = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) =>
          [A, B].every((who) => times(who).some((when) => when <= fromMs) && times(who).some((when) => when >= toMs))
        expect(common.every(isSeen)).toBe(true)
      }),
    )
  })
})

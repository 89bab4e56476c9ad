import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Advert } from './advert.ts'
import type { FollowEvent, RouterState } from './follow-types.ts'
import { followAdvert, followSilence, initialRouter, nextSilenceMs } from './follow.ts'
import { masterDownMs, skewMs } from './timers.ts'

const A = '10.0.0.1'
const B = '10.0.0.2'

function advert(source: string, changes: Partial<Advert> = {}): Advert {
  return {
    version: 2,
    family: 4,
    source,
    destination: '224.0.0.18',
    ttl: 255,
    routerId: 51,
    priority: source === A ? 150 : 100,
    intervalMs: 1_000,
    addresses: ['10.0.0.100'],
    authentication: 'none',
    checksum: 'message',
    ...changes,
  }
}

type Happening = readonly [atMs: number, source: string, changes?: Partial<Advert>] | readonly [atMs: number]

/** Feeds adverts, and looks where only a time is given. */
function follow(happenings: readonly Happening[]): { readonly state: RouterState; readonly events: readonly FollowEvent[] } {
  let state = initialRouter()
  const events: FollowEvent[] = []
  for (const [atMs, source, changes] of happenings) {
    const step =
      source === undefined
        ? followSilence(state, atMs)
        : followAdvert(state, { advert: advert(source, changes), hardware: `hw ${source}` }, atMs)
    state = step.state
    events.push(...step.events)
  }
  return { state, events }
}

const each = (from: number, to: number, source: string): readonly Happening[] =>
  Array.from({ length: Math.floor((to - from) / 1_000) + 1 }, (_, index) => [from + index * 1_000, source] as const)

describe('the timers of the RFCs', () => {
  it.each([
    [{ version: 2, priority: 100, intervalMs: 1_000 }, 3_609.375],
    [{ version: 2, priority: 254, intervalMs: 1_000 }, 3_007.812_5],
    [{ version: 3, priority: 100, intervalMs: 100 }, 360.937_5],
    [{ version: 3, priority: 100, intervalMs: 10 }, 36.093_75],
    [{ version: 2, priority: 100, intervalMs: 1_000, downAdverts: 5 }, 5_609.375],
  ] as const)('%o lead to %d ms', (times, expected) => {
    expect(masterDownMs(times)).toBeCloseTo(expected, 6)
  })

  it('have a skew of seconds in version 2, whatever the interval', () => {
    expect(skewMs({ version: 2, priority: 128, intervalMs: 10_000 })).toBe(500)
    expect(skewMs({ version: 3, priority: 128, intervalMs: 10_000 })).toBe(5_000)
  })
})

describe('adverts that a router drops', () => {
  it.each([
    ['a wrong checksum', { checksum: 'wrong' }],
    ['multicast that has crossed a router', { ttl: 254 }],
  ] as const)('are counted and change nothing: %s', (_, changes) => {
    const { state, events } = follow([[0, A, changes]])
    expect(events).toEqual([])
    expect(state).toEqual({ ...initialRouter(), refused: 1 })
  })

  it('may have crossed one when they are for one peer', () => {
    expect(follow([[0, A, { ttl: 60, destination: '10.0.0.2' }]]).events).toMatchObject([{ type: 'master-appeared' }])
  })
})

describe('one master', () => {
  it('is no news as long as it speaks in time', () => {
    const { events, state } = follow([...each(0, 10_000, A), [11_300, A]])
    expect(events).toEqual([{ type: 'master-appeared', atMs: 0, source: A, hardware: `hw ${A}`, priority: 150, after: undefined }])
    expect(state).toMatchObject({ adverts: 12, lost: 0 })
  })

  it('loses adverts when gaps say so', () => {
    const { events, state } = follow([
      [0, A],
      [1_000, A],
      [4_020, A],
    ])
    expect(events.slice(1)).toEqual([{ type: 'adverts-lost', atMs: 4_020, source: A, count: 2, gapMs: 3_020 }])
    expect(state.lost).toBe(2)
  })

  it('is silent after the time that a backup waits, and not before', () => {
    expect(follow([[0, A], [3_600]]).state.speakers).toHaveLength(1)
    expect(follow([[0, A], [3_610]]).events.at(-1)).toEqual({ type: 'master-ended', atMs: 3_610, source: A, lastMs: 0, how: 'silent' })
    expect(nextSilenceMs(follow([[0, A]]).state)).toBeCloseTo(3_609.375)
  })

  it('that changes its priority says so', () => {
    expect(
      follow([
        [0, A],
        [1_000, A, { priority: 90 }],
      ]).events.at(-1),
    ).toMatchObject({ type: 'priority-changed', from: 150, to: 90 })
  })
})

describe('another master', () => {
  it('follows one that fell silent', () => {
    const { events, state } = follow([...each(0, 5_000, A), [8_610, B]])
    expect(events.slice(1)).toMatchObject([
      { type: 'master-ended', source: A, lastMs: 5_000, how: 'silent' },
      { type: 'master-appeared', source: B, atMs: 8_610, after: { source: A, lastMs: 5_000, how: 'silent' } },
    ])
    expect(state.speakers.map(({ source }) => source)).toEqual([B])
  })

  it('follows one that resigned', () => {
    const { events } = follow([
      [0, A],
      [500, A, { priority: 0 }],
      [1_110, B],
    ])
    expect(events.slice(1)).toMatchObject([
      { type: 'master-ended', source: A, lastMs: 500, how: 'resigned' },
      { type: 'master-appeared', source: B, after: { source: A, how: 'resigned' } },
    ])
  })

  it('preempts one that yields', () => {
    const { events, state } = follow([...each(0, 3_000, B), [3_400, A], [4_400, A], [5_400, A]])
    expect(events.slice(1)).toMatchObject([
      { type: 'master-appeared', source: A, after: { source: B, how: 'preempted' } },
      { type: 'master-ended', source: B, how: 'yielded', lastMs: 3_000 },
    ])
    expect(state).toMatchObject({ overlap: undefined, lost: 0 })
  })
})

describe('two masters', () => {
  it('are told once each has spoken between adverts of the other, from when the second began', () => {
    const { events } = follow([
      [0, A],
      [1_000, A],
      [1_300, B],
      [2_000, A],
      [2_300, B],
      [3_000, A],
    ])
    expect(events.slice(2)).toEqual([{ type: 'masters-overlap', atMs: 2_000, fromMs: 1_300, sources: [A, B] }])
  })

  it('part with the last advert of the one that yields', () => {
    const { events, state } = follow([
      [0, A],
      [1_000, A],
      [1_300, B],
      [2_000, A],
      [2_300, B],
      [3_000, A],
      [4_000, A],
    ])
    expect(events.slice(3)).toEqual([
      { type: 'master-ended', atMs: 4_000, source: B, lastMs: 2_300, how: 'yielded' },
      { type: 'masters-parted', atMs: 4_000, fromMs: 1_300, toMs: 2_300, sources: [A, B] },
    ])
    expect(state.overlap).toBeUndefined()
  })

  it('are no more than a few are kept of', () => {
    const many = Array.from({ length: 100 }, (_, index) => [index, `10.0.1.${index}`] as const)
    expect(follow(many).state.speakers.length).toBeLessThanOrEqual(16)
  })

  it('one that comes back from a pause as master, and yields at once, has been one of two for that moment alone', () => {
    const { events } = follow([...each(0, 2_000, A), ...each(5_610, 8_610, B), [9_000, A], [9_001, B], [9_610, B], [10_610, B]])
    expect(events.filter(({ type }) => type === 'masters-overlap' || type === 'masters-parted')).toEqual([
      { type: 'masters-overlap', atMs: 9_001, fromMs: 9_000, sources: [A, B] },
      { type: 'masters-parted', atMs: 10_610, fromMs: 9_000, toMs: 9_000, sources: [A, B] },
    ])
  })
})

it('whatever comes: times are in order, nobody speaks twice, and an overlap has two that speak', () => {
  const happening = fc.tuple(fc.nat(2_500), fc.constantFrom(A, B, '10.0.0.3', undefined), fc.constantFrom(0, 90, 150))
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      let state = initialRouter()
      let atMs = 0
      for (const [afterMs, source, priority] of happenings) {
        atMs += afterMs
        const step =
          source === undefined
            ? followSilence(state, atMs)
            : followAdvert(state, { advert: advert(source, { priority }), hardware: '' }, atMs)
        state = step.state
        expect(new Set(state.speakers.map((speaker) => speaker.source)).size).toBe(state.speakers.length)
        expect(state.overlap === undefined || state.speakers.length > 1).toBe(true)
        expect(step.events.every((event) => event.atMs === atMs)).toBe(true)
        expect(step.events.every((event) => event.type !== 'masters-parted' || event.fromMs <= event.toMs)).toBe(true)
        expect(step.events.every((event) => event.type !== 'adverts-lost' || event.count > 0)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

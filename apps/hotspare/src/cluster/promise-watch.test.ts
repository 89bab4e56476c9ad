import type { BeatTimings } from '@hotspare/heartbeat'
import { describe, expect, it } from 'vitest'
import { clusterSentence } from './sentences.ts'
import { lookAtPromise } from './promise-watch.ts'

const times = { intervalMs: 100, timeoutMs: 900, promise: { detectMs: 1_000, falseAlarmsPerYear: 1 } }

/** A day of beats, of which some were later than 1 s and some were lost in a row. */
function timings({ later = 0, lost = 0, lostRows = 0, received = 864_000 } = {}): BeatTimings {
  return {
    intervalMs: 100,
    received,
    lost,
    lostRows,
    later: Array.from({ length: 30 }, (_, index) => (index <= 18 ? later : 0)),
    worstMs: later > 0 ? 1_100 : 3,
  }
}

describe('a promise of the heartbeat', () => {
  it('is broken by beats that came too late, or by losses in a row, and not by what could not be seen yet', () => {
    const broken = (seen: BeatTimings) => lookAtPromise(false, times, [[seen]], 7)
    expect(broken(timings({ later: 1 }))).toMatchObject({ type: 'heartbeat-promise-broken', at: 7, promised: 1 })
    expect(broken(timings({ lost: 90_000, lostRows: 9_000 }))?.type).toBe('heartbeat-promise-broken')
    expect(broken(timings())).toBeUndefined()
    expect(broken(timings({ lost: 100, lostRows: 100 }))).toBeUndefined()
    expect(broken(timings({ later: 1, received: 900 }))).toBeUndefined()
    // On another path the peer was heard all the time.
    expect(lookAtPromise(false, times, [[timings({ later: 1 }), timings()]], 7)).toBeUndefined()
  })

  it('is told of once, and is kept again when it clearly is', () => {
    expect(lookAtPromise(true, times, [[timings({ later: 1 })]], 7)).toBeUndefined()
    const kept = lookAtPromise(true, times, [[timings()]], 8)
    expect(kept).toMatchObject({ type: 'heartbeat-promise-kept', falseAlarmsPerYear: 0 })
    if (!kept) throw new Error('nothing was told')
    expect(clusterSentence(kept)).toContain('bears out')
  })
})

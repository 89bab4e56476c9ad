import { silentLogger } from '@hotspare/core'
import { recordingLogger } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { AppEvent } from './events.ts'
import { Timeline } from './timeline.ts'

const stopping = (at: number): AppEvent => ({ type: 'daemon-stopping', at, because: `reason ${at}` })

function filled(keep: number, count: number): Timeline {
  const timeline = new Timeline({ keep, logger: silentLogger })
  for (let at = 1; at <= count; at++) timeline.record(stopping(at))
  return timeline
}

const sequences = (timeline: Timeline, query?: Parameters<Timeline['entries']>[0]) =>
  timeline.entries(query).map(({ sequence }) => sequence)

describe('the timeline', () => {
  it('writes an entry into the log, but for one that is there already', () => {
    const logger = recordingLogger()
    const timeline = new Timeline({ keep: 3, logger })
    timeline.record(stopping(1), { logged: true })
    timeline.record(stopping(2))
    expect(timeline.entries()).toHaveLength(2)
    expect(logger.records.map(({ message }) => message)).toEqual(['stopping: reason 2'])
  })

  it('goes on behind what came before it, as far as it keeps that', () => {
    const earlier = filled(10, 5).entries()
    const timeline = new Timeline({ keep: 3, logger: silentLogger, earlier })
    expect(sequences(timeline)).toEqual([3, 4, 5])
    timeline.record(stopping(6))
    expect(sequences(timeline, { after: 4 })).toEqual([5, 6])
  })

  it('is empty at first', () => {
    expect(filled(3, 0).entries()).toEqual([])
  })

  it('keeps the newest entries and no more than it may, in order, with their own numbers', () => {
    expect(sequences(filled(3, 2))).toEqual([1, 2])
    expect(sequences(filled(3, 3))).toEqual([1, 2, 3])
    expect(sequences(filled(3, 10))).toEqual([8, 9, 10])
    expect(sequences(filled(1, 10))).toEqual([10])
  })

  it.each([
    [{ after: 8 }, [9, 10]],
    [{ after: 10 }, []],
    [{ after: 0 }, [6, 7, 8, 9, 10]],
    [{ limit: 2 }, [9, 10]],
    [{ limit: 100 }, [6, 7, 8, 9, 10]],
    [{ after: 6, limit: 3 }, [7, 8, 9]],
    [{ after: 0, limit: 2 }, [6, 7]],
    [{ after: 9, limit: 3 }, [10]],
  ])('answers %j with the newest that fit', (query, expected) => {
    expect(sequences(filled(5, 10), query)).toEqual(expected)
  })

  it('adds a number and a sentence to an event and takes nothing away', () => {
    expect(filled(5, 1).entries()).toEqual([
      { type: 'daemon-stopping', at: 1, because: 'reason 1', sequence: 1, text: 'stopping: reason 1' },
    ])
  })

  it('tells listeners in order, once the entry can be looked up, and none that has left', () => {
    const timeline = filled(5, 0)
    const heard: number[][] = []
    const leave = timeline.subscribe(({ sequence }) => heard.push([sequence, ...sequences(timeline)]))
    timeline.record(stopping(1))
    timeline.record(stopping(2))
    leave()
    timeline.record(stopping(3))
    expect(heard).toEqual([
      [1, 1],
      [2, 1, 2],
    ])
  })

  it('gives everything to whoever saw a sequence of an earlier run', () => {
    expect(sequences(filled(5, 3), { after: 3 })).toEqual([])
    expect(sequences(filled(5, 3), { after: 4 })).toEqual([1, 2, 3])
  })

  it('logs each entry, and survives a listener that throws', () => {
    const logger = recordingLogger()
    const timeline = new Timeline({ keep: 5, logger })
    const heard: number[] = []
    timeline.subscribe(() => {
      throw new Error('a bad listener')
    })
    timeline.subscribe(({ sequence }) => heard.push(sequence))
    timeline.record(stopping(1))
    expect(heard).toEqual([1])
    expect(logger.records).toMatchObject([
      { level: 'info', fields: { event: { sequence: 1 } }, message: 'stopping: reason 1' },
      { level: 'error', fields: { eventType: 'daemon-stopping', error: 'a bad listener' } },
    ])
  })
})

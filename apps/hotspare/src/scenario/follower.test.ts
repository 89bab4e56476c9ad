import type { TimelineEntry } from '@hotspare/api'
import { type Client, createClient } from '@hotspare/api/client'
import { type Clock, systemClock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { closedPort } from '@hotspare/health/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startApi } from '../api-server.fixture.ts'
import { type FollowedEntry, TimelineFollower } from './follower.ts'

const stopping = (because: string) => ({ type: 'daemon-stopping', at: 1, because }) as const
const because =
  (text: string) =>
  ({ entry }: FollowedEntry) =>
    entry['because'] === text

function followerOf(client: Client, onEntry?: (entry: TimelineEntry) => void, clock: Clock = systemClock): TimelineFollower {
  const follower = new TimelineFollower({ clock })
  onTestFinished(() => follower.stop())
  follower.follow(client, onEntry)
  return follower
}

describe('a follower', () => {
  it('finds what has happened already, and waits for what has not', async () => {
    const { timeline, url } = await startApi()
    timeline.record(stopping('first'))
    const heard: number[] = []
    const follower = followerOf(createClient({ url }), ({ sequence }) => heard.push(sequence))
    expect((await follower.waitFor('the first', because('first'), 10_000)).entry.sequence).toBe(1)
    const waiting = Promise.all([
      follower.waitFor('the third', because('third'), 10_000),
      follower.waitFor('the second', because('second'), 10_000),
    ])
    timeline.record(stopping('second'))
    timeline.record(stopping('third'))
    expect((await waiting).map(({ entry }) => entry.sequence)).toEqual([3, 2])
    expect((await follower.waitFor('the second, again', because('second'), 0)).entry.sequence).toBe(2)
    expect([heard, follower.entries.map(({ sequence }) => sequence)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  it('follows one daemon, however often it is told to', async () => {
    const { timeline, url } = await startApi()
    const follower = followerOf(createClient({ url }))
    follower.follow(createClient({ url }))
    timeline.record(stopping('once'))
    await follower.waitFor('it', because('once'), 10_000)
    timeline.record(stopping('then'))
    await follower.waitFor('it', because('then'), 10_000)
    expect(follower.entries).toHaveLength(2)
  })

  it('gives up in time by its own clock, and says on what', async () => {
    const { url } = await startApi()
    const clock = new TestClock()
    const waiting = followerOf(createClient({ url }), undefined, clock)
      .waitFor('the flood', () => false, 60_000)
      .catch((error: unknown) => error)
    await clock.advance(60_000)
    expect(await waiting).toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT', message: 'the flood: no answer within 60000 ms' })
  })

  it('stamps what comes by its own monotonic clock, whatever the clock of the daemon says', async () => {
    const { timeline, url } = await startApi()
    const clock = new TestClock()
    const follower = followerOf(createClient({ url }), undefined, clock)
    timeline.record(stopping('first'))
    await follower.waitFor('the first', because('first'), 10_000)
    await clock.advance(730)
    timeline.record(stopping('second'))
    expect((await follower.waitFor('the second', because('second'), 10_000)).arrivedMs).toBe(730)
    expect((await follower.waitFor('the first, again', because('first'), 10_000)).arrivedMs).toBe(0)
  })

  it('gives up when it is told to', async () => {
    const { url } = await startApi()
    const abort = new AbortController()
    const waiting = followerOf(createClient({ url })).waitFor('the flood', () => false, 60_000, { signal: abort.signal })
    abort.abort(new Error('Ctrl-C'))
    await expect(waiting).rejects.toThrow('Ctrl-C')
  })

  it('gives up when nobody answers, or when the daemon is gone, before its time is over', async () => {
    const nobody = followerOf(createClient({ url: `http://127.0.0.1:${await closedPort()}` }))
    await expect(nobody.waitFor('the flood', () => false, 60_000)).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
    await expect(nobody.waitFor('the flood, later', () => false, 60_000)).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })

    const { timeline, url, api } = await startApi()
    timeline.record(stopping('last'))
    const follower = followerOf(createClient({ url }))
    await follower.waitFor('the last', because('last'), 10_000)
    const waiting = follower.waitFor('the flood', () => false, 60_000)
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'HOTSPARE_APP_TIMELINE' }), api.stop()])
    expect((await follower.waitFor('the last, again', because('last'), 60_000)).entry.sequence).toBe(1)
  })

  it('stops without having followed, and twice', async () => {
    const follower = new TimelineFollower({ clock: systemClock })
    await follower.stop()
    await expect(follower.stop()).resolves.toBeUndefined()
  })
})

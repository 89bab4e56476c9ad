import { TestClock } from '@hotspare/core/testing'
import type { ProxyEvent } from '@hotspare/proxy'
import { describe, expect, it } from 'vitest'
import { type TrafficEvent, TrafficTally } from './traffic-tally.ts'

const START = 1_000_000

function tallyOf(): { tally: TrafficTally; clock: TestClock; told: TrafficEvent[] } {
  const clock = new TestClock(START)
  const told: TrafficEvent[] = []
  return { tally: new TrafficTally({ clock, record: (event) => told.push(event) }), clock, told }
}

function retried(targetId: string, reason: 'refused' | 'closed' | 'abandoned'): ProxyEvent {
  return { type: 'request-retried', at: START, method: 'GET', targetId, failure: { reason, detail: 'x', sent: false }, attempt: 1 }
}

function finished(outcome: 'answered' | 'refused' | 'cut' | 'client-gone', status: number, because?: string): ProxyEvent {
  const request = {
    method: 'GET',
    url: '/',
    host: '',
    protocol: '',
    headers: {},
    header: () => undefined,
    remoteAddress: '',
    remotePort: 1,
    tls: undefined,
  }
  const bytes = { receivedBytes: 0, sentBytes: 0 }
  return { type: 'request-finished', at: START, method: 'GET', request, outcome, status, attempts: 1, durationMs: 1, ...bytes, because }
}

describe('the tally', () => {
  it.each([
    ['an answer, whatever its status', finished('answered', 500)],
    ['a request that was wrong by itself', finished('refused', 400, 'two lengths')],
    ['a client that left', finished('client-gone', 0, 'it left')],
    ['an attempt', { type: 'attempt-finished', at: START, targetId: 'a', durationMs: 1 }],
  ] satisfies [string, ProxyEvent][])('says nothing of %s, and sets no timer for it', async (_what, event) => {
    const { tally, clock, told } = tallyOf()
    tally.add('web', event)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(5_000)
    expect(told).toEqual([])
  })

  it('folds a second of retries into a line for each target, with each reason once', async () => {
    const { tally, clock, told } = tallyOf()
    tally.add('web', retried('shop/a', 'refused'))
    await clock.advance(400)
    tally.add('web', retried('shop/a', 'closed'))
    tally.add('other', retried('shop/a', 'refused'))
    tally.add('web', retried('shop/b', 'abandoned'))
    await clock.advance(599)
    expect(told).toEqual([])
    await clock.advance(1)
    expect(told).toEqual([
      { type: 'requests-retried', at: START + 1_000, targetId: 'shop/a', count: 3, reasons: ['refused', 'closed'] },
      { type: 'requests-retried', at: START + 1_000, targetId: 'shop/b', count: 1, reasons: ['abandoned'] },
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  it('counts what users saw fail for each proxy, and keeps the first reason', async () => {
    const { tally, clock, told } = tallyOf()
    tally.add('web', finished('cut', 200, 'shop/a: closed'))
    tally.add('web', finished('refused', 503, 'no target'))
    tally.add('api', finished('refused', 502))
    await clock.advance(1_000)
    expect(told).toEqual([
      { type: 'requests-failed', at: START + 1_000, proxy: 'web', count: 2, because: 'shop/a: closed' },
      { type: 'requests-failed', at: START + 1_000, proxy: 'api', count: 1, because: '' },
    ])
  })

  it('begins anew after each line', async () => {
    const { tally, clock, told } = tallyOf()
    for (const reason of ['refused', 'closed'] as const) {
      tally.add('web', retried('shop/a', reason))
      await clock.advance(1_500)
    }
    expect(told).toMatchObject([
      { count: 1, reasons: ['refused'] },
      { count: 1, reasons: ['closed'] },
    ])
  })

  it('tells at once what has gathered when it is asked to, and only once', async () => {
    const { tally, clock, told } = tallyOf()
    tally.add('web', retried('shop/a', 'refused'))
    tally.flush()
    tally.flush()
    expect(told).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(5_000)
    expect(told).toHaveLength(1)
  })
})

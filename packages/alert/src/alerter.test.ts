import { setImmediate } from 'node:timers/promises'
import { seededRandom } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Alerter, createAlerter } from './alerter.ts'
import type { AlertEvent } from './events.ts'
import type { AlerterOptions } from './options.ts'
import { memoryChannel } from './testing/memory-channel.ts'
import { sampleAlert } from './testing/sample-alert.ts'
import type { Alert, Channel, Delivery } from './types.ts'

const busy: Delivery = { ok: false, retryable: true, reason: 'HTTP 503' }
const firing = sampleAlert({ id: 'down-1', status: 'firing' })
const resolved = sampleAlert({ id: 'up-1', status: 'resolved', type: 'target-up' })
const numbered = (count: number) => Array.from({ length: count }, (_, index) => sampleAlert({ id: `alert-${index + 1}` }))
const ids = (alerts: readonly Alert[]) => alerts.map(({ id }) => id)
const never = () => new Promise<Delivery>(() => {})

/** Time in steps, with a real turn of the event loop between them: enough for any number of deliveries that follow each other. */
async function pass(clock: TestClock, byMs: number): Promise<void> {
  for (let leftMs = byMs; leftMs >= 0; leftMs -= 500) {
    await clock.advance(Math.min(500, leftMs))
    await setImmediate()
  }
}

let open: Alerter | undefined

function setUp(channels: readonly Channel[], options: Partial<AlerterOptions> = {}) {
  const clock = new TestClock()
  const logger = recordingLogger()
  const alerter = createAlerter({ channels, clock, logger, random: { next: () => 0.999 }, ...options })
  open = alerter
  const events: AlertEvent[] = []
  alerter.subscribe((event) => events.push(event))
  const story = () => events.map(({ type, alertId, attempt }) => `${type} ${alertId} ${attempt}`)
  return { alerter, clock, logger, events, story }
}

afterEach(async () => {
  await open?.stop({ drainMs: 0 })
})

describe('what could lose an alert, and does not', () => {
  it('delivers both alerts, in order, when the target recovers while the receiver still limits the rate', async () => {
    // An alert manager that looks at what fires now, at its next flush, sends neither of the two.
    let limited = true
    const channel = memoryChannel({
      respond: () => (limited ? { ok: false, retryable: true, reason: 'HTTP 429', retryAfterMs: 30_000 } : { ok: true }),
    })
    const { alerter, clock, story } = setUp([channel])
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(1_000)
    alerter.notify(resolved)
    await clock.advance(28_000)
    limited = false
    expect(channel.calls).toHaveLength(1)
    await clock.advance(2_000)
    expect(ids(channel.delivered)).toEqual(['down-1', 'up-1'])
    expect(story()).toEqual(['alert-delayed down-1 1', 'alert-delivered down-1 2', 'alert-delivered up-1 1'])
  })

  it('delivers the alert that resolves although its first attempt failed', async () => {
    // A monitor that marks the incident as closed before it sends never sends again.
    const channel = memoryChannel({ respond: (_, { number }) => (number === 2 ? busy : { ok: true }) })
    const { alerter, clock, story } = setUp([channel])
    await alerter.start()
    alerter.notify(firing)
    alerter.notify(resolved)
    await clock.advance(60_000)
    expect(story()).toEqual(['alert-delivered down-1 1', 'alert-delayed up-1 1', 'alert-delivered up-1 2'])
  })

  it('delivers the alert about a failover whose network blip swallowed the first attempts', async () => {
    const clockOfBlip = { endsAtMs: 20_000 }
    const channel: Channel = {
      name: 'ops',
      type: 'test',
      send: async () => (clock.monotonicMs() < clockOfBlip.endsAtMs ? Promise.reject(new Error('ENETUNREACH')) : { ok: true }),
    }
    const { alerter, clock, story } = setUp([channel])
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(90_000)
    expect(story().at(-1)).toMatch(/^alert-delivered down-1/)
  })

  it('keeps alerts from before the start', async () => {
    const channel = memoryChannel()
    const { alerter, clock } = setUp([channel])
    alerter.notify(firing)
    await clock.advance(10_000)
    expect(channel.calls).toEqual([])
    expect(alerter.pending()).toBe(1)
    await alerter.start()
    await clock.advance(0)
    expect(channel.delivered).toEqual([firing])
  })
})

describe('when a channel fails', () => {
  it('does not delay another channel', async () => {
    const dead = memoryChannel({ name: 'dead', respond: never })
    const well = memoryChannel({ name: 'well' })
    const { alerter, clock } = setUp([dead, well])
    await alerter.start()
    for (const alert of numbered(3)) alerter.notify(alert)
    await pass(clock, 0)
    expect(well.delivered).toHaveLength(3)
    expect(alerter.pending('dead')).toBe(3)
    expect(alerter.pending('well')).toBe(0)
    expect(alerter.pending()).toBe(3)
  })

  it('ends an attempt that ignores its signal and tries again', async () => {
    const channel = memoryChannel({ respond: (_, { number }) => (number === 1 ? never() : { ok: true }) })
    const { alerter, clock, events } = setUp([channel], { sendTimeoutMs: 5_000 })
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(5_000)
    expect(events[0]).toMatchObject({ type: 'alert-delayed', reason: 'channel memory: no answer within 5000 ms' })
    await clock.advance(1_000)
    expect(channel.delivered).toEqual([firing])
  })

  it('does not retry what is refused for good', async () => {
    const channel = memoryChannel({ respond: () => ({ ok: false, retryable: false, reason: 'HTTP 401' }) })
    const { alerter, clock, events, logger } = setUp([channel])
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(3_600_000)
    expect(channel.calls).toHaveLength(1)
    expect(events).toEqual([
      {
        type: 'alert-failed',
        at: 1_700_000_000_000,
        channel: 'memory',
        alertId: 'down-1',
        key: firing.key,
        attempt: 1,
        reason: 'HTTP 401',
      },
    ])
    expect(logger.records).toMatchObject([{ level: 'warn', message: 'an alert was given up' }])
  })

  it('backs off more with each failure, and starts again small after a success', async () => {
    let failing = true
    const channel = memoryChannel({ respond: () => (failing ? busy : { ok: true }) })
    const { alerter, clock, events } = setUp([channel], { backoffBaseMs: 1_000, backoffCapMs: 8_000, random: { next: () => 0.5 } })
    const waits = () => events.flatMap((event) => (event.type === 'alert-delayed' ? [event.retryInMs] : []))
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(11_000)
    expect(waits()).toEqual([500, 1_000, 2_000, 4_000, 4_000])
    failing = false
    await clock.advance(10_000)
    failing = true
    alerter.notify(resolved)
    await clock.advance(0)
    expect(waits().at(-1)).toBe(500)
  })

  it('gives an alert up after its time, with those that are as old, and still delivers the younger ones', async () => {
    let failing = true
    const channel = memoryChannel({ respond: () => (failing ? busy : { ok: true }) })
    const { alerter, clock, story } = setUp([channel], { retryForMs: 60_000, backoffCapMs: 10_000 })
    await alerter.start()
    const [first, second, third] = numbered(3)
    alerter.notify(first!)
    alerter.notify(second!)
    await clock.advance(55_000)
    alerter.notify(third!)
    await clock.advance(10_000)
    failing = false
    await clock.advance(20_000)
    const ends = story().filter((line) => !line.startsWith('alert-delayed'))
    expect(ends).toEqual([
      expect.stringMatching(/^alert-failed alert-1 \d+$/),
      'alert-failed alert-2 0',
      expect.stringMatching(/^alert-delivered alert-3/),
    ])
  })

  it('shows nothing of the message of a channel that throws, which may hold a secret', async () => {
    const channel = memoryChannel({ respond: () => Promise.reject(new TypeError('https://hooks.example.com/T0K3N')) })
    const { alerter, clock, events, logger } = setUp([channel], { attempts: 2 })
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(60_000)
    expect(events.map((event) => 'reason' in event && event.reason)).toEqual([
      'channel memory threw TypeError',
      'given up after 2 attempts: channel memory threw TypeError',
    ])
    expect(JSON.stringify([events, logger.records])).not.toContain('T0K3N')
  })
})

describe('the channels that are named', () => {
  it('get the alert, and no other does; a name that no channel has is left out', async () => {
    const [ops, mail] = [memoryChannel({ name: 'ops' }), memoryChannel({ name: 'mail' })]
    const { alerter, clock } = setUp([ops, mail])
    await alerter.start()
    alerter.notify(firing, { channels: ['mail', 'pager'] })
    await clock.advance(1_000)
    expect([ops.calls.length, mail.calls.length]).toEqual([0, 1])
  })
})

describe('the queue', () => {
  it('drops the oldest that waits when it is full, and says so', async () => {
    const channel = memoryChannel({ respond: never })
    const { alerter, clock, events } = setUp([channel], { queueSize: 2 })
    await alerter.start()
    alerter.notify(numbered(1)[0]!)
    await clock.advance(0)
    for (const alert of numbered(4).slice(1)) alerter.notify(alert)
    expect(alerter.pending()).toBe(3)
    expect(events).toMatchObject([{ type: 'alert-dropped', alertId: 'alert-2', attempt: 0, reason: /queue is full \(2\)/ }])
  })

  it('sends an alert that resolves although the one that fired had to make room, and tells what was lost', async () => {
    let limited = true
    const channel = memoryChannel({ respond: () => (limited ? busy : { ok: true }) })
    const { alerter, clock, story } = setUp([channel], { queueSize: 1, backoffBaseMs: 1_000 })
    await alerter.start()
    alerter.notify({ ...numbered(1)[0]!, key: 'another' })
    await clock.advance(0)
    alerter.notify(firing)
    alerter.notify(resolved)
    limited = false
    await clock.advance(60_000)
    expect(ids(channel.delivered)).toEqual(['alert-1', 'up-1'])
    expect(story()).toContain('alert-dropped down-1 0')
  })

  it('never runs a channel, or throws, inside of notify', async () => {
    const channel: Channel = {
      name: 'bad',
      type: 'test',
      send: () => {
        throw new Error('at once')
      },
    }
    const { alerter, clock, events } = setUp([channel])
    alerter.subscribe(() => {
      throw new Error('a listener that throws')
    })
    await alerter.start()
    expect(() => alerter.notify(firing)).not.toThrow()
    expect(events).toEqual([])
    await clock.advance(0)
    expect(events).toMatchObject([{ type: 'alert-delayed', attempt: 1 }])
  })

  it('keeps the order, and brings every alert to exactly one end, whatever the receiver does', async () => {
    const answers: readonly (Delivery | 'hang' | 'throw')[] = [
      { ok: true },
      busy,
      { ok: false, retryable: true, reason: 'HTTP 429', retryAfterMs: 2_500 },
      { ok: false, retryable: false, reason: 'HTTP 410' },
      'hang',
      'throw',
    ]
    const script = fc.array(fc.constantFrom(...answers), { maxLength: 40 })
    const gaps = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(script, gaps, fc.nat(), fc.nat(20_000), async (planned, gapsMs, seed, drainMs) => {
        const channel = memoryChannel({
          respond: (_, { number }) => {
            const answer = planned[number - 1] ?? { ok: true }
            if (answer === 'throw') throw new Error('broken')
            return answer === 'hang' ? never() : answer
          },
        })
        const { alerter, clock, events } = setUp([channel], { queueSize: 4, attempts: 6, retryForMs: 30_000, random: seededRandom(seed) })
        await alerter.start()
        const alerts = numbered(gapsMs.length)
        for (const [index, alert] of alerts.entries()) {
          alerter.notify(alert)
          await pass(clock, gapsMs[index]!)
        }
        const stopping = alerter.stop({ drainMs })
        await pass(clock, 21_000)
        await stopping

        const ends = events.filter(({ type }) => type !== 'alert-delayed')
        expect(ends.map(({ alertId }) => alertId).toSorted()).toEqual(ids(alerts).toSorted())
        const order = ids(channel.delivered).map((id) => ids(alerts).indexOf(id))
        expect(order).toEqual(order.toSorted((left, right) => left - right))
        expect(new Set(order).size).toBe(order.length)
        expect(alerter.pending()).toBe(0)
        expect(clock.pendingTimers).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})

describe('stop', () => {
  it('delivers what is queued, closes the channels and leaves no timer', async () => {
    const channel = memoryChannel()
    const { alerter, clock } = setUp([channel])
    await alerter.start()
    for (const alert of numbered(3)) alerter.notify(alert)
    await alerter.stop()
    expect(channel.delivered).toHaveLength(3)
    expect(channel.closed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('makes one more attempt at once instead of sitting a back-off out', async () => {
    const channel = memoryChannel({ respond: (_, { number }) => (number === 1 ? busy : { ok: true }) })
    const { alerter, clock, story } = setUp([channel], { backoffBaseMs: 60_000 })
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(0)
    await alerter.stop({ drainMs: 1_000 })
    expect(story()).toEqual(['alert-delayed down-1 1', 'alert-delivered down-1 2'])
  })

  it('tries each alert that waits once more, though the ones before it fail: the last may be the gravest', async () => {
    const channel = memoryChannel({ respond: (alert) => (alert.id === 'alert-3' ? { ok: true } : busy) })
    const { alerter, clock, story } = setUp([channel], { backoffBaseMs: 60_000 })
    await alerter.start()
    for (const alert of numbered(3)) alerter.notify(alert)
    await clock.advance(0)
    await alerter.stop({ drainMs: 1_000 })
    expect(story().filter((line) => !line.startsWith('alert-delayed'))).toEqual([
      'alert-failed alert-1 2',
      'alert-failed alert-2 1',
      'alert-delivered alert-3 1',
    ])
  })

  it('does not come before the time that a receiver asked for, and does not wait in vain for it', async () => {
    const channel = memoryChannel({ respond: () => ({ ...busy, retryAfterMs: 30_000 }) })
    const { alerter, clock, events } = setUp([channel])
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(0)
    await alerter.stop({ drainMs: 5_000 })
    expect(channel.calls).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ type: 'alert-failed', attempt: 1, reason: 'the alerter was stopped: HTTP 503' })
  })

  it('gives up what is left at the end of the drain, the attempt in work included, with an event for each', async () => {
    const channel = memoryChannel({ respond: never })
    const { alerter, clock, story } = setUp([channel])
    await alerter.start()
    for (const alert of numbered(3)) alerter.notify(alert)
    await clock.advance(0)
    const stopping = alerter.stop({ drainMs: 2_000 })
    await clock.advance(2_000)
    await stopping
    expect(story()).toEqual(['alert-failed alert-1 1', 'alert-failed alert-2 0', 'alert-failed alert-3 0'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends the drain when its signal aborts', async () => {
    const channel = memoryChannel({ respond: never })
    const { alerter, clock, story } = setUp([channel])
    await alerter.start()
    alerter.notify(firing)
    await clock.advance(0)
    const controller = new AbortController()
    const stopping = alerter.stop({ signal: controller.signal })
    controller.abort()
    await stopping
    expect(story()).toEqual(['alert-failed down-1 1'])
  })

  it('gives up what waits in an alerter that never started', async () => {
    const { alerter, story } = setUp([memoryChannel()])
    alerter.notify(firing)
    await alerter.stop()
    expect(story()).toEqual(['alert-failed down-1 0'])
  })

  it('lets no alert in afterwards, and says so', async () => {
    const { alerter, story } = setUp([memoryChannel()])
    await alerter.start()
    await alerter.stop()
    alerter.notify(firing)
    expect(story()).toEqual(['alert-dropped down-1 0'])
  })

  it('can be called twice, as start can; a start after it is refused', async () => {
    const { alerter } = setUp([memoryChannel()])
    await Promise.all([alerter.start(), alerter.start()])
    await Promise.all([alerter.stop(), alerter.stop()])
    await expect(alerter.start()).rejects.toMatchObject({ code: 'HOTSPARE_ALERT_STOPPED' })
  })

  it('survives a channel that cannot close', async () => {
    const stuck: Channel = { ...memoryChannel(), close: () => new Promise(() => {}) }
    const { alerter, clock, logger } = setUp([stuck])
    const stopping = alerter.stop()
    await clock.advance(1_000)
    await stopping
    expect(logger.records).toMatchObject([{ level: 'warn', message: 'a channel did not close' }])
  })

  it('is what `await using` calls', async () => {
    const channel = memoryChannel()
    {
      await using alerter = createAlerter({ channels: [channel] })
      await alerter.start()
      alerter.notify(firing)
    }
    expect(channel.delivered).toEqual([firing])
    expect(channel.closed).toBe(true)
  })
})

describe('the options', () => {
  it.each([
    ['two channels of one name', { channels: [memoryChannel(), memoryChannel()] }, /two channels are called "memory"/],
    ['something that is no channel', { channels: [{ name: 'x' }] }, /channels\.0: expected a channel/],
    ['an unknown option', { channels: [], retries: 3 }, /Unrecognized key: "retries"/],
    ['a queue without room', { channels: [], queueSize: 0 }, /queueSize/],
    ['a delay that no timer keeps', { channels: [], retryForMs: 2 ** 31 }, /retryForMs/],
  ])('refuse %s', (_case, options, message) => {
    expect(() => createAlerter(options as unknown as AlerterOptions)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_ALERT_OPTIONS', message: expect.stringMatching(message) }),
    )
  })
})

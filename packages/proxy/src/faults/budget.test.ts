import { type Clock, systemClock } from '@hotspare/core'
import { Agent, request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deadTarget, type Origin, rawOrigin, startProxy, until } from '../origins.fixture.ts'
import type { ProxyTarget } from '../types.ts'

const RATIO = 0.2
const PER_SECOND = 5
/** Requests in a second. */
const RATE = 30
const WINDOW_SECONDS = 10
const FLOOR = PER_SECOND * WINDOW_SECONDS

/** A target, and how many attempts it has seen. */
interface Counted {
  readonly target: ProxyTarget
  readonly seen: () => number
}

function counting(behave: (answer: (text: string) => void, reset: () => void) => void): Promise<Counted> {
  let seen = 0
  const origin: Promise<Origin> = rawOrigin((socket) =>
    socket.on('data', () => {
      seen += 1
      behave(
        (text) => void socket.write(text),
        () => void socket.resetAndDestroy(),
      )
    }),
  )
  return origin.then((target) => ({ target, seen: () => seen }))
}

const resetting = () => counting((_answer, reset) => reset())
const full = () => counting((answer) => answer('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nfull'))
const broken = () => counting((answer) => answer('nonsense\r\n\r\n'))
const refusing = async (): Promise<Counted> => ({ target: await deadTarget(), seen: () => 0 })

/** Time that moves when it is told to, for what counts by the second; timers go on as ever. */
function heldClock(): Clock & { advance(byMs: number): void } {
  let nowMs = 0
  return {
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    schedule: (delayMs, callback, options) => systemClock.schedule(delayMs, callback, options),
    advance: (byMs) => void (nowMs += byMs),
  }
}

interface Load {
  /** How many attempts were picked, whether a target could be reached or not. */
  readonly attempts: number
  readonly statuses: Readonly<Record<number, number>>
  readonly retried: number
  readonly reasons: ReadonlySet<string>
}

/** Ten seconds of load, of a clock that stands still while they are under way. */
async function load(targets: readonly ProxyTarget[]): Promise<Load> {
  const clock = heldClock()
  let attempts = 0
  const { url, of } = await startProxy([], {
    clock,
    retryRatio: RATIO,
    minimumRetriesPerSecond: PER_SECOND,
    pick: ({ exclude }) => {
      const left = targets.filter(({ id }) => !exclude.has(id))
      const target = left[attempts % left.length] ?? targets[0]
      attempts += 1
      return target && { target, reason: 'its turn', done: () => {} }
    },
  })
  const dispatcher = new Agent({ connections: 10, pipelining: 1 })
  onTestFinished(() => dispatcher.destroy())
  const statuses: Record<number, number> = {}
  for (let second = 0; second < WINDOW_SECONDS; second += 1) {
    const answers = Array.from({ length: RATE }, async () => {
      const { statusCode, body } = await request(url, { dispatcher })
      await body.text()
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1
    })
    await Promise.all(answers)
    clock.advance(900)
  }
  const reasons = of('request-finished').map(({ because }) => /not repeated: (.*)$/.exec(because ?? '')?.[1] ?? '')
  return { attempts, statuses, retried: of('request-retried').length, reasons: new Set(reasons) }
}

const REQUESTS = RATE * WINDOW_SECONDS
const MOST_ATTEMPTS = REQUESTS + FLOOR + RATIO * REQUESTS

describe('while every target fails', () => {
  it.each([
    ['reset', [resetting, resetting, resetting], 502],
    ['refuse', [refusing, refusing, refusing], 502],
    ['answer nonsense', [broken, broken, broken], 502],
    ['reset, refuse or answer nonsense', [resetting, refusing, broken], 502],
  ] as const)('because they %s, no more is sent than requests and budget, and all of that is used', async (_what, kinds, status) => {
    const targets = await Promise.all(kinds.map((kind) => kind()))
    const { attempts, statuses, retried, reasons } = await load(targets.map(({ target }) => target))
    expect(attempts).toBe(REQUESTS + retried)
    expect(attempts).toBeLessThanOrEqual(MOST_ATTEMPTS)
    expect(attempts).toBeGreaterThan(MOST_ATTEMPTS - 5)
    expect(targets.reduce((total, { seen }) => total + seen(), 0)).toBeLessThanOrEqual(attempts)
    // Out of attempts: the fault of the last target; out of budget: try later.
    expect(Object.keys(statuses).map(Number)).toEqual([status, 503])
    expect([...reasons].toSorted()).toEqual(['3 attempts were made', 'the retry budget is used up'])
  })

  it('because they are full, each 503 is passed on as it is, and nothing is repeated', async () => {
    const targets = await Promise.all([full(), full()])
    const { attempts, statuses, retried } = await load(targets.map(({ target }) => target))
    expect({ attempts, retried }).toEqual({ attempts: REQUESTS, retried: 0 })
    expect(statuses).toEqual({ 503: REQUESTS })
    expect(targets.map(({ seen }) => seen()).reduce((one, two) => one + two)).toBe(REQUESTS)
  })

  it('some full and some resetting, only what was reset is repeated', async () => {
    const [one, two] = [await full(), await resetting()]
    const { attempts, retried } = await load([one.target, two.target])
    expect(attempts).toBe(REQUESTS + retried)
    // A reset is the only thing to repeat, and the budget the limit.
    expect(retried).toBeLessThanOrEqual(Math.min(two.seen(), FLOOR + RATIO * REQUESTS))
    expect(one.seen() + two.seen()).toBe(attempts)
  })
})

it('a retry is charged when it is decided: those that wait for an answer count against all that come after them', async () => {
  const failing = await resetting()
  const held: (() => void)[] = []
  const silent = await counting((answer) => held.push(() => answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')))
  const { url, of } = await startProxy([failing.target, silent.target], {
    clock: heldClock(),
    retryRatio: 0,
    minimumRetriesPerSecond: PER_SECOND,
  })
  const statuses: number[] = []
  const answers = Array.from({ length: 150 }, async () => {
    const { statusCode, body } = await request(url)
    await body.text()
    statuses.push(statusCode)
  })
  await until(() => of('request-finished').length === 150 - FLOOR, 'all but those that were repeated have ended')
  await until(() => silent.seen() === FLOOR, 'the repeated ones at the second target')
  expect(failing.seen()).toBe(150)
  for (const answer of held) answer()
  await Promise.all(answers)
  expect(statuses.filter((status) => status === 200)).toHaveLength(FLOOR)
  expect(statuses.filter((status) => status === 503)).toHaveLength(150 - FLOOR)
})

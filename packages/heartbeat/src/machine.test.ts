import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectionBoundMs } from './detection-bound.ts'
import { initialPeer, type PeerEffect, type PeerInput, type PeerRules, type PeerState, step } from './machine.ts'
import { phiDetector } from './phi-detector.ts'
import { timeoutDetector } from './timeout-detector.ts'

const rules: PeerRules = { intervalMs: 100, rise: 2, detector: timeoutDetector({ timeoutMs: 1_500 }) }
const FIRST = '1111111111111111'
const SECOND = '2222222222222222'

/** A peer under watch. Times are absolute; `runTo` looks each 100 ms on the way, as the runner does. */
class Watched {
  state: PeerState
  readonly effects: (PeerEffect & { atMs: number })[] = []
  nowMs = 0
  readonly #rules: PeerRules

  constructor(paths: readonly string[] = ['a'], using: PeerRules = rules) {
    this.#rules = using
    this.state = initialPeer(paths, using, 0)
  }

  put(input: PeerInput): this {
    const next = step(this.state, input, this.nowMs, this.#rules)
    this.state = next.state
    this.effects.push(...next.effects.map((effect) => ({ ...effect, atMs: this.nowMs })))
    return this
  }

  /** Goes on to a time without looking: this process stood still. */
  jumpTo(atMs: number): this {
    this.nowMs = atMs
    return this
  }

  runTo(untilMs: number, each: (atMs: number) => void = () => {}): this {
    for (let atMs = Math.floor(this.nowMs / 100) * 100 + 100; atMs <= untilMs; atMs += 100) {
      this.nowMs = atMs
      each(atMs)
      this.put({ type: 'look' })
    }
    this.nowMs = untilMs
    return this
  }

  beat({ path = 0, session = FIRST, sentMs = this.nowMs, deafForMs = 0 } = {}): this {
    return this.put({ type: 'beat', path, session, sentMs, deafForMs })
  }

  get story(): string[] {
    return this.effects.map((effect) =>
      effect.type === 'restart' ? `restart@${effect.atMs}` : `${effect.type} ${effect.to}@${effect.atMs}`,
    )
  }
}

describe('the verdict on a silent peer', () => {
  it('is unknown until its time is over, then down, though it was never heard', () => {
    const peer = new Watched().runTo(1_400)
    expect(peer.state).toMatchObject({ state: 'unknown', because: 'not heard yet on path a' })
    peer.runTo(1_500)
    expect(peer.state).toMatchObject({ state: 'down', because: 'no sign of life on path a since our start' })
    expect(peer.story).toEqual(['path down@1500', 'peer down@1500'])
  })

  it('is up to the last moment of the timeout, down at it', () => {
    const peer = new Watched().runTo(1_000).beat().runTo(2_499)
    expect(peer.state.state).toBe('up')
    expect(peer.runTo(2_500).state).toMatchObject({ state: 'down', because: 'no sign of life on path a for 1500 ms' })
  })

  it('says what came instead of a sign of life', () => {
    const peer = new Watched().runTo(1_000).put({ type: 'unproven', path: 0, why: 'it sends, but has not heard us' })
    expect(peer.runTo(1_500).state.because).toBe('no sign of life on path a since our start: it sends, but has not heard us')
  })

  // A path that was down already kept the reason of its conviction, whatever came later.
  it('says what comes instead of a sign of life also when it is down already, as long as it comes', () => {
    const peer = new Watched().runTo(5_000).put({ type: 'unproven', path: 0, why: 'its counters are behind' })
    expect(peer.state.because).toBe('no sign of life on path a since our start: its counters are behind')
    expect(peer.runTo(6_400).state.because).toContain('its counters are behind')
    expect(peer.runTo(6_500).state.because).toBe('no sign of life on path a since our start')
    expect(peer.story).toEqual(['path down@1500', 'peer down@1500'])
  })

  it('is explained by its goodbye, not by what was overtaken on the way', () => {
    const peer = new Watched().beat().put({ type: 'goodbye', session: FIRST }).put({ type: 'unproven', path: 0, why: 'it is repeated' })
    expect(peer.state.because).toBe('it said goodbye')
  })

  it('does not repeat itself', () => {
    expect(new Watched().runTo(10_000).story).toEqual(['path down@1500', 'peer down@1500'])
  })
})

describe('the return of a silent peer', () => {
  it('takes one beat at first contact, and for a new process', () => {
    const peer = new Watched().runTo(2_000).beat()
    expect(peer.state.state).toBe('up')
    peer.runTo(4_000)
    expect(peer.state.state).toBe('down')
    peer.beat({ session: SECOND })
    expect(peer.story.slice(-3)).toEqual(['path up@4000', 'restart@4000', 'peer up@4000'])
  })

  it('takes two beats of the process that was silent, one soon after the other', () => {
    const peer = new Watched().beat().runTo(2_000).beat()
    expect(peer.state.state).toBe('down')
    peer.runTo(4_000).beat()
    expect(peer.state.state).toBe('down')
    expect(peer.runTo(4_100).beat().state.state).toBe('up')
  })

  it('is told as a restart also when the peer was never missed', () => {
    const peer = new Watched().beat().runTo(100).beat({ session: SECOND })
    expect(peer.story).toEqual(['path up@0', 'peer up@0', 'restart@100'])
    expect(peer.state).toMatchObject({ state: 'up', session: SECOND })
  })
})

describe('a process that is known to be gone', () => {
  const gone = (session: string | undefined): PeerInput => ({ type: 'process-gone', session, because: 'its connection was reset' })

  it('is down at once', () => {
    const peer = new Watched().beat().runTo(50).put(gone(FIRST))
    expect(peer.state).toMatchObject({ state: 'down', because: 'its connection was reset' })
    expect(peer.story).toEqual(['path up@0', 'peer up@0', 'path down@50', 'peer down@50'])
  })

  it('is not brought back by beats that were on their way, on whichever path, however many', () => {
    const peer = new Watched(['a', 'b']).beat().runTo(50).put(gone(FIRST)).jumpTo(60)
    for (const path of [0, 1, 0, 1, 0, 1]) peer.beat({ path, sentMs: 49 })
    expect(peer.state.state).toBe('down')
  })

  it('is brought back by two beats that it sent later', () => {
    const peer = new Watched().beat().runTo(50).put(gone(FIRST)).jumpTo(150).beat()
    expect(peer.state.state).toBe('down')
    expect(peer.jumpTo(250).beat().state.state).toBe('up')
  })

  it('is followed by a new one with its first beat', () => {
    const peer = new Watched(['a', 'b']).beat().runTo(50).put(gone(FIRST)).jumpTo(60).beat({ session: SECOND, path: 1, sentMs: 0 })
    expect(peer.state.state).not.toBe('down')
    expect(peer.story).toContain('restart@60')
  })

  it('is another one than that which is up: old news changes nothing', () => {
    const peer = new Watched().beat().runTo(50).beat({ session: SECOND })
    expect(peer.put(gone(FIRST)).state.state).toBe('up')
    expect(peer.put(gone(undefined)).state.state).toBe('down')
  })

  it('may never have been heard', () => {
    const peer = new Watched().put(gone(FIRST))
    expect(peer.state.state).toBe('down')
    expect(peer.jumpTo(10).beat().state.state).toBe('down')
    expect(peer.jumpTo(110).beat().state.state).toBe('up')
  })

  it('says goodbye: down at once, for that reason', () => {
    const peer = new Watched(['a', 'b']).beat().beat({ path: 1 }).runTo(50).put({ type: 'goodbye', session: FIRST })
    expect(peer.state).toMatchObject({ state: 'down', because: 'it said goodbye' })
    expect(peer.runTo(5_000).story.filter((line) => line.startsWith('peer'))).toEqual(['peer up@0', 'peer down@50'])
  })
})

describe('several paths', () => {
  it('make a degraded peer when one is silent, and an up one when it is back', () => {
    const peer = new Watched(['a', 'b']).beat().beat({ path: 1 })
    expect(peer.state.state).toBe('up')
    peer.runTo(1_600, () => peer.beat())
    expect(peer.state).toMatchObject({ state: 'degraded', because: 'no sign of life on path b for 1500 ms' })
    peer.beat({ path: 1 }).jumpTo(1_700).beat({ path: 1 })
    expect(peer.state).toMatchObject({ state: 'up', because: 'beats arrive on path a; beats arrive on path b' })
  })

  it('make a peer that is down only when all are silent', () => {
    const peer = new Watched(['a', 'b']).beat().runTo(1_000).beat({ path: 1 }).runTo(2_400)
    expect(peer.state.state).toBe('degraded')
    expect(peer.runTo(2_500).state.state).toBe('down')
  })

  it('let one that was not heard yet stand aside for its time', () => {
    const peer = new Watched(['a', 'b']).beat()
    expect(peer.state.state).toBe('up')
    peer.runTo(1_500, () => peer.beat())
    expect(peer.state).toMatchObject({ state: 'degraded', because: 'no sign of life on path b since our start' })
  })

  it('do not make a peer unknown again that was heard on one', () => {
    const quick = phiDetector({ threshold: 1, windowSize: 10, minSigmaMs: 10, acceptablePauseMs: 0, intervalMs: 1_000, maxLimitMs: 10_000 })
    const peer = new Watched(['a', 'b'], { ...rules, detector: quick })
    for (const atMs of [0, 10, 20, 30, 40]) peer.jumpTo(atMs).beat()
    expect(
      peer
        .jumpTo(100)
        .put({ type: 'look' })
        .state.paths.map(({ state }) => state),
    ).toEqual(['down', 'unknown'])
    expect(peer.state.state).toBe('down')
  })
})

describe('one-way loss', () => {
  it('is seen by the side that is not heard, and named', () => {
    const peer = new Watched(['a', 'b'])
    peer.runTo(5_000, (atMs) => peer.beat().beat({ path: 1, deafForMs: Math.max(0, atMs - 2_000) }))
    expect(peer.state).toMatchObject({ state: 'degraded', because: 'it hears nothing from us on path b' })
    expect(peer.story).toEqual(['path up@100', 'peer up@100', 'path up@100', 'path degraded@3500', 'peer degraded@3500'])
  })

  it('is over when it hears us again, twice in a row', () => {
    const peer = new Watched()
    peer.runTo(3_000, (atMs) => peer.beat({ deafForMs: atMs }))
    expect(peer.state.state).toBe('degraded')
    expect(peer.beat().state.state).toBe('degraded')
    expect(peer.beat().state.state).toBe('up')
  })

  it('is not what a peer reports that has long missed us, when we have only just begun to send', () => {
    const peer = new Watched()
    peer.runTo(1_400, () => peer.beat({ deafForMs: 1e9 }))
    expect(peer.state.state).toBe('up')
  })

  it('does not hide that sending fails', () => {
    const peer = new Watched().beat().put({ type: 'send-fault', path: 0, fault: 'ENETUNREACH' })
    expect(peer.state).toMatchObject({ state: 'up', because: 'beats arrive on path a; sending fails: ENETUNREACH' })
    expect(peer.runTo(1_500).state.because).toBe('no sign of life on path a for 1500 ms; sending fails: ENETUNREACH')
    expect(peer.put({ type: 'send-fault', path: 0, fault: undefined }).state.because).toBe('no sign of life on path a for 1500 ms')
  })
})

describe('a pause of our own', () => {
  it('convicts nobody: of all its time one interval counts, and the silence before it still does', () => {
    const peer = new Watched().beat().runTo(100).jumpTo(10_000).put({ type: 'look' })
    expect(peer.state.state).toBe('up')
    expect(peer.runTo(11_299).state.state).toBe('up')
    expect(peer.runTo(11_300).state.state).toBe('down')
  })

  // Each pause set the silence back to zero: 400 ms in every 1.8 s kept a dead peer up for ever.
  it.each([
    { runsMs: 200, standsMs: 400 },
    { runsMs: 1_400, standsMs: 400 },
    { runsMs: 1_400, standsMs: 2_000 },
    { runsMs: 0, standsMs: 400 },
  ])('does not hide a death, however often it comes: $standsMs ms after each $runsMs ms', ({ runsMs, standsMs }) => {
    const peer = new Watched().beat()
    let notRunMs = 0
    while (peer.state.state === 'up' && peer.nowMs < 60_000) {
      peer.jumpTo(peer.nowMs + standsMs).put({ type: 'look' })
      notRunMs += standsMs - 100
      for (let ranMs = 100; ranMs <= runsMs && peer.state.state === 'up'; ranMs += 100) peer.jumpTo(peer.nowMs + 100).put({ type: 'look' })
    }
    expect(peer.state.state).toBe('down')
    expect(peer.nowMs).toBeLessThanOrEqual(1_500 + 250 + notRunMs)
  })

  it('convicts nobody whose beats are read before the next look, however often it comes', () => {
    const peer = new Watched().beat()
    for (let round = 0; round < 100; round++) {
      peer.jumpTo(peer.nowMs + 2_000).put({ type: 'look' })
      expect(peer.state.state).toBe('up')
      // What had queued up.
      peer.jumpTo(peer.nowMs + 1).beat()
    }
  })

  it('does not hide that the peer does not hear us either', () => {
    const peer = new Watched()
    for (let round = 0; round < 40; round++) {
      peer.jumpTo(peer.nowMs + 400).put({ type: 'look' })
      peer.jumpTo(peer.nowMs + 1).beat({ deafForMs: 1e9 })
    }
    expect(peer.state).toMatchObject({ state: 'degraded', because: 'it hears nothing from us on path a' })
  })

  it('is no gap of the peer to learn, nor a report to take at its word, though packets are read before the watch', () => {
    const learning = phiDetector({
      threshold: 8,
      windowSize: 10,
      minSigmaMs: 10,
      acceptablePauseMs: 100,
      intervalMs: 100,
      maxLimitMs: 1_000,
    })
    const peer = new Watched(['a'], { ...rules, detector: learning })
    peer.runTo(2_000, () => peer.beat())
    const before = peer.state.paths[0]!.detector.limitMs
    peer.jumpTo(60_000).beat({ deafForMs: 58_000 }).put({ type: 'look' })
    expect(peer.state.state).toBe('up')
    expect(peer.state.paths[0]!.detector.limitMs).toBe(before)
  })

  it('is not a look that is merely late, but what may lie unread is not held against the peer', () => {
    const late = new Watched().beat().runTo(1_400).jumpTo(1_650).put({ type: 'look' })
    expect(late.state.state).toBe('up')
    expect(late.jumpTo(1_750).put({ type: 'look' }).state.state).toBe('down')
  })
})

/** Times at which a look or a beat comes, as gaps. */
const gapsOf = (longest: number) => fc.array(fc.integer({ min: 1, max: longest }), { minLength: 1, maxLength: 120 })

describe('whatever the times are', () => {
  it('never convicts a peer whose beats come within the timeout', () => {
    fc.assert(
      fc.property(gapsOf(1_499), gapsOf(3_000), (beatGaps, lookGaps) => {
        const peer = new Watched().beat()
        const times = [...atTimes(beatGaps, 'beat'), ...atTimes(lookGaps, 'look')].toSorted((left, right) => left.atMs - right.atMs)
        const lastBeatMs = beatGaps.reduce((sum, gap) => sum + gap, 0)
        for (const { atMs, what } of times.filter((time) => time.atMs <= lastBeatMs)) {
          peer.jumpTo(atMs)
          if (what === 'beat') peer.beat()
          else peer.put({ type: 'look' })
          expect(peer.state.state).toBe('up')
        }
      }),
    )
  })

  it('convicts a silent peer within the bound, if the looks are on time; and within the wider one, if they are late', () => {
    fc.assert(
      fc.property(
        gapsOf(1_499),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 100, max: 2_000 }),
        (beatGaps, phaseMs, lookEveryMs) => {
          const peer = new Watched()
          const beats = atTimes(beatGaps, 'beat')
          const lastBeatMs = beats.at(-1)!.atMs
          const bound = detectionBoundMs({ intervalMs: 100, limitMs: 1_500, ownPauseMs: lookEveryMs })
          for (let atMs = phaseMs; atMs <= lastBeatMs + bound.late + lookEveryMs; atMs += lookEveryMs) {
            for (const due of beats.splice(0, beats.findLastIndex((beat) => beat.atMs <= atMs) + 1)) peer.jumpTo(due.atMs).beat()
            peer.jumpTo(atMs).put({ type: 'look' })
          }
          const down = peer.effects.findLast((effect) => effect.type === 'peer')
          expect(down).toMatchObject({ to: 'down' })
          expect(down!.atMs).toBeLessThanOrEqual(lastBeatMs + (lookEveryMs === 100 ? bound.onTime : bound.late))
        },
      ),
    )
  })

  it('draws the verdict on a peer from its paths, and tells of each change once', () => {
    const inputs = fc.oneof(
      fc.record({
        type: fc.constant('beat' as const),
        path: fc.nat(1),
        session: fc.constantFrom(FIRST, SECOND),
        sentMs: fc.nat(20_000),
        deafForMs: fc.nat(4_000),
      }),
      fc.record({ type: fc.constant('goodbye' as const), session: fc.constantFrom(FIRST, SECOND) }),
      fc.record({
        type: fc.constant('process-gone' as const),
        session: fc.constantFrom(FIRST, SECOND, undefined),
        because: fc.constant('reset'),
      }),
      fc.record({ type: fc.constant('send-fault' as const), path: fc.nat(1), fault: fc.constantFrom('EPERM', undefined) }),
      fc.record({ type: fc.constant('unproven' as const), path: fc.nat(1), why: fc.constant('not-fresh') }),
      fc.constant({ type: 'look' as const }),
      fc.constant({ type: 'look' as const }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(700), inputs), { maxLength: 80 }), (inputsAfter) => {
        const peer = new Watched(['a', 'b'])
        let told: string = 'unknown'
        for (const [gapMs, input] of inputsAfter) {
          const { length } = peer.effects
          peer.jumpTo(peer.nowMs + gapMs).put(input)
          for (const effect of peer.effects.slice(length).filter(({ type }) => type === 'peer')) {
            if (effect.type === 'restart') continue
            expect(effect.from).toBe(told)
            expect(effect.to).not.toBe(told)
            told = effect.to
          }
          expect(peer.state.state).toBe(told)
          const states = peer.state.paths.map((path) => path.state)
          const never: Record<string, string> = { up: 'down', down: 'up' }
          expect(states).not.toContain(never[told])
          expect(peer.state.because).not.toBe('')
        }
      }),
      { numRuns: 500 },
    )
  })
})

function atTimes(gaps: readonly number[], what: 'beat' | 'look'): { atMs: number; what: 'beat' | 'look' }[] {
  let atMs = 0
  return gaps.map((gap) => ({ atMs: (atMs += gap), what }))
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialMemory, judge, type Judgement, type PeerMemory } from './freshness.ts'
import { beat } from './packet.fixture.ts'
import type { Beat } from './packet.ts'
import { SentBeats } from './sent-beats.ts'

const A1 = 'a1a1a1a1a1a1a1a1'
const A2 = 'a2a2a2a2a2a2a2a2'
const B1 = 'b1b1b1b1b1b1b1b1'
const B2 = 'b2b2b2b2b2b2b2b2'

/** A receiver, `b`, which has sent a beat each 100 ms since 0, numbered from 1. */
class Receiver {
  memory: PeerMemory = initialMemory(2)
  readonly sent = new SentBeats(64)
  nowMs = 0
  readonly session: string
  /** What its numbers are above. */
  readonly #floor: number

  constructor(session: string = B1, floor = 0) {
    this.session = session
    this.#floor = floor
  }

  at(nowMs: number): this {
    for (let beats = Math.max(0, this.sent.latest - this.#floor); beats * 100 <= nowMs; beats++) {
      this.sent.record(this.#floor + beats + 1, beats * 100)
    }
    this.nowMs = nowMs
    return this
  }

  takes(changes: Partial<Beat>, path = 0): Judgement {
    const told = beat({ session: A1, echo: this.session, heard: { counter: this.sent.latest, agoMs: 5 }, ...changes })
    const judgement = judge(this.memory, told, path, { atMs: this.nowMs, session: this.session, maxAgeMs: 5_000, sent: this.sent })
    this.memory = judgement.memory
    return judgement
  }

  outcome(changes: Partial<Beat>, path = 0): string {
    const judgement = this.takes(changes, path)
    return judgement.fresh ? 'fresh' : judgement.reason
  }
}

const nothingHeard = { echo: '0000000000000000', heard: { counter: 0, agoMs: 0 } }

describe('a sign of life', () => {
  it('is not a packet that comes again, nor one that was overtaken', () => {
    const b = new Receiver().at(100)
    expect(['fresh', 'replayed', 'replayed', 'fresh']).toEqual([10, 10, 9, 11].map((counter) => b.outcome({ counter })))
  })

  it('is not one that was captured on another path and comes again', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ counter: 10 }, 0)).toBe('fresh')
    expect(b.outcome({ counter: 10 }, 1)).toBe('fresh')
    expect(b.outcome({ counter: 10 }, 1)).toBe('replayed')
    expect(b.outcome({ counter: 10 }, 0)).toBe('replayed')
    expect(b.outcome({ counter: 10 }, 7)).toBe('replayed')
  })

  it('is not a packet that answers an earlier start of the receiver, nor one that answers nothing', () => {
    const restarted = new Receiver(B2).at(100)
    expect(restarted.outcome({ counter: 10, echo: B1 })).toBe('not-fresh')
    expect(restarted.outcome({ counter: 11, ...nothingHeard })).toBe('not-fresh')
  })

  it('is not one that reports a beat which the receiver has never sent', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ heard: { counter: 3, agoMs: 0 } })).toBe('not-fresh')
  })

  it('is not one of a former session', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ counter: 10 })).toBe('fresh')
    expect(b.at(200).outcome({ session: A2, counter: 20 })).toBe('fresh')
    expect(b.at(300).outcome({ counter: 15 }, 1)).toBe('old-session')
    // Two machines with one name: the second one stays, they do not take turns.
    expect(b.outcome({ counter: 30 })).toBe('old-session')
    expect(b.outcome({ session: A2, counter: 31 })).toBe('fresh')
  })

  it('is not one of a process whose counter went back under the same session, and says so by its reason', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ counter: 1_000 })).toBe('fresh')
    expect(b.at(200).outcome({ counter: 10 })).toBe('replayed')
  })

  // A wall clock that was wrong at the start, and no counter file, cut a node off until its peers restarted.
  it('is one of a new session whose counter went back, as soon as it answers what went out after the last', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ counter: 1_000 }, 1)).toBe('fresh')
    b.at(300)
    expect(b.outcome({ session: A2, counter: 10, ...nothingHeard }, 1)).toBe('old-session')
    expect(b.outcome({ session: A2, counter: 11, heard: { counter: 4, agoMs: 0 } }, 1)).toBe('fresh')
    expect(b.outcome({ session: A2, counter: 12, heard: { counter: 4, agoMs: 0 } }, 0)).toBe('fresh')
  })

  it('is not one of another session that was held back: it answers nothing that went out after the present one was heard', () => {
    const b = new Receiver().at(150)
    const held = { session: A1, counter: 10, heard: { counter: 2, agoMs: 5 } }
    expect(b.at(250).outcome({ session: A2, counter: 20, heard: { counter: 3, agoMs: 5 } })).toBe('fresh')
    expect(b.outcome({ ...held, counter: 30 })).toBe('old-session')
    expect(b.at(350).outcome({ session: A2, counter: 21 })).toBe('fresh')
  })

  // The child of a heartbeat process is started again under the same session: packets of before passed for answers.
  it('is not one that answers a beat from before this process, though it names the same session', () => {
    const b = new Receiver(B1, 1_000).at(100)
    expect(b.outcome({ heard: { counter: 1_000, agoMs: 0 } })).toBe('not-fresh')
    expect(b.outcome({ counter: 1_001, heard: { counter: 1_001, agoMs: 0 } })).toBe('fresh')
  })

  // A documented limit: this is also what a recording looks like that somebody plays when the peer is dead.
  it('is not one of a peer that was suspended while it did not hear us, until it hears us again', () => {
    const b = new Receiver().at(100)
    const deaf = { heard: { counter: 2, agoMs: 5 } }
    expect(b.outcome({ counter: 10, ...deaf })).toBe('fresh')
    b.at(60_000)
    for (let counter = 11; counter < 100; counter++) expect(b.outcome({ counter, heard: { counter: 2, agoMs: 50_000 } })).toBe('stale')
    expect(b.outcome({ counter: 100 })).toBe('fresh')
  })

  it('is not one that was sent before a goodbye, on whichever path', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ counter: 10, goodbye: true }, 0)).toBe('fresh')
    expect(b.outcome({ counter: 9 }, 1)).toBe('replayed')
    expect(b.outcome({ counter: 10, goodbye: true }, 1)).toBe('fresh')
  })

  it('is not one that was held back for longer than the limit', () => {
    const b = new Receiver().at(100)
    const held = { counter: 10, heard: { counter: 2, agoMs: 5 } }
    expect(b.at(100 + 5 + 5_000).outcome(held)).toBe('fresh')
    const late = new Receiver().at(100)
    expect(late.at(100 + 5 + 5_001).outcome(held)).toBe('stale')
  })

  it('is not one that was held back so long that what it answers is forgotten', () => {
    const b = new Receiver().at(1_000_000)
    expect(b.outcome({ counter: 10, heard: { counter: 2, agoMs: 5 } })).toBe('stale')
  })

  it('is a packet of a peer that has not heard us for hours: one-way is alive, and stays datable', () => {
    const b = new Receiver().at(100)
    expect(b.outcome({ counter: 10, heard: { counter: 2, agoMs: 5 } })).toBe('fresh')
    b.at(7_200_000)
    expect(b.takes({ counter: 72_000, heard: { counter: 2, agoMs: 7_199_899 } })).toMatchObject({ fresh: true, sentMs: 7_199_999 })
    b.at(7_206_000)
    expect(b.outcome({ counter: 72_001, heard: { counter: 2, agoMs: 7_200_000 } })).toBe('stale')
  })

  it('is a packet of a one-way peer that comes through for the first time, when what it answers is forgotten already', () => {
    const b = new Receiver().at(1_000_000)
    const first = b.takes({ counter: 10, heard: { counter: 2, agoMs: 999_800 } })
    expect(first).toMatchObject({ fresh: true })
    b.at(1_010_000)
    expect(b.outcome({ counter: 11, heard: { counter: 2, agoMs: 999_900 } })).toBe('stale')
  })

  it('was never sent in the future, though the sender may say so', () => {
    const b = new Receiver().at(100)
    expect(b.takes({ heard: { counter: 2, agoMs: 1e9 } })).toMatchObject({ fresh: true, sentMs: 100 })
  })

  it('tells how long the way there and back takes', () => {
    const b = new Receiver().at(150)
    expect(b.takes({ counter: 10, pathHeard: { counter: 2, agoMs: 42 } })).toMatchObject({ fresh: true, rttMs: 8 })
    expect(b.takes({ counter: 11, pathHeard: { counter: 0, agoMs: 42 } })).toMatchObject({ fresh: true, rttMs: undefined })
  })
})

describe('a receiver that was restarted', () => {
  it('learns the session from a packet that is no proof, and comes to terms with the next', () => {
    const b = new Receiver(B2).at(100)
    expect(b.outcome({ counter: 10, echo: B1 })).toBe('not-fresh')
    expect(b.memory).toMatchObject({ session: A1, highest: 10 })
    expect(b.outcome({ counter: 11 })).toBe('fresh')
  })

  it('recovers at once from being taught an old session by a repeated packet', () => {
    const b = new Receiver(B2).at(100)
    expect(b.outcome({ session: A1, counter: 10, echo: B1 })).toBe('not-fresh')
    expect(b.memory.session).toBe(A1)
    expect(b.outcome({ session: A2, counter: 500, ...nothingHeard })).toBe('not-fresh')
    expect(b.memory.session).toBe(A2)
    expect(b.outcome({ session: A1, counter: 11, echo: B1 }, 0)).toBe('old-session')
    expect(b.outcome({ session: A1, counter: 11, echo: B1 }, 1)).toBe('old-session')
    expect(b.outcome({ session: A2, counter: 501 })).toBe('fresh')
  })

  it('is not taught another session than the one that gave a sign of life', () => {
    const b = new Receiver(B2).at(100)
    expect(b.outcome({ session: A1, counter: 10 })).toBe('fresh')
    expect(b.outcome({ session: A2, counter: 500, echo: B1 })).toBe('not-fresh')
    expect(b.memory.session).toBe(A1)
  })

  it('believes hearsay with a lower counter when nothing more was heard of that with the higher', () => {
    const b = new Receiver(B2).at(100)
    expect(b.outcome({ session: A1, counter: 500, echo: B1 })).toBe('not-fresh')
    expect(b.at(5_100).outcome({ session: A2, counter: 10, echo: B1 })).toBe('old-session')
    expect(b.at(5_101).outcome({ session: A2, counter: 11, echo: B1 })).toBe('not-fresh')
    expect(b.memory).toMatchObject({ session: A2, highest: 11 })
  })

  it('remembers a bounded number of former sessions', () => {
    const b = new Receiver(B2).at(100)
    for (let start = 1; start <= 100; start++) {
      b.at(100 + 100 * start)
      expect(b.outcome({ session: start.toString(16).padStart(16, '0'), counter: start })).toBe('fresh')
    }
    expect(b.memory.retired).toHaveLength(8)
  })
})

describe('an attacker who can only repeat packets', () => {
  /** All that `a` ever sent to `b`: two starts of `a` meet two starts of `b`. */
  const captured: readonly { changes: Partial<Beat>; path: number }[] = [
    ...[1, 2, 3].map((counter) => ({ session: A1, counter, ...nothingHeard })),
    ...[4, 5, 6].map((counter) => ({ session: A1, counter, echo: B1, heard: { counter: 2, agoMs: 5 } })),
    { session: A1, counter: 7, goodbye: true, echo: B1, heard: { counter: 2, agoMs: 5 } },
    ...[11, 12, 13].map((counter) => ({ session: A2, counter, echo: B1, heard: { counter: 2, agoMs: 5 } })),
  ].flatMap((changes) => [0, 1].map((path) => ({ changes, path })))
  const replays = fc.array(fc.constantFrom(...captured), { maxLength: 40 })

  it('never makes a dead peer look alive to a restarted receiver, whatever he repeats in which order', () => {
    fc.assert(
      fc.property(replays, (packets) => {
        const b = new Receiver(B2).at(1_000)
        for (const { changes, path } of packets) expect(b.outcome(changes, path)).not.toBe('fresh')
      }),
    )
  })

  it('never makes a live peer look dead: its next packet counts, or teaches and the one after counts', () => {
    fc.assert(
      fc.property(replays, replays, (before, between) => {
        const b = new Receiver(B2).at(1_000)
        for (const { changes, path } of before) b.outcome(changes, path)
        expect(b.outcome({ session: A2, counter: 20, echo: B1 })).toBe('not-fresh')
        expect(b.memory).toMatchObject({ session: A2, highest: 20 })
        for (const { changes, path } of between) expect(b.outcome(changes, path)).not.toBe('fresh')
        expect(b.memory).toMatchObject({ session: A2, highest: 20 })
        expect(b.outcome({ session: A2, counter: 21 })).toBe('fresh')
      }),
    )
  })

  it('never makes a live peer look dead whose counter went back: a packet that answers us counts, whatever he repeats', () => {
    fc.assert(
      fc.property(replays, replays, (before, between) => {
        const b = new Receiver(B2).at(1_000)
        for (const { changes, path } of before) b.outcome(changes, path)
        const live = { session: 'a3a3a3a3a3a3a3a3' }
        expect(b.outcome({ ...live, counter: 1 })).toBe('fresh')
        for (const { changes, path } of between) expect(b.outcome(changes, path)).not.toBe('fresh')
        expect(b.outcome({ ...live, counter: 2 })).toBe('fresh')
      }),
    )
  })
})

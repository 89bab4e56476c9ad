import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attempt } from './attempts.ts'
import { commonSpans, hasHeldSince, overlaps, totalMs } from './holders.ts'

const ok = (startMs: number, endMs = startMs + 1): Attempt => ({ startMs, endMs, outcome: 'ok' })
const no = (startMs: number, endMs = startMs + 1): Attempt => ({ startMs, endMs, outcome: 'timeout' })
const every10 = (fromMs: number, untilMs: number) => Array.from({ length: (untilMs - fromMs) / 10 }, (_, index) => ok(fromMs + index * 10))

describe('overlaps', () => {
  it.each<[string, readonly Attempt[], readonly Attempt[]]>([
    ['nobody held', [no(0)], [no(0)]],
    ['only one ever held', every10(0, 100), [no(0), no(10)]],
    ['one held after the other', [...every10(0, 50), no(50)], [no(40), ...every10(52, 100)]],
    ['each was seen once, at times that touch', [ok(0, 8)], [ok(2, 6)]],
    ['the accept of one began before the last of the other had begun', [ok(0), ok(10)], [ok(9, 12)]],
    ['it may have been accepted before the other took it', [ok(5), ok(15)], [ok(0, 8)]],
    ['the other had let go in between', [ok(0), no(10), ok(20)], [ok(12, 14)]],
    ['nobody looked at the other for long', [ok(0), ok(500)], [ok(100), ok(110)]],
    ['what was skipped says nothing', [ok(0), { startMs: 10, endMs: 10, outcome: 'skipped' }], [ok(5), ok(15)]],
  ])('are none where %s', (_, a, b) => {
    expect(overlaps(a, b)).toEqual([])
    expect(overlaps(b, a)).toEqual([])
  })

  it.each<[string, readonly Attempt[], readonly Attempt[], readonly [number, number]]>([
    ['a single accept lies between two of the other', [ok(0), ok(10)], [ok(3, 5)], [3, 5]],
    ['both hold for a while', every10(0, 100), [no(20), ...every10(32, 200)], [33, 90]],
    ['the two take turns at answering', [ok(0), ok(10), ok(20)], [ok(5), ok(15), ok(25)], [6, 20]],
    ['a slow accept lies between two of the other', every10(0, 60), [ok(12, 41), no(50)], [12, 41]],
    ['they are given in any order', [ok(10), ok(0)], [ok(3, 5)], [3, 5]],
  ])('are seen where %s', (_, a, b, [fromMs, toMs]) => {
    expect(overlaps(a, b)).toEqual([{ fromMs, toMs }])
    expect(overlaps(b, a)).toEqual([{ fromMs, toMs }])
  })

  it('never accuse two that hold by turns, however late the probes are', () => {
    const turn = fc.record({ heldMs: fc.integer({ min: 60, max: 500 }), freeMs: fc.integer({ min: 0, max: 100 }) })
    const lateness = fc.infiniteStream(fc.integer({ min: 0, max: 40 }))
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 8 }), lateness, lateness, (turns, before, after) => {
        const held: { node: number; fromMs: number; toMs: number }[] = []
        let nowMs = 0
        for (const [index, { heldMs, freeMs }] of turns.entries()) {
          held.push({ node: index % 2, fromMs: nowMs, toMs: nowMs + heldMs })
          nowMs += heldMs + freeMs
        }
        const probesOf = (node: number) =>
          Array.from({ length: Math.ceil(nowMs / 10) }, (_, index): Attempt => {
            // The instant at which the node answers lies somewhere in the probe.
            const atMs = index * 10
            const holder = held.find((span) => span.fromMs <= atMs && atMs < span.toMs)?.node
            const [late, slow] = [before.next().value, after.next().value]
            return { startMs: atMs - late, endMs: atMs + slow, outcome: holder === node ? 'ok' : 'timeout' }
          })
        expect(overlaps(probesOf(0), probesOf(1))).toEqual([])
      }),
    )
  })
})

describe('hasHeldSince', () => {
  it.each<[string, readonly Attempt[], boolean]>([
    ['not by what was accepted before', [ok(49)], false],
    ['not by what failed', [no(60)], false],
    ['by what was accepted after', [ok(60), no(70)], true],
  ])('judges %s', (_, probes, expected) => {
    expect(hasHeldSince(probes, 50)).toBe(expected)
  })
})

describe('commonSpans', () => {
  it('are the times that lie in both', () => {
    const common = commonSpans(
      [
        { fromMs: 0, toMs: 10 },
        { fromMs: 20, toMs: 30 },
      ],
      [{ fromMs: 5, toMs: 25 }],
    )
    expect(common).toEqual([
      { fromMs: 5, toMs: 10 },
      { fromMs: 20, toMs: 25 },
    ])
    expect(totalMs(common)).toBe(10)
  })
})

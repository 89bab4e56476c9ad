import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameWatch, goingAway } from './tunnel-frames.ts'

function frame({ opcode, body, masked }: { opcode: number; body: number; masked: boolean }): Buffer {
  const mask = masked ? 0x80 : 0
  const head =
    body < 126
      ? Buffer.of(0x80 | opcode, mask | body)
      : body < 65_536
        ? Buffer.of(0x80 | opcode, mask | 126, body >> 8, body & 255)
        : Buffer.concat([Buffer.of(0x80 | opcode, mask | 127, 0, 0, 0, 0), Buffer.of(0, body >> 16, (body >> 8) & 255, body & 255)])
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 7), Buffer.alloc(body, 0x88)])
}

function watchOf(...pieces: readonly Buffer[]): FrameWatch {
  const watch = new FrameWatch()
  for (const piece of pieces) watch.take(piece)
  return watch
}

describe('the watch on frames', () => {
  it.each([
    ['half a head', Buffer.of(0x81)],
    ['a head without its length', Buffer.of(0x81, 126, 1)],
    ['a head without its mask', Buffer.of(0x81, 0x85, 1, 2, 3)],
    ['a masked frame without a body and half of its mask', Buffer.of(0x81, 0x80, 1, 2)],
    ['a body of which one byte is missing', frame({ opcode: 1, body: 200, masked: true }).subarray(0, -1)],
  ])('is in the middle of one after %s', (_what, bytes) => {
    expect(watchOf(bytes).betweenFrames).toBe(false)
  })

  it('is between two at the beginning, and knows of no end', () => {
    expect(watchOf()).toMatchObject({ betweenFrames: true, closed: false })
  })

  it('takes no byte of a body for a frame, and a Close frame for the end', () => {
    expect(watchOf(frame({ opcode: 2, body: 8, masked: false })).closed).toBe(false)
    expect(watchOf(frame({ opcode: 8, body: 2, masked: true }))).toMatchObject({ betweenFrames: true, closed: true })
    expect(watchOf(goingAway({ masked: true }))).toMatchObject({ betweenFrames: true, closed: true })
    expect(watchOf(goingAway({ masked: false }))).toMatchObject({ betweenFrames: true, closed: true })
  })

  it('is between frames exactly where one ends, however the bytes are cut', () => {
    const frames = fc.array(
      fc.record({
        opcode: fc.constantFrom(0, 1, 2, 9, 10),
        body: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(65_535, 65_536, 70_000)),
        masked: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(frames, fc.array(fc.nat(200_000), { maxLength: 12 }), (said, cuts) => {
        const bytes = Buffer.concat(said.map(frame))
        const ends = new Set([0])
        let end = 0
        for (const each of said) ends.add((end += frame(each).length))
        const watch = new FrameWatch()
        let from = 0
        for (const to of [...cuts.map((cut) => cut % bytes.length), ...ends].toSorted((one, other) => one - other)) {
          watch.take(bytes.subarray(from, to))
          from = to
          expect(watch.betweenFrames).toBe(ends.has(to))
        }
      }),
      { numRuns: 100 },
    )
  })
})

it('what says 1001 is masked with another mask each time, where it is masked', () => {
  expect([...goingAway({ masked: false })]).toEqual([0x88, 2, 3, 233])
  const [one, other] = [goingAway({ masked: true }), goingAway({ masked: true })]
  expect(one.equals(other)).toBe(false)
  const [first = 0, second = 0] = one.subarray(6).map((byte, index) => byte ^ (one[2 + index] ?? 0))
  expect(first * 256 + second).toBe(1001)
})

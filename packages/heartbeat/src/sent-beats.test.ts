import { describe, expect, it } from 'vitest'
import { SentBeats } from './sent-beats.ts'

describe('the beats that were sent', () => {
  it('are not known before they are sent, nor once they are forgotten', () => {
    const sent = new SentBeats(3)
    expect([sent.at(0), sent.at(1), sent.latest]).toEqual([undefined, undefined, 0])
    for (const counter of [1_001, 1_002, 1_003, 1_004]) sent.record(counter, (counter - 1_000) * 100)
    expect([1_001, 1_002, 1_003, 1_004, 1_005, 0, -1].map((counter) => sent.at(counter))).toEqual([
      undefined,
      200,
      300,
      400,
      undefined,
      undefined,
      undefined,
    ])
    expect(sent.latest).toBe(1_004)
  })

  it('bound when a forgotten one went out', () => {
    const sent = new SentBeats(2)
    sent.record(5, 10)
    expect(sent.oldestMs).toBe(10)
    sent.record(6, 20)
    expect(sent.oldestMs).toBe(10)
    sent.record(7, 30)
    sent.record(8, 40)
    expect(sent.oldestMs).toBe(20)
  })
})

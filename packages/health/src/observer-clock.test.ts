import { expect, it } from 'vitest'
import { beginObserverClock, readObserverClock } from './observer-clock.ts'

const start = { monotonicMs: 1_000, wallMs: 1_700_000_000_000, bootMs: 9_000 }
const limits = { suspendMs: 1_000, jumpMs: 2_000 }
const after = (monotonicMs: number, { wallMs = monotonicMs, bootMs = monotonicMs } = {}) => {
  return { monotonicMs: start.monotonicMs + monotonicMs, wallMs: start.wallMs + wallMs, bootMs: start.bootMs + bootMs }
}

it.each([
  ['a suspend', after(20, { wallMs: 3_600_020, bootMs: 3_600_020 }), 'the machine was suspended for 3600000 ms'],
  ['a wall clock set forward, or a machine paused from outside', after(20, { wallMs: 60_020 }), 'the wall clock jumped by 60000 ms'],
  ['a wall clock set back', after(20, { wallMs: -59_980 }), 'the wall clock jumped by -60000 ms'],
])('names %s', (_, reading, gap) => {
  expect(readObserverClock(beginObserverClock(start), reading, limits).gap).toBe(gap)
})

it.each([
  ['no time', after(0)],
  ['a long time', after(3_600_000)],
  ['a clock that is being slewed', after(60_000, { wallMs: 60_030 })],
  ['a boot clock of coarse steps', after(250, { bootMs: 240 })],
])('finds nothing wrong with %s', (_, reading) => {
  expect(readObserverClock(beginObserverClock(start), reading, limits).gap).toBeUndefined()
})

it('tells of one suspend once, whatever the steps of the boot clock', () => {
  let clock = beginObserverClock(start)
  const gaps: (string | undefined)[] = []
  for (const [monotonicMs, bootMs] of [
    [100, 100],
    [200, 5_190],
    [300, 5_300],
    [400, 5_390],
  ] as const) {
    const read = readObserverClock(clock, after(monotonicMs, { bootMs, wallMs: bootMs }), limits)
    clock = read.clock
    gaps.push(read.gap)
  }
  expect(gaps).toEqual([undefined, 'the machine was suspended for 4990 ms', undefined, undefined])
})

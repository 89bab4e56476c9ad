import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Emitter } from './emitter.ts'
import { recordingLogger } from './testing/recording-logger.ts'

interface TargetDown {
  readonly type: 'target-down'
  readonly at: number
}

const event: TargetDown = { type: 'target-down', at: 1 }

test('a listener that throws stops neither the others nor the caller, and is logged', () => {
  const logger = recordingLogger()
  const emitter = new Emitter<TargetDown>({ logger })
  const seen: string[] = []
  emitter.subscribe(() => seen.push('first'))
  emitter.subscribe(() => {
    throw new Error('broken')
  })
  emitter.subscribe(() => seen.push('last'))
  emitter.emit(event)
  expect(seen).toEqual(['first', 'last'])
  expect(logger.records).toEqual([
    { level: 'error', fields: { eventType: 'target-down', error: 'broken' }, message: 'an event listener threw' },
  ])
})

test('a listener that throws something without a text does not stop the caller either', () => {
  const emitter = new Emitter<TargetDown>()
  emitter.subscribe(() => {
    throw Object.create(null)
  })
  expect(() => emitter.emit(event)).not.toThrow()
})

test('an async listener that rejects is logged, and is no unhandled rejection', async () => {
  // Node ends the process at an unhandled rejection: one careless listener would have taken the daemon down.
  const unhandled: unknown[] = []
  const remember = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', remember)
  const logger = recordingLogger()
  const emitter = new Emitter<TargetDown>({ logger })
  emitter.subscribe((): unknown => Promise.reject(new Error('broken later')))
  emitter.emit(event)
  await turn()
  await turn()
  process.off('unhandledRejection', remember)
  expect(unhandled).toEqual([])
  expect(logger.records).toMatchObject([{ level: 'error', fields: { error: 'broken later' } }])
})

test('a listener that was taken off by an earlier one is not called any more', () => {
  const emitter = new Emitter<TargetDown>()
  const seen: string[] = []
  emitter.subscribe(() => {
    seen.push('first')
    takeOff()
  })
  const takeOff = emitter.subscribe(() => seen.push('second'))
  emitter.subscribe(() => seen.push('third'))
  emitter.emit(event)
  expect(seen).toEqual(['first', 'third'])
})

test('a listener that takes itself off does not hide the next one', () => {
  const emitter = new Emitter<TargetDown>()
  const seen: string[] = []
  const takeOff = emitter.subscribe(() => {
    seen.push('once')
    takeOff()
  })
  emitter.subscribe(() => seen.push('always'))
  emitter.emit(event)
  emitter.emit(event)
  expect(seen).toEqual(['once', 'always', 'always'])
})

test('a listener that is added during an event waits for the next one', () => {
  // A listener that subscribed itself anew was called again for the same event, without end.
  const emitter = new Emitter<TargetDown>()
  let calls = 0
  let takeOff: () => void
  const again = () => {
    calls++
    takeOff()
    if (calls < 1_000) takeOff = emitter.subscribe(again)
  }
  takeOff = emitter.subscribe(again)
  emitter.emit(event)
  expect(calls).toBe(1)
  emitter.emit(event)
  expect(calls).toBe(2)
})

test('one function subscribed twice is called twice, and is taken off one at a time', () => {
  const emitter = new Emitter<TargetDown>()
  let calls = 0
  const listener = () => void calls++
  const takeOff = emitter.subscribe(listener)
  emitter.subscribe(listener)
  emitter.emit(event)
  expect(calls).toBe(2)
  takeOff()
  takeOff()
  emitter.emit(event)
  expect(calls).toBe(3)
})

test('listeners get the event itself, in order of subscription', () => {
  const emitter = new Emitter<TargetDown>()
  const seen: unknown[] = []
  emitter.subscribe((received) => seen.push(['first', received]))
  emitter.subscribe((received) => seen.push(['second', received]))
  emitter.emit(event)
  expect(seen).toEqual([
    ['first', event],
    ['second', event],
  ])
})

test('an event without listeners is no error', () => {
  expect(() => new Emitter<TargetDown>().emit(event)).not.toThrow()
})

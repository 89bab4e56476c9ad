import { expect, it } from 'vitest'
import { eventOfCause, eventOfHealth, eventOfStanding, WATCH_EVENT_LEVELS, type WatchEvent, watchSentence } from './events.ts'
import type { StandingChange } from './standings.ts'

const at = 1
const [because, watched] = ['connection refused', 'switch']
const changed = { at, check: 'switch', because }

/** One of each type: a type that is missing here is a compile error. */
const events: { readonly [Type in WatchEvent['type']]: readonly [event: WatchEvent & { readonly type: Type }, sentence: string] } = {
  'check-up': [{ type: 'check-up', from: 'down', ...changed }, 'switch is up (was down): connection refused'],
  'check-degraded': [
    { type: 'check-degraded', from: 'up', ...changed },
    'switch works, though not as it should (was up): connection refused',
  ],
  'check-down': [{ type: 'check-down', from: 'unknown', ...changed }, 'switch is down (was unknown): connection refused'],
  'check-unknown': [{ type: 'check-unknown', from: 'up', ...changed }, 'switch is not known any more (was up): connection refused'],
  'warning-raised': [{ type: 'warning-raised', at, watched, warning: '12 days left' }, 'switch needs a look: 12 days left'],
  'warning-ended': [{ type: 'warning-ended', at, watched }, 'there is no warning of switch any more'],
  'flapping-began': [{ type: 'flapping-began', at, watched, because }, 'switch flaps, and its way back is held: connection refused'],
  'flapping-ended': [{ type: 'flapping-ended', at, watched, because }, 'switch has settled: connection refused'],
  'threshold-exceeded': [
    { type: 'threshold-exceeded', at, watched, threshold: 'slow', value: 7, because },
    'switch is beyond its limit slow: connection refused',
  ],
  'threshold-cleared': [
    { type: 'threshold-cleared', at, watched, threshold: 'slow', value: 7, because },
    'switch is within its limit slow again: connection refused',
  ],
  'watched-unreachable': [
    { type: 'watched-unreachable', at, watched: 'shop/a', rootCause: ['switch', 'ups'], because },
    'shop/a cannot be reached because of switch, ups: connection refused',
  ],
  'watched-reachable': [
    { type: 'watched-reachable', at, watched: 'shop/a', rootCause: [], because },
    'shop/a is judged by itself again: connection refused',
  ],
  'target-weight': [{ type: 'target-weight', at, targetId: 'shop/a', weight: 0.504 }, 'shop/a asks for 50 % of its usual weight'],
  'observer-unwell': [{ type: 'observer-unwell', at, because }, 'this node cannot judge what it sees: connection refused'],
  'observer-well': [{ type: 'observer-well', at, because }, 'this node can judge again: connection refused'],
}

it.each(Object.values(events))('%j has its sentence and its level', (event, sentence) => {
  expect(watchSentence(event)).toBe(sentence)
  expect(WATCH_EVENT_LEVELS[event.type]).toMatch(/^(?:info|warn|error)$/)
})

it('nothing is told of a target that the board tells of, nor of a weight that is the usual one', () => {
  const target = { kind: 'target', id: 'shop/a', pool: 'shop' } as const
  const up = { state: 'up', since: at, because } as const
  const changes: StandingChange[] = [
    { type: 'health-changed', at, subject: target, from: 'down', verdict: up },
    { type: 'own-changed', at, subject: { kind: 'check', id: 'switch' }, from: 'down', verdict: up },
    { type: 'weight-changed', at, subject: target, weight: 1, before: undefined },
    { type: 'first-known', at, subject: target },
  ]
  expect(changes.map((change) => eventOfStanding(change))).toEqual(changes.map(() => undefined))
  expect(eventOfStanding({ type: 'weight-changed', at, subject: target, weight: 1, before: 0.5 })).toMatchObject({ weight: 1 })
  expect(eventOfHealth({ type: 'target-up', at, targetId: 'shop/a', from: 'down', because })).toBeUndefined()
})

it('only what becomes unreachable, or ceases to be, is told of causes', () => {
  const verdict = (state: 'down' | 'unreachable' | 'up') => ({ state, because, rootCause: ['switch'], settled: true })
  const told = (from: 'down' | 'unreachable', state: 'down' | 'unreachable' | 'up') =>
    eventOfCause({ type: 'dependency-resolved', at, targetId: 'shop/a', from, verdict: verdict(state) })?.type
  expect(told('down', 'up')).toBeUndefined()
  expect(told('unreachable', 'unreachable')).toBeUndefined()
  expect(told('down', 'unreachable')).toBe('watched-unreachable')
  expect(told('unreachable', 'up')).toBe('watched-reachable')
})

import { type HealthState, silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import type { HealthFacts, SourceFacts } from './judge-health.ts'
import type { Observers } from './observers.ts'
import { type StandingChange, Standings } from './standings.ts'

const shopA = { kind: 'target', id: 'shop/a', pool: 'shop' } as const

function source(state: HealthState, changes: Partial<SourceFacts> = {}): SourceFacts {
  const known = state !== 'unknown'
  const verdict = { state, since: 0, because: `it is ${state}` }
  return { verdict, wasLookedAt: known, isJudged: known, admin: undefined, weight: 1, warning: undefined, ...changes }
}

function standingsOf(observers?: Observers) {
  const clock = new TestClock()
  let facts: HealthFacts = { probe: source('unknown'), isProven: true, agent: undefined, thresholds: undefined }
  const standings = new Standings({ clock, logger: silentLogger, factsOf: () => facts, observers })
  standings.add(shopA)
  standings.add({ kind: 'check', id: 'backup' })
  const changes: StandingChange[] = []
  standings.subscribe((change) => changes.push(change))
  const set = async (next: Partial<HealthFacts>, ids: readonly string[] = ['shop/a']) => {
    facts = { ...facts, ...next }
    for (const id of ids) standings.touch(id)
    await Promise.resolve()
  }
  return { clock, standings, changes, types: () => changes.splice(0).map(({ type }) => type), set }
}

it('tells nothing of what is not watched, nor of what has not changed', async () => {
  const { set, standings, types } = standingsOf()
  await set({}, ['shop/a', 'shop/x'])
  expect([types(), standings.get('shop/x')]).toEqual([[], undefined])
})

it('looks once when all that happens at one moment has been said', async () => {
  const { set, changes } = standingsOf()
  const wish = { state: 'maintenance', since: 0, because: 'it asks for it' } as const
  await set({ probe: source('up', { admin: wish, weight: 0.5, warning: '12 days left' }) }, ['shop/a', 'shop/a', 'shop/a'])
  // The wish comes before the health: whoever is told that it is up knows by then that it wants no traffic.
  expect(changes.map(({ type }) => type)).toEqual([
    'weight-changed',
    'wish-changed',
    'own-changed',
    'health-changed',
    'warning-changed',
    'first-known',
  ])
  expect(changes).toContainEqual(
    expect.objectContaining({ type: 'health-changed', from: 'unknown', verdict: expect.objectContaining({ state: 'up' }) }),
  )
})

it('keeps since when a state holds, while its reason is the newest', async () => {
  const { set, standings, clock, types } = standingsOf()
  await set({ probe: source('up') })
  const since = clock.wallMs()
  await clock.advance(1_000)
  types()
  await set({ probe: { ...source('up'), verdict: { state: 'up', since: 0, because: 'another reason' } } })
  expect(types()).toEqual([])
  expect(standings.get('shop/a')?.verdict).toEqual({ state: 'up', since, because: 'another reason' })
  await set({ thresholds: { state: 'degraded', since: 0, because: 'slow' } })
  expect(standings.get('shop/a')?.verdict).toEqual({ state: 'degraded', since: since + 1_000, because: 'slow' })
})

it('lets other nodes have their say, and keeps its own view beside it', async () => {
  let tell: (id: string) => void = () => {}
  let others: HealthState = 'up'
  const observers: Observers = {
    decide: (_id, own) => (own.state === 'down' && others === 'up' ? { ...own, state: 'degraded', because: '1 of 3 say down' } : own),
    subscribe: (listener) => ((tell = listener), () => {}),
  }
  const { set, standings, types } = standingsOf(observers)
  await set({ probe: source('down') })
  expect(standings.get('shop/a')).toMatchObject({ own: { state: 'down' }, verdict: { state: 'degraded', because: '1 of 3 say down' } })
  types()
  others = 'down'
  tell('shop/a')
  await Promise.resolve()
  expect(types()).toEqual(['health-changed'])
  expect(standings.get('shop/a')?.verdict.state).toBe('down')
})

it('knows all targets once each is judged, and waits for no check', async () => {
  const { set, standings } = standingsOf()
  expect(standings.allTargetsKnown()).toBe(false)
  await set({ probe: source('up') })
  expect([standings.allTargetsKnown(), standings.get('backup')?.verdict.state]).toEqual([true, 'unknown'])
})

it('says when limits have seen enough, though nothing else has changed', async () => {
  const { set, standings, types } = standingsOf()
  await set({ probe: source('up'), thresholds: { state: 'unknown', since: 0, because: 'too little' } })
  // It had no limits when it was added, so nothing was missing.
  expect(standings.get('shop/a')?.isMeasured).toBe(true)
  types()
  standings.add({ kind: 'check', id: 'disk' })
  await set({ thresholds: { state: 'up', since: 0, because: 'within' } }, ['disk'])
  expect(types()).toContain('first-known')
  expect(standings.get('disk')?.isMeasured).toBe(true)
})

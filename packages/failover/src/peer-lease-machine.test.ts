import type { HealthState } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import {
  claimOwn,
  confirmOwn,
  forgetGone,
  hearClaim,
  INITIAL_PEER_LEASE,
  notePause,
  type PeerLeaseState,
  type PeerLeaseView,
  peerStanding,
} from './peer-lease-machine.ts'

const members = ['web-1', 'web-2', 'web-3']

function view(states: Record<string, HealthState>, settled = true): PeerLeaseView {
  const verdict = (node: string) => ({ state: states[node] ?? 'up', since: 0, because: '' })
  return { node: 'web-2', members, settled, verdict }
}

const stateOf = (changes: Partial<PeerLeaseState>): PeerLeaseState => ({ ...INITIAL_PEER_LEASE, ...changes })

const claims = (claim: number, confirmed = true) => ({ claim, confirmed })
const nothing = { claim: null, confirmed: true }

describe('peerStanding', () => {
  it.each<[string, Partial<PeerLeaseState>, Record<string, HealthState>, boolean]>([
    ['unknown', {}, {}, true],
    ['unknown', { claims: { 'web-1': null } }, {}, true],
    ['unknown', { claims: { 'web-1': null } }, { 'web-3': 'unknown' }, false],
    ['free', { claims: { 'web-1': null } }, { 'web-3': 'unknown' }, true],
    ['free', { claims: { 'web-1': null, 'web-3': null } }, {}, true],
    ['free', { claims: { 'web-1': 7 } }, { 'web-1': 'down', 'web-3': 'down' }, true],
    ['elsewhere', { claims: { 'web-1': 7 } }, { 'web-1': 'degraded' }, true],
    ['held', { own: { token: 8, confirmed: true } }, {}, true],
    ['unconfirmed', { own: { token: 8, confirmed: false } }, {}, true],
  ])('is %s', (standing, changes, states, settled) => {
    expect(peerStanding(stateOf(changes), view(states, settled)).state).toBe(standing)
  })
})

describe('hearClaim', () => {
  it('keeps the right of the preferred one of two that claim it at once', () => {
    const own = stateOf({ own: { token: 9, confirmed: true } })
    expect(hearClaim(own, 'web-1', claims(8), members, 'web-2')).toMatchObject({ lost: true, state: { own: undefined, highestToken: 8 } })
    expect(hearClaim(own, 'web-3', claims(99), members, 'web-2')).toMatchObject({
      lost: false,
      state: { own: { token: 9 }, highestToken: 99 },
    })
  })

  it('yields to anybody after a pause: others have acted meanwhile', () => {
    const own = notePause(stateOf({ own: { token: 9, confirmed: true }, claims: { 'web-1': null, 'web-3': null } }))
    expect(hearClaim(own, 'web-3', claims(10), members, 'web-2').lost).toBe(true)
    expect(hearClaim(own, 'web-3', nothing, members, 'web-2').lost).toBe(false)
  })
})

describe('a claim of before a pause', () => {
  // A preferred member that woke up took the right back, before it had heard who has it now.
  it('takes nothing from a member that has it for certain', () => {
    const own = stateOf({ own: { token: 9, confirmed: true } })
    expect(hearClaim(own, 'web-1', claims(8, false), members, 'web-2').lost).toBe(false)
    expect(hearClaim(INITIAL_PEER_LEASE, 'web-1', claims(8, false), members, 'web-2').state.claims).toEqual({ 'web-1': 8 })
  })

  it('is settled between two that were both out of touch: the preferred one keeps it', () => {
    const own = stateOf({ own: { token: 9, confirmed: false } })
    expect(hearClaim(own, 'web-1', claims(8, false), members, 'web-2').lost).toBe(true)
    expect(hearClaim(own, 'web-3', claims(8, false), members, 'web-2').lost).toBe(false)
  })
})

describe('confirmOwn', () => {
  it('waits after a pause for every member that lives, and for no other', () => {
    const paused = notePause(stateOf({ own: { token: 9, confirmed: true }, claims: { 'web-1': null, 'web-3': null } }))
    expect(confirmOwn(paused, view({ 'web-3': 'down' })).own?.confirmed).toBe(false)
    const { state } = hearClaim(paused, 'web-1', nothing, members, 'web-2')
    expect(confirmOwn(state, view({})).own?.confirmed).toBe(false)
    expect(confirmOwn(state, view({ 'web-3': 'down' })).own?.confirmed).toBe(true)
  })
})

describe('claimOwn', () => {
  it('takes a token above all that were heard of, and not below the time of day', () => {
    const { state } = hearClaim(INITIAL_PEER_LEASE, 'web-1', claims(5_000), members, 'web-2')
    expect(claimOwn(state, 1_000.5).own).toEqual({ token: 5_001, confirmed: true })
    expect(claimOwn(state, 9_000.5).own).toEqual({ token: 9_000, confirmed: true })
  })
})

describe('forgetGone', () => {
  it('drops what a member said that is gone, so that it has to say it anew', () => {
    const state = stateOf({ claims: { 'web-1': 7, 'web-3': null } })
    expect(forgetGone(state, view({ 'web-1': 'down' })).claims).toEqual({ 'web-3': null })
  })
})

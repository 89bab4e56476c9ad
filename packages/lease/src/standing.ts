import type { Verdict } from '@hotspare/core'
import { freeAtMs } from './next-call.ts'
import { isClaim, type LeaseRules, type LeaseState } from './state.ts'

/** How a lease stands, as this process knows. */
export type LeaseStanding =
  /** Ours, and we may act. */
  | 'held'
  /** Ours when we last looked; nothing may be done under it before the register has confirmed it. */
  | 'unconfirmed'
  /** Somebody else's, or it may still be. */
  | 'elsewhere'
  /** Nobody's. */
  | 'free'
  /** The register has not answered yet, or no longer does and what it said is too old. */
  | 'unknown'

/** The standing with its reason, for people. */
export function standing(state: LeaseState, atMs: number, rules: LeaseRules): Omit<Verdict<LeaseStanding>, 'since'> {
  const { right, seen, failure } = state
  const silent = failure === undefined ? '' : `; the register does not answer: ${failure}`
  if (right) {
    const because = `token ${right.token}${silent}`
    return { state: right.confirmed ? 'held' : 'unconfirmed', because }
  }
  if (!seen) return { state: 'unknown', because: failure === undefined ? 'the register was not asked yet' : silent.slice(2) }
  const { record } = seen
  const over = atMs >= freeAtMs(seen, state, rules)
  // What nobody can have any more may have been taken since, where the register is silent.
  const free = failure === undefined ? 'free' : 'unknown'
  if (!record) return { state: 'unknown', because: `there is no record of it, which is no proof that nobody holds it${silent}` }
  if (isClaim(record)) {
    const waits = over ? '' : ', and whoever held a lost record has its time to find out'
    return { state: over ? free : 'unknown', because: `it is new${waits}${silent}` }
  }
  if (record.holder === null) return { state: free, because: `it was released after token ${record.token}${silent}` }
  if (!over && record.revision === state.handedOver?.revision) {
    return { state: 'elsewhere', because: `it was handed over after token ${record.token}${silent}` }
  }
  const ended = over ? ', whose right has ended' : ''
  return { state: over ? free : 'elsewhere', because: `${record.holder} has token ${record.token}${ended}${silent}` }
}

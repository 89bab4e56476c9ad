import type { Verdict } from '@hotspare/core'
import { freeAtMs } from './next-call.ts'
import type { LeaseRules, LeaseState } from './state.ts'

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
  const over = atMs >= freeAtMs(seen, rules)
  // What nobody can have any more may have been taken since, where the register is silent.
  const free = failure === undefined ? 'free' : 'unknown'
  if (!record) {
    const because = over ? 'nobody has ever held it' : 'there is no record of it, which is no proof yet that nobody holds it'
    return { state: over ? free : 'unknown', because: `${because}${silent}` }
  }
  if (record.holder === null) return { state: free, because: `it was released after token ${record.token}${silent}` }
  const ended = over ? ', whose right has ended' : ''
  return { state: over ? free : 'elsewhere', because: `${record.holder} has token ${record.token}${ended}${silent}` }
}

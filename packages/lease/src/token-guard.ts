import { HotspareError } from '@hotspare/core'

/** Remembers the highest token, and refuses every older one. */
export interface TokenGuard {
  /** The highest token that was admitted; to be kept with what is acted on. */
  readonly highest: number
  /**
   * @returns whether an action under this token may go ahead
   * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` for a token that is none
   */
  admits(token: number): boolean
}

/**
 * Fencing for an actuator that can compare: it admits a token that is at least the highest it has seen, and refuses
 * every older one from then on. (Kleppmann, How to do distributed locking, 2016: 33 was paused, 34 was granted, the
 * storage must refuse 33.)
 *
 * It must be asked where the action happens, in one step with it, and `highest` must be kept with what is acted on, or
 * a restart forgets it. In SQL: `UPDATE ... SET token = $1 WHERE token <= $1`.
 *
 * @param highest the highest token that was admitted before
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` for a token that is none
 */
export function tokenGuard(highest = 0): TokenGuard {
  let seen = highest === 0 ? 0 : validToken(highest)
  return {
    get highest() {
      return seen
    },
    admits(token) {
      if (validToken(token) < seen) return false
      seen = token
      return true
    },
  }
}

function validToken(token: number): number {
  if (Number.isSafeInteger(token) && token > 0) return token
  throw new HotspareError({
    code: 'HOTSPARE_LEASE_OPTIONS',
    message: `token guard: ${String(token)} is no token: expected a positive safe integer`,
  })
}

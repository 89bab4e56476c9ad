import type { Algorithm, Chooser } from './algorithm.ts'
import { MAX_WEIGHT } from './defaults.ts'
import { misuse } from './errors.ts'

/**
 * Smooth weighted round robin, as nginx does it: each pick adds to every candidate its weight and takes the sum from
 * the winner, so weights 5, 1, 1 give a a b a c a a, and not five picks of `a` in a row. A target that cannot be
 * picked for a while keeps its place in the order.
 */
export function roundRobin(): Algorithm {
  return { name: 'round-robin', keyed: false, start: smoothRoundRobin }
}

function smoothRoundRobin(size: number): Chooser {
  const current = new Float64Array(size)
  return {
    choose({ members }, { exclude }) {
      let best: (typeof members)[number] | undefined
      let bestCurrent = 0
      let total = 0
      for (const candidate of members) {
        if (exclude?.has(candidate.id)) continue
        const raised = current[candidate.index]! + candidate.weight
        current[candidate.index] = raised
        total += candidate.weight
        // The first of equals wins, as in nginx.
        if (best && raised <= bestCurrent) continue
        best = candidate
        bestCurrent = raised
      }
      if (best) current[best.index] = bestCurrent - total
      return best
    },
  }
}

/**
 * The same order for anything that has weights: each call gives the index of the next pick.
 *
 * @param weights 0 to 1,000,000 each, at least one above 0; an index with 0 never comes
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function smoothWeightedRoundRobin(weights: readonly number[]): () => number {
  if (!weights.every((weight) => weight >= 0 && weight <= MAX_WEIGHT)) {
    throw misuse(`weights ${weights.join(', ')}: each must be a number from 0 to ${MAX_WEIGHT}`)
  }
  if (!weights.some((weight) => weight > 0)) throw misuse('smooth weighted round robin: at least one weight must be above 0')
  const fixed = Float64Array.from(weights)
  const current = new Float64Array(fixed.length)
  return () => nextSmooth(fixed, current)
}

/**
 * @param current where the order stands, as long as `weights`; changed by the call
 * @returns the index whose turn it is; -1 where no weight is above 0
 */
export function nextSmooth(weights: Float64Array, current: Float64Array): number {
  let best = -1
  let total = 0
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index]!
    if (weight <= 0) continue
    current[index]! += weight
    total += weight
    if (best === -1 || current[index]! > current[best]!) best = index
  }
  if (best !== -1) current[best]! -= total
  return best
}

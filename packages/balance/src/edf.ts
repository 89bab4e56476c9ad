import type { Algorithm, Candidate, Chooser } from './algorithm.ts'
import { DeadlineOrder } from './deadline-order.ts'

/**
 * Weighted round robin by earliest deadline first, as Envoy schedules it: a target is due `1 / weight` after its last
 * turn. Other than with `roundRobin()`, a target that comes back or whose weight has changed is at its share at once,
 * with nothing to catch up on.
 */
export function edf(): Algorithm {
  return { name: 'edf', keyed: false, start: earliestDeadline }
}

function earliestDeadline(size: number): Chooser {
  const order = new DeadlineOrder(size)
  return { choose: ({ members }, { exclude }) => order.choose(members, exclude, weightOf) }
}

function weightOf({ weight }: Candidate): number {
  return weight
}

import { type Algorithm, leastRequest, roundRobin } from '@hotspare/balance'
import { assertNever, type Random } from '@hotspare/core'
import type { BalanceStrategy } from './config/config.ts'

// Where a driver of the worker is chosen; those of control are in drivers.ts.

export function algorithmFor(strategy: BalanceStrategy, random: Random): Algorithm {
  switch (strategy) {
    case 'round-robin':
      return roundRobin()
    case 'least-request':
      return leastRequest({ random })
    default:
      return assertNever(strategy)
  }
}

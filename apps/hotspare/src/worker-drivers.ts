import {
  type Algorithm,
  boundedLoad,
  edf,
  firstAvailable,
  jump,
  leastRequest,
  maglev,
  peakEwma,
  random as randomChoice,
  rendezvous,
  ringHash,
  roundRobin,
} from '@hotspare/balance'
import { assertNever, type Random } from '@hotspare/core'
import type { BalanceConfig } from './config/config.ts'

// Where a driver of the worker is chosen; those of control are in drivers.ts.

export function algorithmFor(balance: BalanceConfig, random: Random): Algorithm {
  const algorithm = plainAlgorithm(balance, random)
  const bound = 'key' in balance ? balance.boundedLoad : undefined
  return bound ? boundedLoad(algorithm, bound) : algorithm
}

function plainAlgorithm(balance: BalanceConfig, random: Random): Algorithm {
  switch (balance.algorithm) {
    case 'round-robin':
      return roundRobin()
    case 'edf':
      return edf()
    case 'least-request':
      return leastRequest({ ...balance.options, random })
    case 'peak-ewma':
      return peakEwma({ ...balance.options, random })
    case 'random':
      return randomChoice({ random })
    case 'first-available':
      return firstAvailable()
    case 'ring-hash':
      return ringHash(balance.options)
    case 'maglev':
      return maglev(balance.options)
    case 'rendezvous':
      return rendezvous()
    case 'jump':
      return jump()
    default:
      return assertNever(balance)
  }
}

import HashRing from 'hashring'
import { readyHashes, serverNames, textKeys } from '../keys.ts'
import type { PickSubject } from '../subject.ts'

/** Fewer than it keeps. */
const CACHED_KEYS = 1_024

export const hashringFind: PickSubject = {
  name: 'hashring find(hash)',
  kind: 'look-up',
  isPeer: true,
  setup: 'its search of the ring alone, 160 points a host, with a hash of 32 bits; knows no health',
  prepare(targets) {
    const ring = new HashRing(serverNames(targets))
    const { high, mask } = readyHashes()
    let count = 0
    let found: string | undefined
    return () => {
      found = ring.ring[ring.find(high[count++ & mask] ?? 0)]?.server ?? found
      return undefined
    }
  },
}

export const hashringGet: PickSubject = gets(
  'hashring get',
  'MD5 of the key, 160 points a host; more keys than its cache holds; knows no health',
)
export const hashringCached: PickSubject = gets(
  'hashring get, cached',
  'the same with 1,024 keys, all of which are in its cache of 5,000: nothing is hashed',
  CACHED_KEYS,
)

function gets(name: string, setup: string, count?: number): PickSubject {
  return {
    name,
    kind: 'keyed-pick',
    isPeer: true,
    setup,
    prepare(targets) {
      const ring = new HashRing(serverNames(targets))
      const keys = textKeys(count)
      const mask = keys.length - 1
      let next = 0
      return () => void ring.get(keys[next++ & mask] ?? '')
    },
  }
}

export const hashringRebuild: PickSubject = {
  name: 'hashring remove(), add()',
  kind: 'rebuild',
  isPeer: true,
  setup: 'one host out or in again: MD5 for 160 points a host',
  prepare(targets) {
    const servers = serverNames(targets)
    const ring = new HashRing(servers)
    const first = servers[0] ?? ''
    let isIn = true
    return () => {
      isIn = !isIn
      if (isIn) ring.add(first)
      else ring.remove(first)
      return undefined
    }
  },
}

import { byKey, type Host, readHosts } from './host.ts'
import { createKeyHash, type Key } from './key-hash.ts'
import type { Uint64 } from './uint64.ts'

/**
 * All hosts in the order in which a key prefers them, by rendezvous hashing (Thaler and Ravishankar, Using Name-Based
 * Mappings to Increase Hit Rates, 1998): key and host are hashed together, and the highest score has it; for weights the
 * score is `-weight / ln(hash)` (Resch, New Hashing Algorithms for Data Storage, 2015). The second in the list is who
 * gets the key when the first is out.
 *
 * @param hosts in any order; a weight of 0 is left out
 * @param key a text or bytes, or a hash of 64 bits
 * @returns places in `hosts`, best first
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function rendezvousRank(hosts: readonly Host[], key: Key): number[] {
  const weights = readHosts('rendezvous', hosts)
  const hashOf = createKeyHash()
  const keyHash: Uint64 = { high: 0, low: 0 }
  const hostHash: Uint64 = { high: 0, low: 0 }
  hashOf(key, keyHash)
  return byKey(hosts)
    .filter((index) => weights[index]! > 0)
    .map((index) => {
      hashOf(hosts[index]!.key, hostHash)
      return { index, cost: costOf(meet(keyHash.high, keyHash.low, hostHash.high, hostHash.low), weights[index]!) }
    })
    .toSorted((a, b) => a.cost - b.cost)
    .map(({ index }) => index)
}

/**
 * Hashes a key and a host together, from the XXH64 of each: twice the finaliser of MurmurHash3, over the lower and then
 * over the upper halves. It runs once for each host in each pick, so it has 32 bits and no more.
 */
export function meet(keyHigh: number, keyLow: number, hostHigh: number, hostLow: number): number {
  return stir(stir(keyLow ^ hostLow) ^ keyHigh ^ hostHigh) >>> 0
}

/**
 * The lower, the better: one by the score of the paper, so `-ln(hash) / weight` with the hash between 0 and 1. These are
 * the first arrivals of Poisson processes with the weights as their rates, and each is first in proportion to its rate.
 */
export function costOf(hash: number, weight: number): number {
  return -Math.log((hash + 0.5) / 2 ** 32) / weight
}

function stir(value: number): number {
  let stirred = value
  stirred = Math.imul(stirred ^ (stirred >>> 16), 0x85ebca6b)
  stirred = Math.imul(stirred ^ (stirred >>> 13), 0xc2b2ae35)
  return stirred ^ (stirred >>> 16)
}

import { MAX_WEIGHT } from './defaults.ts'
import { misuse } from './errors.ts'

/** One of those that a table is made for. */
export interface Host {
  /** What its places come from, so what must stay the same for its keys to stay: `10.0.0.1:8080`. Not empty, and nobody else's. */
  readonly key: string
  /** Share relative to the others: 0 to 1,000,000, where 0 gets nothing. Default: 1 */
  readonly weight?: number | undefined
}

/** @returns the weight of each host; at least one is above 0 unless there are none */
export function readHosts(who: string, hosts: readonly Host[]): Float64Array {
  const keys = new Set<string>()
  const weights = new Float64Array(hosts.length)
  for (const [index, { key, weight = 1 }] of hosts.entries()) {
    if (typeof key !== 'string' || key === '')
      throw misuse(`${who}: host number ${index + 1} has no key: give it a text that stays the same`)
    if (keys.has(key)) throw misuse(`${who}: host "${key}" is there twice: keys must be unique`)
    if (typeof weight !== 'number' || !(weight >= 0 && weight <= MAX_WEIGHT)) {
      throw misuse(`${who}: host "${key}" has weight ${String(weight)}: write a number from 0 (gets nothing) to ${MAX_WEIGHT}`)
    }
    keys.add(key)
    weights[index] = weight
  }
  return weights
}

/** @returns the places of the hosts, from the smallest key to the largest: what comes of it does not depend on the order they were given in */
export function byKey(hosts: readonly Host[]): number[] {
  return hosts.map((_, index) => index).toSorted((a, b) => (hosts[a]!.key < hosts[b]!.key ? -1 : 1))
}

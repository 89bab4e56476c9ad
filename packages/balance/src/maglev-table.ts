import { keyedDefaults, MAX_MAGLEV_SIZE } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'
import { byKey, type Host, readHosts } from './host.ts'
import { isPrime } from './primes.ts'
import type { Uint64 } from './uint64.ts'
import { toUtf8 } from './utf8.ts'
import { writeXxh64 } from './xxh64.ts'

export interface MaglevTableOptions {
  /** Slots: a prime up to 5,000,011, better a hundred times as many as there are hosts. Default: 65,537 */
  readonly size?: number | undefined
}

/** A slot that nobody has taken yet. */
const FREE = 0xffff_ffff

/**
 * The table of Maglev (Eisenbud et al., Maglev: A Fast and Reliable Software Network Load Balancer, NSDI 2016, listing
 * 1), as Envoy fills it: each host has an order of preference of the slots, `offset + n * skip`, with
 * `offset = xxh64(key) % size` and `skip = xxh64(key, 1) % (size - 1) + 1`, and the hosts take turns, by their weights,
 * to take the first that is free. A key belongs to slot `hash % size`.
 *
 * @param hosts in any order: the table is filled in the order of their keys
 * @returns for each slot the place of its host in `hosts`
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`, also where the size is not prime or too small for a slot for each host
 */
export function maglevTable(hosts: readonly Host[], options: MaglevTableOptions = {}): Uint32Array {
  refuseUnknown('maglev table', options, ['size'])
  const size = readMaglevSize('maglev table', options)
  const weights = readHosts('maglev table', hosts)
  const order = byKey(hosts).filter((index) => weights[index]! > 0)
  if (order.length === 0) throw misuse('maglev table: there is no host with a weight above 0')
  const table = buildMaglevTable(
    order.map((index) => hosts[index]!),
    Float64Array.from(order, (index) => weights[index]!),
    size,
  )
  return table.map((place) => order[place]!)
}

/** The size, checked. */
export function readMaglevSize(who: string, { size = keyedDefaults.maglevSize }: MaglevTableOptions): number {
  if (isPrime(size) && size <= MAX_MAGLEV_SIZE) return size
  throw misuse(
    `${who}: size is ${String(size)}: write a prime up to ${MAX_MAGLEV_SIZE}, such as 65537, so that every host reaches every slot`,
  )
}

/**
 * @param hosts in the order of their keys
 * @param weights of the hosts, in their order: above 0
 */
export function buildMaglevTable(hosts: readonly { readonly key: string }[], weights: Float64Array, size: number): Uint32Array {
  if (hosts.length > size) {
    throw misuse(`maglev: ${hosts.length} hosts do not fit into a table of ${size}: write a prime a hundred times as large as their number`)
  }
  const table = new Uint32Array(size)
  if (hosts.length === 0) return table
  table.fill(FREE)
  const hash: Uint64 = { high: 0, low: 0 }
  const slots = new Uint32Array(hosts.length)
  const skips = new Uint32Array(hosts.length)
  for (const [index, { key }] of hosts.entries()) {
    const bytes = toUtf8(key)
    writeXxh64(bytes, bytes.length, 0, 0, hash)
    slots[index] = slotOf(hash.high, hash.low, size)
    writeXxh64(bytes, bytes.length, 0, 1, hash)
    // A table of 2 has one way to skip.
    skips[index] = slotOf(hash.high, hash.low, size - 1) + 1
  }

  // In Envoy's own order of steps, as they round.
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight) => weight / total)
  const most = shares.reduce((highest, share) => Math.max(highest, share), 0)
  const targets = new Float64Array(hosts.length)
  for (let taken = 0, turn = 1; taken < size; turn++) {
    for (let host = 0; host < hosts.length && taken < size; host++) {
      // The heaviest takes a slot in each turn, one of a third of its weight in every third.
      if (turn * shares[host]! < targets[host]!) continue
      targets[host]! += most
      const skip = skips[host]!
      let slot = slots[host]!
      while (table[slot] !== FREE) slot = next(slot, skip, size)
      table[slot] = host
      slots[host] = next(slot, skip, size)
      taken++
    }
  }
  return table
}

function next(slot: number, skip: number, size: number): number {
  const sum = slot + skip
  return sum >= size ? sum - size : sum
}

/** A 64-bit hash modulo a size of up to some five million, exact: every step stays below 2^53. */
export function slotOf(high: number, low: number, size: number): number {
  // 2^32 % size * (high % size) + low, reduced by a division that may be one off.
  const sum = ((high >>> 0) % size) * (2 ** 32 % size) + (low >>> 0)
  const rest = sum - Math.floor(sum / size) * size
  return rest < 0 ? rest + size : rest >= size ? rest - size : rest
}

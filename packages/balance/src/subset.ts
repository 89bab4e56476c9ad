import { misuse, refuseUnknown } from './errors.ts'
import { xxh64 } from './xxh64.ts'

export interface SubsetOptions {
  /** How many to take: a whole number from 1. */
  readonly size: number
  /** Who takes them: 64 bits, drawn once for each client, or made from its name by `xxh64`, so that it keeps its subset over a restart. */
  readonly seed: bigint
}

/**
 * A subset of the hosts for one of many clients, so that not every client keeps connections to every host: sorts them
 * by XXH64(key, seed) and takes the first (gRPC's proposal A68, random subsetting). Clients with different seeds share
 * the hosts evenly, and a host that comes or goes changes at most one place of a subset.
 *
 * @returns places in `hosts`, in the order of preference of this client; all of them where there are no more than `size`
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function subset(hosts: readonly { readonly key: string }[], options: SubsetOptions): number[] {
  refuseUnknown('subset', options, ['size', 'seed'])
  const { size, seed } = options
  if (!Number.isInteger(size) || size < 1) throw misuse(`subset: size is ${String(size)}: write a whole number from 1`)
  if (typeof seed !== 'bigint') throw misuse(`subset: seed is ${String(seed)}: write a bigint, such as xxh64('client-1')`)
  return hosts
    .map(({ key }, index) => ({ key, index, hash: xxh64(key, seed) }))
    .toSorted((a, b) => (a.hash < b.hash || (a.hash === b.hash && a.key < b.key) ? -1 : 1))
    .slice(0, size)
    .map(({ index }) => index)
}

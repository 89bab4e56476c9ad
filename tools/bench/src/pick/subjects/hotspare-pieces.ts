import { envoyRing, jumpHash, ringLookup } from '@hotspare/balance'
import { readyHashes, serverNames } from '../keys.ts'
import type { PickSubject } from '../subject.ts'

/** The functions that are exported for others to check: they take a bigint, and so cost more than what a pool uses. */
export const hotsparePieces: readonly PickSubject[] = [
  piece('ringLookup', 'the same ring, for people to look at: an object for each point, and bigints', (targets) => {
    const ring = envoyRing(serverNames(targets).map((key) => ({ key })))
    return (hash) => ringLookup(ring, hash)
  }),
  piece('jumpHash', 'jump, and takes a bigint apart', (targets) => (hash) => jumpHash(hash, targets)),
]

function piece(name: string, setup: string, make: (targets: number) => (hash: bigint) => number): PickSubject {
  return {
    name: `Hotspare ${name}`,
    kind: 'look-up',
    isPeer: false,
    setup,
    prepare(targets) {
      const lookUp = make(targets)
      const { high, low, mask } = readyHashes()
      const hashes = Array.from(high, (upper, place) => (BigInt(upper) << 32n) | BigInt(low[place] ?? 0))
      let count = 0
      let found = 0
      return () => {
        found ^= lookUp(hashes[count++ & mask] ?? 0n)
        return undefined
      }
    },
  }
}

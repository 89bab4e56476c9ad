import type { Algorithm, Candidate, Candidates, ChooseContext, Chooser } from './algorithm.ts'
import { allowed, firstAllowed } from './allowed.ts'
import { keyedDefaults } from './defaults.ts'
import { buildEnvoyRing, readRingSizes } from './envoy-ring.ts'
import { misuse, refuseUnknown } from './errors.ts'
import { findPoint, type HashRing, ringColumns, toRing } from './hash-ring.ts'
import { buildKetamaRing } from './ketama-ring.ts'
import { sortedMembers } from './members.ts'
import { rotatingHash } from './rotating-hash.ts'

export interface RingHashOptions {
  /** Whose points: `xxhash` as Envoy (64 bits), `ketama` as libketama (MD5, 32 bits). Default: xxhash */
  readonly function?: 'xxhash' | 'ketama' | undefined
  /** See {@link EnvoyRingOptions}; ketama has 160 points for each 1 of weight instead. Default: 1024 */
  readonly minimumRingSize?: number | undefined
  /** So many points at most. Default: 131,072 */
  readonly maximumRingSize?: number | undefined
}

/** So many points are passed before it is asked whether there is anybody to be found. */
const PATIENCE = 64

/**
 * A request goes to the first target clockwise from its key on a ring, where each target has points at places that come
 * from its id. When a target is out, each of its keys goes to the next one that is in, and all other keys stay.
 *
 * Ketama looks at the lower 32 bits of the hash: with `ketamaHash(key)` as the pool's key, a request goes where a
 * memcached client looks.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function ringHash(options: RingHashOptions = {}): Algorithm {
  refuseUnknown('ring hash', options, ['function', 'minimumRingSize', 'maximumRingSize'])
  const { function: hashFunction = 'xxhash' } = options
  const known: readonly string[] = ['xxhash', 'ketama']
  if (!known.includes(hashFunction)) throw misuse(`ring hash: function is "${hashFunction}": write one of ${known.join(', ')}`)
  const sizes = readRingSizes('ring hash', options, keyedDefaults.maximumRingSize)
  const is64 = hashFunction === 'xxhash'
  return {
    name: 'ring-hash',
    keyed: true,
    start(): Chooser {
      const nextHash = rotatingHash()
      let ring = toRing(ringColumns(0))
      return {
        prepare(members) {
          const { hosts, weights, indexes } = sortedMembers(members)
          ring = is64 ? buildEnvoyRing(hosts, weights, sizes) : buildKetamaRing(hosts, weights, sizes.maximumRingSize)
          const { owner } = ring
          for (let place = 0; place < owner.length; place++) owner[place] = indexes[owner[place]!]!
        },
        choose(candidates, context) {
          const hash = context.hash ?? nextHash()
          const start = is64 ? findPoint(ring, hash.high, hash.low) : findPoint(ring, hash.low, 0)
          return walk(ring, start, candidates, context)
        },
      }
    },
  }
}

/** Clockwise from a point to the first that may be chosen. */
function walk<Member extends Candidate>(
  { owner }: HashRing,
  start: number,
  candidates: Candidates<Member>,
  context: ChooseContext,
): Member | undefined {
  for (let step = 0, place = start; step < owner.length; step++, place++) {
    if (place === owner.length) place = 0
    const member = allowed(candidates, owner[place]!, context)
    if (member) return member
    if (step === PATIENCE && !firstAllowed(candidates, context)) return undefined
  }
  // Nobody who has a point, so perhaps one whose weight is too small for one.
  return firstAllowed(candidates, context)
}

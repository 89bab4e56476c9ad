import { consistentHashGet, consistentHashRebuild, consistentHashShort } from './subjects/consistent-hash.ts'
import { empty } from './subjects/empty.ts'
import { hashringCached, hashringFind, hashringGet, hashringRebuild } from './subjects/hashring.ts'
import { hotspareMaglevPick, hotspareRingPick } from './subjects/hotspare-keyed-picks.ts'
import { hotspareLeastRequest } from './subjects/hotspare-least-request.ts'
import { hotspareLookUps } from './subjects/hotspare-look-ups.ts'
import { hotsparePieces } from './subjects/hotspare-pieces.ts'
import { hotspareRebuilds } from './subjects/hotspare-rebuilds.ts'
import { hotspareRoundRobin } from './subjects/hotspare-round-robin.ts'
import { loadBalancersP2c } from './subjects/load-balancers.ts'
import { undiciBalancedPool } from './subjects/undici-balanced-pool.ts'
import type { PickSubject } from './subject.ts'

/** In the order of each round. */
export const subjects: readonly PickSubject[] = [
  hotspareRoundRobin,
  hotspareLeastRequest,
  loadBalancersP2c,
  undiciBalancedPool,
  hotspareRingPick,
  hotspareMaglevPick,
  hashringGet,
  hashringCached,
  consistentHashGet,
  ...hotspareLookUps,
  ...hotsparePieces,
  hashringFind,
  consistentHashShort,
  empty,
  ...hotspareRebuilds,
  hashringRebuild,
  consistentHashRebuild,
]

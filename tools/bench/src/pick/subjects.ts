import { empty } from './subjects/empty.ts'
import { hotspareLeastRequest } from './subjects/hotspare-least-request.ts'
import { hotspareRoundRobin } from './subjects/hotspare-round-robin.ts'
import { loadBalancersP2c } from './subjects/load-balancers.ts'
import { undiciBalancedPool } from './subjects/undici-balanced-pool.ts'
import type { PickSubject } from './subject.ts'

/** In the order of each round. */
export const subjects: readonly PickSubject[] = [hotspareRoundRobin, hotspareLeastRequest, loadBalancersP2c, undiciBalancedPool, empty]

/** Sizes of the pools. */
export const sizes: readonly number[] = [3, 10, 100, 1_000]

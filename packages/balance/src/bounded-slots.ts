import { MAX_WEIGHT } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'

export interface BoundedLoadSlotsOptions {
  /** Of the hosts that may be picked, in their order: above 0, whole numbers for whole slots. */
  readonly weights: readonly number[]
  /** Requests that all of them serve now, without the one to come. */
  readonly served: number
  /** A host may have so much of its fair share: from 100. */
  readonly factorPercent: number
}

/**
 * How many requests each host may have at once under consistent hashing with bounded loads (Mirrokni, Thorup and
 * Zadimoghaddam, 2016), with HAProxy's shares for weights (chash_server_is_eligible in src/lb_chash.c): of
 * `ceil((served + 1) * factorPercent / 100)` slots each host gets its part, whole and at least 1. A host takes one more
 * request only while it serves fewer than its slots.
 *
 * @returns slots for each host, in the order of `weights`
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function boundedLoadSlots(options: BoundedLoadSlotsOptions): number[] {
  refuseUnknown('bounded load', options, ['weights', 'served', 'factorPercent'])
  const { weights, served, factorPercent } = options
  for (const weight of weights) {
    if (!(weight > 0 && weight <= MAX_WEIGHT))
      throw misuse(`bounded load: weight is ${String(weight)}: write a number above 0 and up to ${MAX_WEIGHT}`)
  }
  if (!Number.isSafeInteger(served) || served < 0) throw misuse(`bounded load: served is ${String(served)}: write a whole number from 0`)
  checkFactor(factorPercent)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const slots = slotsToShare(served, factorPercent)
  let before = 0
  return weights.map((weight) => {
    const share = slotsBetween(before, weight, slots, total)
    before += weight
    return share
  })
}

export function checkFactor(factorPercent: number): void {
  if (typeof factorPercent === 'number' && factorPercent >= 100 && factorPercent <= 1_000_000) return
  throw misuse(`bounded load: factorPercent is ${String(factorPercent)}: write a number from 100 to 1000000; 125 to 200 is usual`)
}

/** All slots there are for the requests of now and one more. */
export function slotsToShare(served: number, factorPercent: number): number {
  return Math.ceil(((served + 1) * factorPercent) / 100)
}

/**
 * The slots of a host that comes after others of the weight `before`. HAProxy gives each host its weight times
 * `floor(slots / total)` and then a part of the rest; for whole weights that is the same number.
 */
export function slotsBetween(before: number, weight: number, slots: number, total: number): number {
  return Math.max(1, Math.floor(((before + weight) * slots) / total) - Math.floor((before * slots) / total))
}

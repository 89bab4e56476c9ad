import { MAX_WEIGHT } from './defaults.ts'
import { misuse } from './errors.ts'

/** Of a pool: which share of a tier's traffic each zone has, relative to the others: more than 0, up to 1,000,000. */
export type ZoneWeights = Readonly<Record<string, number>>

/** What a zone can carry beyond its own where the pool itself has no finite factor: as Envoy. */
const ZONE_OVERPROVISIONING = 1.4

/**
 * The weight of a zone within a tier, as Envoy has it for localities: a zone keeps its whole weight until so many of its
 * targets are missing that the overprovisioning is used up, and loses it evenly from there on.
 *
 * @param available how many of its targets can be picked
 * @param total how many it has
 */
export function zoneWeight(weight: number, available: number, total: number, overprovisioningFactor: number): number {
  if (total === 0) return 0
  const factor = Number.isFinite(overprovisioningFactor) ? overprovisioningFactor : ZONE_OVERPROVISIONING
  return weight * Math.min(1, (factor * available) / total)
}

/**
 * @returns the names of the zones, in the order in which they were given
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for weights out of range, and for targets whose zone has none
 */
export function readZones(weights: ZoneWeights | undefined, targets: readonly { id: string; zone?: string | undefined }[]): string[] {
  if (weights === undefined) return []
  if (typeof weights !== 'object' || weights === null) throw misuse('pool: zoneWeights are no object: write one like { fra: 2, ams: 1 }')
  for (const [zone, weight] of Object.entries(weights)) {
    if (typeof weight === 'number' && weight > 0 && weight <= MAX_WEIGHT) continue
    throw misuse(`pool: zone "${zone}" has weight ${String(weight)}: write a number above 0, up to ${MAX_WEIGHT}`)
  }
  for (const { id, zone } of targets) {
    if (zone !== undefined && Object.hasOwn(weights, zone)) continue
    throw misuse(`target "${id}" has ${zone === undefined ? 'no zone' : `zone "${zone}"`}: write one of zoneWeights, or leave those out`)
  }
  return Object.keys(weights)
}

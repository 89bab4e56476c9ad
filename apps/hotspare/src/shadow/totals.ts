import type { RouterTotals } from './report-types.ts'

/** Of a router that was never watched before. */
export const NO_TOTALS: RouterTotals = {
  adverts: 0,
  advertsLost: 0,
  advertsRefused: 0,
  takeovers: 0,
  incidents: 0,
  twoMastersMs: 0,
  twoHoldersMs: 0,
  outageMs: 0,
  probes: 0,
  probesFailed: 0,
}

/** What two runs have seen together. */
export function sumTotals(one: RouterTotals, other: RouterTotals): RouterTotals {
  return {
    adverts: one.adverts + other.adverts,
    advertsLost: one.advertsLost + other.advertsLost,
    advertsRefused: one.advertsRefused + other.advertsRefused,
    takeovers: one.takeovers + other.takeovers,
    incidents: one.incidents + other.incidents,
    twoMastersMs: Math.round(one.twoMastersMs + other.twoMastersMs),
    twoHoldersMs: Math.round(one.twoHoldersMs + other.twoHoldersMs),
    outageMs: Math.round(one.outageMs + other.outageMs),
    probes: one.probes + other.probes,
    probesFailed: one.probesFailed + other.probesFailed,
  }
}

import type { LeaseRecord } from '@hotspare/lease'

/** As long as names are in use: holder and revision with a random instance, eight letters for the lease. */
export function leaseName(lease: number): string {
  return `bench-${String(lease).padStart(2, '0')}`
}

/** The record of a renewal: as the one before but for its revision. */
export function benchRecord(renewal: number): LeaseRecord {
  return { holder: 'web-1', token: 1, ttlMs: 10_000, revision: `01234567-89ab-cdef.${renewal}` }
}

/** The same as text, for the peers: as many bytes as Hotspare's drivers write. */
export function recordText(renewal: number): string {
  return JSON.stringify(benchRecord(renewal))
}

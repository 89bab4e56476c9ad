import { HotspareError } from '@hotspare/core'
import type { LeaseRecord, LeaseRegister } from '@hotspare/lease'
import { benchRecord, leaseName } from './records.ts'
import type { OpenLeases } from './subject.ts'

/** Renews over a driver of Hotspare's, as a holder does: a compare-and-swap of the record that it wrote last. */
export async function registerLeases(register: LeaseRegister, leases: number): Promise<OpenLeases> {
  const held: LeaseRecord[] = []
  let renewal = 0
  const swap = async (lease: number, expected: LeaseRecord | null) => {
    renewal += 1
    const next = benchRecord(renewal)
    const { swapped } = await register.compareAndSwap(leaseName(lease), expected, next, { timeoutMs: 10_000 })
    if (!swapped)
      throw new HotspareError({ code: 'HOTSPARE_BENCH_LOST', message: `bench: ${register.description}: the renewal was not granted` })
    held[lease] = next
  }
  for (let lease = 0; lease < leases; lease++) await swap(lease, null)
  return { renew: (lease) => swap(lease, held[lease] ?? null) }
}

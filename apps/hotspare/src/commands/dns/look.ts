import { errorText } from '@hotspare/core'
import { formatSet, planRecords, type RecordPlan, sameValues } from '@hotspare/dns'
import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'

/** How a record of the file stands at its provider. */
export interface Looked {
  readonly record: ManagedRecord
  readonly plan: RecordPlan | { readonly kind: 'failed'; readonly because: string }
  /** What is there; undefined for nothing, and where it could not be read. */
  readonly there: string | undefined
  /** Whether it is one of the values that it may have. */
  readonly isOurs: boolean
}

/** Asks the provider. Never rejects: what cannot be read is a failed plan. */
export async function look(record: ManagedRecord, zones: Zones, signal: AbortSignal): Promise<Looked> {
  const { usual, others } = record
  try {
    const provider = zones.zone(record.account, record.zone)
    const { set } = await provider.read(usual, { signal })
    const isOurs = set !== undefined && [usual, ...others].some((each) => sameValues(each, set))
    const made = planRecords({
      desired: [usual],
      actual: [{ name: usual.name, type: usual.type, set }],
      capabilities: provider.capabilities,
    })
    return { record, plan: made, there: set && formatSet(set), isOurs }
  } catch (error) {
    return { record, plan: { kind: 'failed', because: errorText(error) }, there: undefined, isOurs: false }
  }
}

/** `www.example.com A` */
export function nameOf({ usual: { name, type } }: Pick<ManagedRecord, 'usual'>): string {
  return `${name} ${type}`
}

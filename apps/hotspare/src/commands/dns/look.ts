import { errorText } from '@hotspare/core'
import { formatSet, planRecords, type RecordPlan, type RecordSet, sameValues } from '@hotspare/dns'
import type { ManagedRecord } from '../../dns/managed-records.ts'
import type { Zones } from '../../dns/zones.ts'

/** What a server says to a wrong key, to a wrong clock and to a strange zone is much the same. */
export const WHO_TELLS_WHY = 'hotspare dns doctor looks for the reason'

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
  const { usual } = record
  try {
    const provider = zones.zone(record.account, record.zone)
    const { set } = await provider.read(usual, { signal })
    const isOurs = set !== undefined && mayHold(record, set)
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

/** With a target down, or another member active, a record differs from what it usually holds, and all is well with it. */
function mayHold({ usual, others, anyOf }: ManagedRecord, set: RecordSet): boolean {
  if ([usual, ...others].some((each) => sameValues(each, set))) return true
  return set.values.length > 0 && set.values.every((value) => anyOf.includes(value))
}

/** `www.example.com A` */
export function nameOf({ usual: { name, type } }: Pick<ManagedRecord, 'usual'>): string {
  return `${name} ${type}`
}

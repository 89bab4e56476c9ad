import { ownerName, readOwner } from '../owner.ts'
import type { CallOptions, DnsProvider, Reading } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { RecordFacts } from './judge.ts'

/** What was read of a record, and of who has claimed it. */
export interface RecordReadings {
  readonly record: Reading
  readonly owner: Reading
}

/**
 * One look at both. Where they do not change in one step, the claim is read last: whoever has taken it over since changes the record
 * after that, which a change of ours finds out.
 *
 * @throws what the provider throws
 */
export async function readRecord(provider: DnsProvider, { name, type }: RecordSetName, options: CallOptions): Promise<RecordReadings> {
  const reading = provider.read({ name, type }, options)
  if (!provider.capabilities.atomicBatch) await reading
  const [record, owner] = await Promise.all([reading, provider.read({ name: ownerName(name), type: 'TXT' }, options)])
  return { record, owner }
}

export function factsOf({ record, owner }: RecordReadings): RecordFacts {
  return { set: record.set, owner: readOwner(owner.set) }
}

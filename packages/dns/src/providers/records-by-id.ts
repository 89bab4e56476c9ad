import type { RecordSet } from '../record-set.ts'

/** A record at a provider that has a number for each one, and no sets. */
export interface KeptRecord {
  readonly id: string
  /** Canonical. */
  readonly value: string
  readonly ttlSeconds: number
}

/** A record that is to be made; the provider gives it its number. */
export type NewRecord = Omit<KeptRecord, 'id'>

/** What makes the records of a name and type into a set. */
export interface RecordChanges {
  readonly updates: readonly KeptRecord[]
  readonly creates: readonly NewRecord[]
  /** Numbers. */
  readonly deletes: readonly string[]
}

/**
 * What has to be done, and no more: records whose value stays keep their number, others are rewritten before any is made or taken
 * away, so that names are never without records and no value is there twice.
 */
export function recordChanges(kept: readonly KeptRecord[], next: RecordSet | undefined): RecordChanges {
  if (!next) return { updates: [], creates: [], deletes: kept.map(({ id }) => id) }
  const { ttlSeconds } = next
  const missing = new Set(next.values)
  const updates: KeptRecord[] = []
  const surplus: KeptRecord[] = []
  for (const record of kept) {
    if (!missing.delete(record.value)) surplus.push(record)
    else if (record.ttlSeconds !== ttlSeconds) updates.push({ ...record, ttlSeconds })
  }
  const creates: NewRecord[] = []
  for (const value of missing) {
    const free = surplus.shift()
    if (free) updates.push({ id: free.id, value, ttlSeconds })
    else creates.push({ value, ttlSeconds })
  }
  return { updates, creates, deletes: surplus.map(({ id }) => id) }
}

/**
 * Several records as a set. Where their TTLs differ it is the longest, since resolvers may keep what was answered for so long: then
 * a shorter one that is asked for is a change. RFC 2181, 5.2.
 */
export function setOf(records: readonly KeptRecord[]): { readonly ttlSeconds: number; readonly values: readonly string[] } | undefined {
  if (records.length === 0) return undefined
  return { ttlSeconds: Math.max(...records.map(({ ttlSeconds }) => ttlSeconds)), values: records.map(({ value }) => value) }
}

/** The types of record that follow or answer. */
export const recordTypes = ['A', 'AAAA', 'CNAME', 'ALIAS', 'TXT', 'SRV', 'HTTPS'] as const

export type RecordType = (typeof recordTypes)[number]

/** RFC 2181, 8. */
export const LONGEST_TTL_SECONDS = 2_147_483_647

/** A set of records: everything that one name has of one type. RFC 2181, 5. */
export interface RecordSet extends RecordSetName {
  /** How long resolvers may keep it, in seconds. */
  readonly ttlSeconds: number
  /** As {@link canonicalValue} writes them, without twins, sorted. At least one. */
  readonly values: readonly string[]
}

/** What names a set. */
export interface RecordSetName {
  /** Absolute, in lower case, without a dot at its end: `www.example.com`. */
  readonly name: string
  readonly type: RecordType
}

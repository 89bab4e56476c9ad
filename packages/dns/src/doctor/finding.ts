/** `error`: a failover would not work, or not reach everybody; `warning`: it would be slower or frailer than it could be; `info`: good to know. */
export type Severity = 'error' | 'warning' | 'info'

/** What the doctor can find. Stable, to be matched by code. */
export type FindingCode =
  // The name servers
  | 'servers-unknown'
  | 'server-unreachable'
  | 'server-unreachable-from-here'
  | 'server-lame'
  | 'server-behind'
  | 'delegation-differs'
  // The times
  | 'ttl-below-floor'
  | 'ttl-no-step'
  | 'ttl-differs'
  | 'negative-ttl-longer'
  | 'failover-time'
  // The names
  | 'set-inexpressible'
  | 'alias-in-the-way'
  | 'alias-beside-records'
  | 'family-unmanaged'
  | 'ipv6-missing'
  // DNSSEC
  | 'zone-signed'
  | 'signature-missing'
  | 'signature-expired'
  | 'signature-ttl-differs'
  // Signed updates
  | 'update-unreachable'
  | 'update-refused'
  | 'update-refused-unsigned'
  | 'update-answer-unsigned'
  | 'update-not-authoritative'
  | 'tsig-key-unknown'
  | 'tsig-signature-wrong'
  | 'tsig-clock-skew'
  | 'tsig-truncated'
  // The probe that is written
  | 'probe-name-taken'
  | 'probe-refused'
  | 'probe-hidden'
  | 'probe-not-served'
  | 'probe-left'
  | 'serial-stands-still'

/** One thing that was found. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** What it is about: a server, a name, a zone. */
  readonly where: string
  /** What was seen. */
  readonly what: string
  /** What to do about it. */
  readonly fix: string
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

/** The worst first; otherwise as they came. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => ORDER[one.severity] - ORDER[other.severity])
}

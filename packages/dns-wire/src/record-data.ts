/** The data of a record of each type that is taken apart; everything else is {@link OpaqueData}. */
export type RecordData =
  | AddressData
  | TargetData
  | SoaData
  | MxData
  | TxtData
  | SrvData
  | CaaData
  | DsData
  | DnskeyData
  | RrsigData
  | ServiceData
  | OpaqueData

/** RFC 1035, 3.4.1; RFC 3596. */
export interface AddressData {
  readonly kind: 'A' | 'AAAA'
  /** `192.0.2.1`; IPv6 in the short form of RFC 5952. */
  readonly address: string
}

/** RFC 1035, 3.3; RFC 6672. */
export interface TargetData {
  readonly kind: 'CNAME' | 'DNAME' | 'NS' | 'PTR'
  readonly target: string
}

/** RFC 1035, 3.3.13. */
export interface SoaData {
  readonly kind: 'SOA'
  readonly primary: string
  /** The mailbox of whoever answers for the zone, as a name. */
  readonly mailbox: string
  /** In the circle of RFC 1982. */
  readonly serial: number
  readonly refreshSeconds: number
  readonly retrySeconds: number
  readonly expireSeconds: number
  /** How long resolvers may remember that something is not there (RFC 2308). */
  readonly minimumSeconds: number
}

/** RFC 1035, 3.3.9. */
export interface MxData {
  readonly kind: 'MX'
  readonly preference: number
  readonly exchange: string
}

/** RFC 1035, 3.3.14. */
export interface TxtData {
  readonly kind: 'TXT'
  /** Pieces of up to 255 bytes, at least one. */
  readonly strings: readonly Uint8Array[]
}

/** RFC 2782. */
export interface SrvData {
  readonly kind: 'SRV'
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

/** RFC 8659. */
export interface CaaData {
  readonly kind: 'CAA'
  readonly flags: number
  /** In lower case. */
  readonly tag: string
  readonly value: Uint8Array
}

/** RFC 4034, 5. */
export interface DsData {
  readonly kind: 'DS'
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  readonly digest: Uint8Array
}

/** RFC 4034, 2. */
export interface DnskeyData {
  readonly kind: 'DNSKEY'
  readonly flags: number
  readonly protocol: number
  readonly algorithm: number
  readonly publicKey: Uint8Array
}

/** RFC 4034, 3. */
export interface RrsigData {
  readonly kind: 'RRSIG'
  readonly covers: string
  readonly algorithm: number
  readonly labels: number
  readonly originalTtlSeconds: number
  /** Seconds since 1970, in the circle of RFC 1982; so is `fromSeconds`. */
  readonly untilSeconds: number
  readonly fromSeconds: number
  readonly keyTag: number
  readonly signer: string
  readonly signature: Uint8Array
}

/** RFC 9460. */
export interface ServiceData {
  readonly kind: 'HTTPS' | 'SVCB'
  /** 0: an alias. */
  readonly priority: number
  /** A dot: the owner itself. */
  readonly target: string
  /** Sorted by their numbers, each once. */
  readonly parameters: readonly ServiceParameter[]
}

export interface ServiceParameter {
  /** `alpn`, `port`; `key667` for one without a name. */
  readonly key: string
  /** As it is on the wire. */
  readonly value: Uint8Array
}

/** Bytes as they stand in the message (RFC 3597). */
export interface OpaqueData {
  readonly kind: 'opaque'
  readonly bytes: Uint8Array
}

import type { RecordData } from './record-data.ts'

/**
 * A DNS message (RFC 1035, 4). What the registries give a name is called by it: types (`A`, `TYPE65280`), classes (`IN`, `ANY`),
 * operations (`QUERY`, `UPDATE`), rcodes (`NXDOMAIN`, `RCODE3841`).
 *
 * Names are absolute, in lower case, without a dot at their end; the root is a dot. A dot, a backslash, a blank and what is no
 * printable ASCII within a label are written as `\DDD` (RFC 1035, 5.1).
 */
export interface Message {
  /** 0 to 65,535. */
  readonly id: number
  readonly flags: Flags
  /** With the upper bits that EDNS keeps. */
  readonly rcode: string
  readonly questions: readonly Question[]
  readonly answers: readonly WireRecord[]
  readonly authorities: readonly WireRecord[]
  /** Without OPT and TSIG, which stand in fields of their own. */
  readonly additionals: readonly WireRecord[]
  readonly edns?: Edns | undefined
  /** The signature as it stands there; `verifyMessage` says what it is worth. */
  readonly tsig?: TsigRecord | undefined
}

export interface Flags {
  /** QR */
  readonly response: boolean
  readonly opcode: string
  /** AA */
  readonly authoritative: boolean
  /** TC */
  readonly truncated: boolean
  /** RD */
  readonly recursionDesired: boolean
  /** RA */
  readonly recursionAvailable: boolean
  /** AD */
  readonly authenticData: boolean
  /** CD */
  readonly checkingDisabled: boolean
}

/** The flags of a plain question; others are made of it: `{ ...noFlags, recursionDesired: true }`. */
export const noFlags: Flags = Object.freeze({
  response: false,
  opcode: 'QUERY',
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
})

export interface Question {
  readonly name: string
  readonly type: string
  readonly class: string
}

/** One record: of the type, and of one class. */
export interface WireRecord extends Question {
  /** Whole seconds; more than 2,147,483,647 (RFC 2181, 8) is handed on as it stands. */
  readonly ttlSeconds: number
  /** Its `kind` is the type, or `opaque`. */
  readonly data: RecordData
}

/** RFC 6891. */
export interface Edns {
  /** The largest datagram that the sender takes. */
  readonly udpPayloadBytes: number
  readonly version: number
  /** DO: records of DNSSEC are welcome (RFC 3225). */
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
}

export interface EdnsOption {
  readonly code: number
  readonly bytes: Uint8Array
}

/** A signature as a record (RFC 8945, 4.2). */
export interface TsigRecord {
  /** The name of the key. */
  readonly name: string
  /** The name of the algorithm. */
  readonly algorithm: string
  /** Seconds since 1970. */
  readonly atSeconds: number
  readonly fudgeSeconds: number
  readonly mac: Uint8Array
  readonly originalId: number
  /** `NOERROR`, `BADSIG`, `BADKEY`, `BADTIME`, `BADTRUNC`, or `RCODE` and its number. */
  readonly error: string
  readonly other: Uint8Array
}

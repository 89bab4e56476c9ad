import { assertNever, clipDetail, HotspareError, type HotspareErrorOptions } from '@hotspare/core'

/** Bytes that are no DNS message. What is wrong is one of our own texts: nothing of the message stands in it. */
export class DnsParseError extends HotspareError {
  constructor(why: string) {
    super({ code: 'HOTSPARE_DNS_WIRE_PARSE', message: `dns message: ${why}` })
  }
}

/** A text or a message that cannot be written as DNS has it. */
export class DnsValueError extends HotspareError {
  constructor(why: string) {
    super({ code: 'HOTSPARE_DNS_WIRE_VALUE', message: clipDetail(`dns: ${why}`) })
  }
}

/** Why a call of the client has failed. */
export type DnsClientFault = 'UNREACHABLE' | 'NO_ANSWER' | 'ANSWER' | 'SIGNATURE' | 'CLOSED'

export interface DnsClientErrorOptions {
  readonly fault: DnsClientFault
  /** For people: `dns 192.0.2.53:53`. */
  readonly who: string
  readonly why: string
  readonly rcode?: string | undefined
  readonly tsigError?: string | undefined
  readonly cause?: unknown
}

/** A call of the client that has brought no usable answer; its code is `HOTSPARE_DNS_WIRE_` and the fault. */
export class DnsClientError extends HotspareError {
  readonly fault: DnsClientFault
  /** What the answer said that was not believed. */
  readonly rcode: string | undefined
  /** What it said of our signature. */
  readonly tsigError: string | undefined

  constructor({ fault, who, why, rcode, tsigError, cause }: DnsClientErrorOptions) {
    super({ ...detailsOf(fault, clipDetail(`${who}: ${why}`)), cause })
    this.fault = fault
    this.rcode = rcode
    this.tsigError = tsigError
  }
}

function detailsOf(fault: DnsClientFault, message: string): HotspareErrorOptions {
  switch (fault) {
    case 'UNREACHABLE':
      return { code: 'HOTSPARE_DNS_WIRE_UNREACHABLE', message, retryable: true }
    case 'NO_ANSWER':
      return { code: 'HOTSPARE_DNS_WIRE_NO_ANSWER', message, retryable: true }
    case 'ANSWER':
      return { code: 'HOTSPARE_DNS_WIRE_ANSWER', message, retryable: true }
    case 'SIGNATURE':
      return { code: 'HOTSPARE_DNS_WIRE_SIGNATURE', message, retryable: false }
    case 'CLOSED':
      return { code: 'HOTSPARE_DNS_WIRE_CLOSED', message, retryable: false }
    default:
      return assertNever(fault)
  }
}

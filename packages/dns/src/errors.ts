import { HotspareError } from '@hotspare/core'

export interface DnsErrorOptions {
  /** Whether the same may succeed later without a change by people. Default: false */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
}

/** An error of this package, to throw: `who: what failed: hint`, without secrets. */
export function dnsError(code: `HOTSPARE_DNS_${string}`, message: string, options: DnsErrorOptions = {}): HotspareError {
  return new HotspareError({ code, message, ...options })
}

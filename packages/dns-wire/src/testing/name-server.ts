import type { TsigKey } from '../tsig/algorithms.ts'

/** A zone of a name server that a test starts. */
export interface TestZone {
  /** `example.test` */
  readonly name: string
  /** Lines of a zone file beside SOA, NS and the address of `ns1`: `www 30 IN A 192.0.2.1`. Default: none */
  readonly records?: readonly string[] | undefined
  /** Of the SOA. Default: 1 */
  readonly serial?: number | undefined
  /** The last number of the SOA: how long it may be remembered that something is not there, in seconds. Default: 60 */
  readonly minimumSeconds?: number | undefined
  /** Follows this primary; then it has no records of its own. BIND and Knot. Default: it is the primary */
  readonly primary?: TestAddress | undefined
  /** Who is told of changes. BIND and Knot. Default: nobody */
  readonly notify?: readonly TestAddress[] | undefined
}

export interface TestAddress {
  readonly address: string
  readonly port: number
}

export interface TestServerOptions {
  readonly zones: readonly TestZone[]
  /** Who signs with one of these may change and transfer every zone. Default: none */
  readonly keys?: readonly TsigKey[] | undefined
  /** Whether updates need no signature. Default: false */
  readonly unsignedUpdates?: boolean | undefined
  /** From a change to telling others of it, in seconds; BIND alone. Default: its own, 5 */
  readonly notifyDelaySeconds?: number | undefined
}

/** A name server on 127.0.0.1, on one port for UDP and TCP, in a temporary folder. */
export interface TestServer extends TestAddress, AsyncDisposable {
  readonly pid: number
  /** The end of what it has written. */
  log(): string
  /** Kills it, and removes its folder. Idempotent. */
  stop(): Promise<void>
}

/** @returns the zone as a file */
export function zoneFile({ name, records = [], serial = 1, minimumSeconds = 60 }: TestZone): string {
  const lines = [
    `$ORIGIN ${name}.`,
    '$TTL 300',
    `@ IN SOA ns1 admin ${serial} 3600 600 86400 ${minimumSeconds}`,
    '@ IN NS ns1',
    'ns1 IN A 127.0.0.1',
    ...records,
  ]
  return `${lines.join('\n')}\n`
}

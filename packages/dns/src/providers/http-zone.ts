import { CallBudget, type CloudCredentials, CloudHttp, type CloudHttpOptions, type CloudWays, type LimitRefill } from '@hotspare/cloud'
import { HotspareError } from '@hotspare/core'
import type { ResolvedZoneProviderOptions } from '../options.ts'
import type { DnsCapabilities, DnsProvider, Reading } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { type ZoneDriver, zoneProvider } from '../zone-provider.ts'

export interface HttpZoneParts {
  /** `cloudflare zone example.com` */
  readonly id: string
  readonly capabilities: DnsCapabilities
  readonly options: ResolvedZoneProviderOptions
  /** By a way out where they are granted by somebody. */
  readonly credentials: CloudCredentials | ((ways: CloudWays) => CloudCredentials)
  /** Whether an answer says that the credentials are no longer good. Default: its status is 401 */
  readonly areStale?: CloudHttpOptions['areStale']
  /** How the limits of this API come back. Default: all of it at its reset */
  readonly refill?: LimitRefill | undefined
  readonly drive: (http: CloudHttp) => Pick<ZoneDriver, 'read' | 'change'>
}

/** A zone behind an HTTP API: its calls, its budget and its limits are one thing. */
export function httpZone({ id, capabilities, options, credentials: given, areStale, refill, drive }: HttpZoneParts): DnsProvider {
  const { zone, endpoint, dispatcher, clock, callMs } = options
  const { perSecond, burst } = capabilities.rate
  const budget = new CallBudget({ perSecond, burst, clock })
  const credentials = typeof given === 'function' ? given : () => given
  const http = new CloudHttp({ who: id, endpoint, credentials, areStale, budget, refill, dispatcher, clock })
  const driver = drive(http)
  return zoneProvider({
    id,
    zone,
    capabilities,
    clock,
    callMs,
    budget,
    read: (question, call) => driver.read(question, call),
    change: (replacements, call) => driver.change(replacements, call),
    close: () => http.close(),
  })
}

/** What an answer has of a set, which is nothing as well. @throws CloudError `unavailable` for values that are none */
export function readingOf(
  http: CloudHttp,
  { name, type }: RecordSetName,
  found: { readonly ttlSeconds: number; readonly values: readonly string[] } | undefined,
): Reading {
  return { name, type, set: found && understood(http, () => recordSet({ name, type, ...found })) }
}

/** What is read out of an answer: where a value in it is none, the answer is none. @throws CloudError `unavailable` */
export function understood<T>(http: CloudHttp, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!HotspareError.is(error) || error.code !== 'HOTSPARE_DNS_VALUE') throw error
    throw http.unusable(`the answer cannot be understood: ${error.message}`)
  }
}

import { clockPart, dispatcherPart, urlPart } from '@hotspare/cloud'
import { type Clock, optionsError } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import type { z } from 'zod'
import { durationPart, namePart } from './schema-parts.ts'

/** What every zone at a provider takes besides the provider's own options. */
export interface ZoneProviderOptions {
  /** `example.com` */
  readonly zone: string
  /** Where the API is reached, as an origin with or without a path. Default: the provider's own */
  readonly endpoint?: string | undefined
  /** undici's way out, for proxies; it stays the caller's. Default: one of our own */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** How long a reading or a change may take as a whole, in milliseconds. Default: 10,000 */
  readonly callMs?: number | undefined
}

/** {@link ZoneProviderOptions}, checked and complete. */
export interface ResolvedZoneProviderOptions {
  readonly zone: string
  readonly endpoint: string
  readonly dispatcher: Dispatcher | undefined
  readonly clock: Clock
  readonly callMs: number
}

/**
 * Parses options once, in the factory.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function parseOptions<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_DNS_OPTIONS', who, issues: parsed.error.issues })
}

export interface ZoneProviderParts {
  readonly zone: z.ZodType<string, string>
  readonly endpoint: z.ZodDefault<z.ZodType<string, string>>
  readonly dispatcher: z.ZodType<Dispatcher | undefined, Dispatcher | undefined>
  readonly clock: z.ZodDefault<z.ZodType<Clock, Clock>>
  readonly callMs: z.ZodDefault<z.ZodNumber>
}

/** APIs answer within a second or two, and a change may be three calls; one that takes longer has lost the question. */
const CALL_MS = 10_000

/** The keys of {@link ZoneProviderOptions}. */
export function zoneProviderParts(defaultEndpoint: string, callMs: number = CALL_MS): ZoneProviderParts {
  return {
    zone: namePart,
    endpoint: urlPart.default(defaultEndpoint),
    dispatcher: dispatcherPart,
    clock: clockPart,
    callMs: durationPart().default(callMs),
  }
}

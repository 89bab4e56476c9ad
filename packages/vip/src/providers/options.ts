import { clockPart, dispatcherPart, urlPart } from '@hotspare/cloud'
import type { Clock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { parseVirtualAddress } from '../address.ts'
import { parseOptions } from '../parse-options.ts'

/** What every provider of an address takes besides its own options. */
export interface ProviderOptions {
  /** Where the API is reached, as an origin with or without a path. Default: the provider's own */
  readonly endpoint?: string | undefined
  /** undici's way out, for proxies; it stays the caller's. Default: one of our own */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/** {@link ProviderOptions}, checked and complete. */
export interface ResolvedProviderOptions {
  readonly endpoint: string
  readonly dispatcher: Dispatcher | undefined
  readonly clock: Clock
}

/** One IP address without a prefix, in its usual form. */
export const addressPart: z.ZodType<string, string> = bareAddress([4, 6], '10.0.0.100 or fd00::100')

export const ipv4Part: z.ZodType<string, string> = bareAddress([4], '10.0.0.100')

export interface ProviderParts {
  readonly endpoint: z.ZodDefault<z.ZodType<string, string>>
  readonly dispatcher: z.ZodType<Dispatcher | undefined, Dispatcher | undefined>
  readonly clock: z.ZodDefault<z.ZodType<Clock, Clock>>
}

/** The keys of {@link ProviderOptions}. */
export function providerParts(endpoint: string): ProviderParts {
  return {
    endpoint: urlPart.default(endpoint),
    dispatcher: dispatcherPart,
    clock: clockPart,
  }
}

/** @throws HotspareError `HOTSPARE_VIP_OPTIONS` */
export function parseProvider<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  return parseOptions(who, schema, options)
}

function bareAddress(families: readonly number[], example: string): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const address = text.includes('/') ? undefined : parseVirtualAddress(text)
    if (address && families.includes(address.family)) return address.text
    context.addIssue({ code: 'custom', message: `expected one IP address, like ${example}` })
    return z.NEVER
  })
}

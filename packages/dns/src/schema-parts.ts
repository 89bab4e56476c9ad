import { type Logger, LONGEST_DELAY_MS, type Random, silentLogger, systemRandom } from '@hotspare/core'
import { tsigAlgorithms, type TsigAlgorithm, type TsigKey } from '@hotspare/dns-wire'
import { z } from 'zod'
import { readName } from './name.ts'
import type { DnsProvider } from './provider.ts'
import { LONGEST_TTL_SECONDS } from './record-set.ts'

/** A name of DNS, as {@link canonicalName} writes it. */
export const namePart: z.ZodType<string, string> = z.string().transform((text, context) => {
  const name = readName(text)
  if (name !== undefined) return name
  context.addIssue({ code: 'custom', message: 'expected a name of DNS, like www.example.com' })
  return z.NEVER
})

/** A time in milliseconds that a timer can keep. */
export function durationPart(leastMs = 1): z.ZodNumber {
  return z.number().min(leastMs).max(LONGEST_DELAY_MS)
}

/** How long resolvers may keep something, in seconds. */
export const ttlPart: z.ZodNumber = z.number().int().min(0).max(LONGEST_TTL_SECONDS)

/** What is injected is looked at no closer than whether it can be called. */
export const providerPart: z.ZodType<DnsProvider, DnsProvider> = z.custom<DnsProvider>(
  (value) => hasMethod(value, 'change'),
  'expected a provider',
)

export const randomPart: z.ZodDefault<z.ZodType<Random, Random>> = z
  .custom<Random>((value) => hasMethod(value, 'next'), 'expected a Random')
  .default(systemRandom)

export const loggerPart: z.ZodDefault<z.ZodType<Logger, Logger>> = z
  .custom<Logger>((value) => hasMethod(value, 'error'), 'expected a Logger')
  .default(silentLogger)

export function functionPart<Given>(): z.ZodType<Given, Given> {
  return z.custom<Given>((value) => typeof value === 'function', 'expected a function')
}

/** A key for signed updates. */
export const tsigKeyPart: z.ZodType<TsigKey, TsigKey> = z.strictObject({
  name: namePart,
  algorithm: z.custom<TsigAlgorithm>(
    (value) => typeof value === 'string' && Object.hasOwn(tsigAlgorithms, value),
    `expected one of ${Object.keys(tsigAlgorithms).join(', ')}`,
  ),
  secret: z.base64().min(1),
})

function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}

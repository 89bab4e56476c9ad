import { isIP } from 'node:net'
import { type Clock, errorText, LONGEST_DELAY_MS, optionsError, type Random, systemClock } from '@hotspare/core'
import { z } from 'zod'
import type { DnsClientOptions, ServerAddress } from './contract.ts'
import { type TsigAlgorithm, tsigAlgorithms, type TsigKey } from '../tsig/algorithms.ts'
import { usableKey } from '../tsig/key.ts'
import { clientDefaults } from './defaults.ts'

/** {@link DnsClientOptions}, checked and complete. */
export interface ResolvedDnsClientOptions {
  readonly server: { readonly address: string; readonly port: number }
  readonly key?: TsigKey | undefined
  readonly timeoutMs: number
  readonly attempts: number
  readonly clock: Clock
  readonly random?: Random | undefined
}

const algorithmNames = Object.keys(tsigAlgorithms)

const addressSchema = z.string().refine((text) => isIP(text) !== 0, 'expected an IPv4 or IPv6 address; names are not looked up')

const serverSchema = z.union([
  addressSchema.transform((address): ServerAddress => ({ address })),
  // What else it knows of itself does no harm: a server that a test has started is given as it is.
  z.object({ address: addressSchema, port: z.int().min(1).max(65_535).optional() }),
])

const keySchema = z
  .strictObject({
    name: z.string(),
    algorithm: z.custom<TsigAlgorithm>(
      (value) => algorithmNames.some((name) => name === value),
      `expected one of ${algorithmNames.join(', ')}`,
    ),
    secret: z.string(),
  })
  .superRefine((key, context) => {
    try {
      usableKey(key)
    } catch (error) {
      context.addIssue({ code: 'custom', message: errorText(error) })
    }
  })

const dnsClientOptionsSchema: z.ZodType<ResolvedDnsClientOptions, DnsClientOptions> = z.strictObject({
  server: serverSchema.transform(({ address, port = clientDefaults.port }) => ({ address, port })),
  key: keySchema.optional(),
  timeoutMs: z.number().positive().max(LONGEST_DELAY_MS).default(clientDefaults.timeoutMs),
  attempts: z.int().min(1).max(10).default(clientDefaults.attempts),
  clock: z.custom<Clock>((value) => typeof Reflect.get(Object(value), 'schedule') === 'function', 'expected a Clock').default(systemClock),
  random: z.custom<Random>((value) => typeof Reflect.get(Object(value), 'next') === 'function', 'expected a Random').optional(),
})

/** @throws HotspareError `HOTSPARE_DNS_WIRE_OPTIONS` */
export function resolveOptions(options: DnsClientOptions): ResolvedDnsClientOptions {
  const parsed = dnsClientOptionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_DNS_WIRE_OPTIONS', who: 'dns client', issues: parsed.error.issues })
}

import { type Clock, LONGEST_DELAY_MS, type Logger } from '@hotspare/core'
import { z } from 'zod'
import { witnessDefaults } from '../defaults.ts'
import { clockPart, loggerPart, refuseUnreadable } from '../schema-parts.ts'
import { type WitnessSecret, witnessSecretSchema } from './secret.ts'

export interface WitnessTlsOptions {
  /** PEM. */
  readonly key: string
  /** PEM, with the intermediate certificates. */
  readonly cert: string
  /** PEM: clients must show a certificate that one of these has signed. Default: none is asked for */
  readonly clientCa?: string | undefined
}

export interface WitnessOptions {
  readonly listen: {
    /** Default: 127.0.0.1 */
    readonly host?: string | undefined
    /** 0 takes a free one. */
    readonly port: number
  }
  /** Where the records are kept; `<file>.tmp` and `<file>.lock` come to stand beside it. Its folder must be there. */
  readonly file: string
  /** One; or two with different ids while a secret is being replaced. */
  readonly secrets: readonly WitnessSecret[]
  /** The most leases that are kept; none is ever deleted. Default: 1,000 */
  readonly maxLeases?: number | undefined
  /** Open connections, idle ones included. Default: 256 */
  readonly maxConnections?: number | undefined
  /** Until a request has come whole, from its first byte or the opening of the connection. Default: 5,000 */
  readonly requestTimeoutMs?: number | undefined
  /** How long a swap may wait for the disk. Default: 5,000 */
  readonly writeTimeoutMs?: number | undefined
  /** Default: plain HTTP; answers and requests are signed all the same, and can be read on the way. */
  readonly tls?: WitnessTlsOptions | undefined
  readonly logger?: Logger | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedWitnessOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly file: string
  readonly secrets: readonly WitnessSecret[]
  readonly maxLeases: number
  readonly maxConnections: number
  readonly requestTimeoutMs: number
  readonly writeTimeoutMs: number
  readonly tls?: WitnessTlsOptions | undefined
  readonly logger: Logger
  readonly clock: Clock
}

/** With the longest names, the file is then at most 5 MB, and is written with each swap. */
const MOST_LEASES = 10_000

const pem = z.string().min(1)
const milliseconds = z.int().min(1).max(LONGEST_DELAY_MS)

const tlsPart: z.ZodType<WitnessTlsOptions, WitnessTlsOptions> = z
  .strictObject({ key: pem, cert: pem, clientCa: pem.optional() })
  .superRefine(({ key, cert, clientCa: ca }, context) => refuseUnreadable({ key, cert, ca }, context))

export const witnessOptionsSchema: z.ZodType<ResolvedWitnessOptions, WitnessOptions> = z.strictObject({
  listen: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port: z.int().min(0).max(65_535) }),
  file: z.string().min(1),
  secrets: z
    .array(witnessSecretSchema)
    .min(1)
    .max(2, 'expected one secret, or two while one is being replaced')
    .refine((secrets) => new Set(secrets.map(({ id }) => id)).size === secrets.length, 'expected different ids'),
  maxLeases: z.int().min(1).max(MOST_LEASES).default(witnessDefaults.maxLeases),
  maxConnections: z.int().min(1).max(100_000).default(witnessDefaults.maxConnections),
  requestTimeoutMs: milliseconds.default(witnessDefaults.requestTimeoutMs),
  writeTimeoutMs: milliseconds.default(witnessDefaults.writeTimeoutMs),
  tls: tlsPart.optional(),
  logger: loggerPart,
  clock: clockPart,
})

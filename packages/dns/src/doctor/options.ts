import type { TsigKey } from '@hotspare/dns-wire'
import { z } from 'zod'
import { failoverBudgetSchema, type FailoverBudgetOptions } from '../budget.ts'
import { durationPart, namePart, providerPart, tsigKeyPart } from '../schema-parts.ts'
import type { DnsProvider } from '../provider.ts'
import type { RecordSet } from '../record-set.ts'
import type { ServerAddress } from '../verify/answer.ts'
import {
  type NameServerOptions,
  nameServerShape,
  type ResolvedNameServerOptions,
  resolveNameServers,
  serverAddressPart,
  setPart,
} from '../verify/options.ts'

export interface DnsDoctorOptions extends NameServerOptions {
  /** `example.com` */
  readonly zone: string
  /** The sets that follow or answer, as they are configured. Default: none */
  readonly sets?: readonly RecordSet[] | undefined
  /** Who changes them: its limits are looked at, and with `write` it is tried. */
  readonly provider?: DnsProvider | undefined
  /** The server that takes signed updates (RFC 2136), and the key: looked at with an update that no server can carry out. */
  readonly update?: { readonly server: string; readonly key?: TsigKey | undefined } | undefined
  /** Whether a TXT record may be written at `_hotspare-doctor.<zone>`, and removed again. Nothing else is ever written. Default: false */
  readonly write?: boolean | undefined
  /** How long the name servers have to serve what is written, in milliseconds. Default: 15,000 */
  readonly servedWithinMs?: number | undefined
  /** How a death is noticed and decided: then the time of a failover is told as well. */
  readonly failover?: Omit<FailoverBudgetOptions, 'ttlSeconds'> | undefined
}

export interface ResolvedDnsDoctorOptions extends ResolvedNameServerOptions {
  readonly zone: string
  readonly sets: readonly RecordSet[]
  readonly provider: DnsProvider | undefined
  readonly update: { readonly server: ServerAddress; readonly key: TsigKey | undefined } | undefined
  readonly write: boolean
  readonly servedWithinMs: number
  readonly failover: Omit<FailoverBudgetOptions, 'ttlSeconds'> | undefined
}

/** Nobody has more that follow; and the name servers are asked five questions for each. */
const MOST_SETS = 100

/** BIND's default `notify-delay` is 5 s; one more round for a datagram that is lost. */
const SERVED_WITHIN_MS = 15_000

export const dnsDoctorOptionsSchema: z.ZodType<ResolvedDnsDoctorOptions, DnsDoctorOptions> = z
  .strictObject({
    ...nameServerShape,
    zone: namePart,
    sets: z.array(setPart).max(MOST_SETS).default([]),
    provider: providerPart.optional(),
    update: z
      .strictObject({
        server: serverAddressPart,
        key: tsigKeyPart.optional(),
      })
      .optional(),
    write: z.boolean().default(false),
    servedWithinMs: durationPart().default(SERVED_WITHIN_MS),
    failover: z
      .custom<Omit<FailoverBudgetOptions, 'ttlSeconds'>>(isBudget, 'expected the times of a failover, as failoverBudget takes them')
      .optional(),
  })
  .refine(({ provider, write }) => !write || provider !== undefined, { path: ['write'], message: 'needs a provider to write with' })
  .refine(({ provider, zone }) => !provider || provider.zone === zone, { path: ['provider'], message: 'is of another zone' })
  .transform(({ zone, sets, provider, update, write, servedWithinMs, failover, ...whom }) => {
    const trial = update && { server: update.server, key: update.key }
    return { zone, sets, provider, update: trial, write, servedWithinMs, failover, ...resolveNameServers(whom) }
  })

function isBudget(value: unknown): boolean {
  return typeof value === 'object' && value !== null && failoverBudgetSchema.safeParse({ ...value, ttlSeconds: 0 }).success
}

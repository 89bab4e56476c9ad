import { clockPart } from '@hotspare/cloud'
import { getServers } from 'node:dns'
import { type Clock, errorText, type Logger } from '@hotspare/core'
import { z } from 'zod'
import { isWithin } from '../name.ts'
import { durationPart, functionPart, loggerPart, namePart, ttlPart } from '../schema-parts.ts'
import { type RecordSet, recordTypes, type RecordType } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { type Ask, DNS_PORT, type ServerAddress } from './answer.ts'
import { askingOverTheWire } from './ask.ts'
import { verifyDefaults } from './defaults.ts'
import type { VerifyEvent } from './events.ts'
import type { RemovedSet } from './judge.ts'
import { parseServerAddress } from './server-address.ts'

/** Whom to ask, and how: what verifying and the doctor share. */
export interface NameServerOptions {
  /**
   * Addresses of the authoritative servers: `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`.
   * Default: they are looked for, by the delegation and by the zone itself
   */
  readonly servers?: readonly string[] | undefined
  /** Addresses of resolvers that help to find them. Default: those of this machine */
  readonly resolvers?: readonly string[] | undefined
  /**
   * Whether the parent zone is asked for its delegation, or the addresses of servers to ask for it. Where nobody answers, the
   * zone's own name servers are what is gone by. Default: true
   */
  readonly parent?: boolean | readonly string[] | undefined
  /** Where name servers listen that are found by name. Default: 53 */
  readonly port?: number | undefined
  /** Of one sending of a question, in milliseconds. Default: 1,000 */
  readonly timeoutMs?: number | undefined
  /** How often a question is sent over UDP while nothing comes. Default: 2 */
  readonly attempts?: number | undefined
  /** Asks instead of the package's own client; for tests. */
  readonly ask?: Ask | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/** {@link NameServerOptions}, checked and complete. */
export interface ResolvedNameServerOptions {
  readonly servers: readonly ServerAddress[] | undefined
  readonly resolvers: readonly ServerAddress[]
  readonly parent: boolean | readonly ServerAddress[]
  readonly port: number
  readonly ask: Ask
  readonly clock: Clock
}

export interface VerifyOptions extends NameServerOptions {
  /** `example.com` */
  readonly zone: string
  /** What has to be served, as `recordSet` makes it; or what has to be gone. Not ALIAS: that is served as A and AAAA. */
  readonly set: RecordSet | RemovedSet
  /** The zone's serial since the change, where the provider told it: a server that is behind it does not count. */
  readonly serial?: number | undefined
  /** How long all of them have, from the call, in milliseconds. Default: 60,000 */
  readonly budgetMs?: number | undefined
  /** When the change was accepted, on the clock's monotonic time: lags are counted from there. Default: the call */
  readonly appliedAtMs?: number | undefined
  /** Is told what happens, as it happens. */
  readonly onEvent?: ((event: VerifyEvent) => void) | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
}

export interface ResolvedVerifyOptions extends ResolvedNameServerOptions {
  readonly zone: string
  readonly set: RecordSet | RemovedSet
  readonly serial: number | undefined
  readonly budgetMs: number
  readonly appliedAtMs: number | undefined
  readonly onEvent: ((event: VerifyEvent) => void) | undefined
  readonly logger: Logger
}

const NOT_SERVED = 'an ALIAS is served as A and AAAA: verify those'

/** {@link NameServerOptions} as keys of a schema; {@link resolveNameServers} makes of them what is worked with. */
export interface NameServerShape {
  readonly servers: z.ZodType<readonly ServerAddress[] | undefined, readonly string[] | undefined>
  readonly resolvers: z.ZodType<readonly ServerAddress[] | undefined, readonly string[] | undefined>
  readonly parent: z.ZodType<boolean | readonly ServerAddress[], boolean | readonly string[] | undefined>
  readonly port: z.ZodType<number, number | undefined>
  readonly timeoutMs: z.ZodType<number, number | undefined>
  readonly attempts: z.ZodType<number, number | undefined>
  readonly ask: z.ZodType<Ask | undefined, Ask | undefined>
  readonly clock: z.ZodType<Clock, Clock | undefined>
}

export const serverAddressPart: z.ZodType<ServerAddress, string> = z.string().transform((text, context) => {
  const parsed = parseServerAddress(text)
  if (parsed) return parsed
  context.addIssue({ code: 'custom', message: 'expected an address like 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353' })
  return z.NEVER
})

const addresses = z.array(serverAddressPart).max(verifyDefaults.mostServers)

export const nameServerShape: NameServerShape = {
  servers: addresses.min(1).optional(),
  resolvers: addresses.optional(),
  parent: z.union([z.boolean(), addresses.min(1)]).default(true),
  port: z.int().min(1).max(65_535).default(DNS_PORT),
  timeoutMs: durationPart().default(verifyDefaults.timeoutMs),
  attempts: z.int().min(1).max(10).default(verifyDefaults.attempts),
  ask: functionPart<Ask>().optional(),
  clock: clockPart,
}

export function resolveNameServers(parsed: {
  readonly [Key in keyof NameServerShape]: z.output<NameServerShape[Key]>
}): ResolvedNameServerOptions {
  const { servers, parent, port, timeoutMs, attempts, clock } = parsed
  const ask = parsed.ask ?? askingOverTheWire({ timeoutMs, attempts, clock })
  return { servers, resolvers: parsed.resolvers ?? systemResolvers(), parent, port, ask, clock }
}

/** Made canonical by {@link recordSet}. */
export const setPart: z.ZodType<RecordSet, RecordSet> = z
  .strictObject({
    name: namePart,
    type: z.enum(recordTypes).refine(isServed, NOT_SERVED),
    ttlSeconds: ttlPart,
    values: z.array(z.string()).min(1),
  })
  .transform((given, context) => {
    try {
      return recordSet(given)
    } catch (error) {
      context.addIssue({ code: 'custom', message: errorText(error) })
      return z.NEVER
    }
  })

const removedPart: z.ZodType<RemovedSet, RemovedSet> = z.strictObject({
  name: namePart,
  type: z.enum(recordTypes).refine(isServed, NOT_SERVED),
  removed: z.literal(true),
})

export const verifyOptionsSchema: z.ZodType<ResolvedVerifyOptions, VerifyOptions> = z
  .strictObject({
    ...nameServerShape,
    zone: namePart,
    set: z.union([setPart, removedPart]),
    serial: z.int().min(0).max(4_294_967_295).optional(),
    budgetMs: durationPart().default(verifyDefaults.budgetMs),
    appliedAtMs: z.number().optional(),
    onEvent: functionPart<(event: VerifyEvent) => void>().optional(),
    logger: loggerPart,
  })
  .refine(({ zone, set }) => isWithin(set.name, zone), { path: ['set', 'name'], message: 'is not in the zone' })
  .transform(({ zone, set, serial, budgetMs, appliedAtMs, onEvent, logger, ...whom }) => {
    return { zone, set, serial, budgetMs, appliedAtMs, onEvent, logger, ...resolveNameServers(whom) }
  })

function isServed(type: RecordType): boolean {
  return type !== 'ALIAS'
}

/** What the machine itself asks; Node writes them with a port where it is not the usual one. */
function systemResolvers(): readonly ServerAddress[] {
  return getServers().flatMap((text) => parseServerAddress(text) ?? [])
}

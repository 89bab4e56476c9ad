import { clockPart } from '@hotspare/cloud'
import type { Clock, Listener, Logger, Random } from '@hotspare/core'
import { z } from 'zod'
import type { AnswerPolicy } from '../answers.ts'
import { durationPart, functionPart, loggerPart, namePart, providerPart, randomPart, ttlPart } from '../schema-parts.ts'
import type { DnsProvider } from '../provider.ts'
import type { DriftPolicy } from '../reconcile-events.ts'
import type { ServedCheck } from '../reconcile-served.ts'
import { type RecordType, recordTypes } from '../record-set.ts'
import type { BlastLimit } from './blast-radius.ts'
import { answeringDefaults } from './defaults.ts'
import type { AnsweringEvent } from './events.ts'
import type { HealthSource } from './health-source.ts'

export interface AnsweringTarget {
  /** Of the pool: what is reported is reported of this. */
  readonly id: string
  /** What is answered for it, as values of the record's type. At least one. */
  readonly values: readonly string[]
  /** With `weighted`: how often it is answered beside others. Default: 1 */
  readonly weight?: number | undefined
  /** With `priority`: lower ones come first. Default: 0 */
  readonly tier?: number | undefined
}

/** One record that answers. */
export interface AnsweringRecord {
  /** `www.example.com` */
  readonly name: string
  readonly type: RecordType
  /** How long resolvers may keep the answer, in seconds: a part of every failover. */
  readonly ttlSeconds: number
  readonly targets: readonly AnsweringTarget[]
  /** Which of the targets are answered. Default: all that are up, and all of them when none is */
  readonly policy?: AnswerPolicy | undefined
}

/** What records have in common. */
export interface AnsweringTerms {
  /** Where the records are, each provider under the name that people know it by. The zone is the same at all of them. They stay the caller's. */
  readonly providers: Readonly<Record<string, DnsProvider>>
  /** Asked for the states of targets; what it does not know is unknown. Default: none, states are reported */
  readonly health?: HealthSource | undefined
  /** How often it is asked, in milliseconds. Default: 1,000 */
  readonly healthEveryMs?: number | undefined
  /** How long it may take, in milliseconds. Default: 5,000 */
  readonly healthTimeoutMs?: number | undefined
  /** How often providers are looked at though nothing has changed, in milliseconds. Default: 30,000 */
  readonly lookEveryMs?: number | undefined
  /** What is done when somebody has edited a record. Default: `repair` */
  readonly drift?: DriftPolicy | undefined
  /** Whether a record that leads to no target is taken over at the start. Default: false */
  readonly adopt?: boolean | undefined
  /** Looks after each change whether the name servers answer with it. Default: nobody looks */
  readonly served?: ServedCheck | undefined
  /** How much may disappear at once. Default: half of ten values or more, within a minute */
  readonly blastRadius?:
    | {
        /** The largest share of all published values that may disappear, above 0 and up to 1. */
        readonly share?: number | undefined
        /** With fewer published values there is no limit. */
        readonly atLeast?: number | undefined
        /** In milliseconds. */
        readonly withinMs?: number | undefined
      }
    | undefined
  /** Told of everything, from the first event on; `subscribe` adds others. */
  readonly events?: Listener<AnsweringEvent> | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** For the pauses between calls that fail. Default: the system's */
  readonly random?: Random | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
}

export interface AnsweringOptions extends AnsweringTerms, AnsweringRecord {}

export interface AnsweringSetOptions extends AnsweringTerms {
  readonly records: readonly AnsweringRecord[]
}

/** {@link AnsweringTerms}, checked and complete. */
export interface ResolvedAnsweringTerms {
  readonly providers: Readonly<Record<string, DnsProvider>>
  readonly health: HealthSource | undefined
  readonly healthEveryMs: number
  readonly healthTimeoutMs: number
  readonly lookEveryMs: number
  readonly drift: DriftPolicy
  readonly adopt: boolean
  readonly served: ServedCheck | undefined
  readonly blastRadius: BlastLimit
  readonly events: Listener<AnsweringEvent> | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface ResolvedAnsweringRecord extends AnsweringRecord {
  readonly policy: AnswerPolicy
}

export interface ResolvedAnswering extends ResolvedAnsweringTerms, ResolvedAnsweringRecord {}

export interface ResolvedAnsweringSet extends ResolvedAnsweringTerms {
  readonly records: readonly ResolvedAnsweringRecord[]
}

const targetSchema = z.strictObject({
  id: z.string().min(1).max(512),
  values: z.array(z.string().max(65_535)).min(1).max(100),
  weight: z.number().min(0).max(1_000_000).optional(),
  tier: z.int().min(0).max(1_000).optional(),
})

const policySchema: z.ZodType<AnswerPolicy, AnswerPolicy> = z.strictObject({
  choose: z.enum(['all', 'priority', 'weighted']),
  most: z.int().min(1).optional(),
  atLeast: z
    .union([z.strictObject({ targets: z.int().min(1) }), z.strictObject({ share: z.number().gt(0).max(1) })], {
      error: 'expected a number of targets, or a share above 0 and up to 1',
    })
    .optional(),
  whenTooFew: z.enum(['open', 'closed']).optional(),
  holdDownMs: durationPart(0).optional(),
  round: z.int().optional(),
})

const recordShape = {
  name: namePart,
  type: z.enum(recordTypes),
  ttlSeconds: ttlPart,
  targets: z.array(targetSchema).min(1).max(1_000),
  policy: policySchema.default({ choose: 'all' }),
}

const termsShape = {
  providers: z
    .record(z.string().min(1), providerPart)
    .refine((providers) => Object.keys(providers).length > 0, 'expected one provider at least'),
  health: optionalFunction<HealthSource>(),
  healthEveryMs: durationPart().default(answeringDefaults.healthEveryMs),
  healthTimeoutMs: durationPart().default(answeringDefaults.healthTimeoutMs),
  lookEveryMs: durationPart().default(answeringDefaults.lookEveryMs),
  drift: z.enum(['repair', 'report']).default('repair'),
  adopt: z.boolean().default(false),
  served: optionalFunction<ServedCheck>(),
  blastRadius: z
    .strictObject({
      share: z.number().gt(0).max(1).default(answeringDefaults.blastShare),
      atLeast: z.int().min(1).default(answeringDefaults.blastAtLeast),
      withinMs: durationPart(0).default(answeringDefaults.blastWithinMs),
    })
    .prefault({}),
  events: optionalFunction<Listener<AnsweringEvent>>(),
  clock: clockPart,
  random: randomPart,
  logger: loggerPart,
}

export const answeringSchema: z.ZodType<ResolvedAnswering, AnsweringOptions> = z.strictObject({ ...termsShape, ...recordShape })

export const answeringSetSchema: z.ZodType<ResolvedAnsweringSet, AnsweringSetOptions> = z.strictObject({
  ...termsShape,
  records: z.array(z.strictObject(recordShape)).min(1).max(answeringDefaults.mostRecords),
})

/** There in what is parsed, whether or not it was given. */
function optionalFunction<T>(): z.ZodType<T | undefined, T | undefined> {
  return functionPart<T>()
    .optional()
    .transform((value) => value)
}

import {
  type AlgorithmName,
  boundedLoad,
  type BoundedLoadOptions,
  keyedDefaults,
  leastRequest,
  maglev,
  peakEwma,
  poolDefaults,
  rendezvous,
  type RequestKeyOptions,
  requestKey,
  ringHash,
} from '@hotspare/balance'
import { formatDuration, LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { BalanceConfig, KeyedAlgorithmConfig } from './config-balance.ts'
import { acceptedBy, isAccepted } from './package-judge.ts'
import { durationBetween, readable } from './schema-scalars.ts'

/** The name of an algorithm, for its defaults; or `algorithm` and its options. */
export type BalanceInput = AlgorithmName | { readonly algorithm: AlgorithmName }

const named = <Name extends AlgorithmName>(name: Name, what: string) => z.literal(name).describe(what)

const TOKEN_HINT = "letters, digits and any of !#$%&'*+-.^_`|~, no spaces"

function tokenSchema(from: 'header' | 'cookie', example: string): z.ZodType<string, string> {
  const read = (name: string): Reading<string> =>
    isAccepted(() => requestKey({ from, name })) ? { ok: true, value: name } : { ok: false, hint: TOKEN_HINT }
  return readable(read, { title: `${from} name`, examples: [example] })
}

/** The name of a cookie, as the package takes it. */
export const cookieNameSchema: z.ZodType<string, string> = tokenSchema('cookie', 'session')

const keySchema: z.ZodType<RequestKeyOptions> = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('source').describe("The client's address, as its connection shows it.") }),
  z.strictObject({
    from: z.literal('header').describe('The value of a header.'),
    name: tokenSchema('header', 'x-user').describe('Which header.'),
  }),
  z.strictObject({
    from: z.literal('cookie').describe('The value of a cookie.'),
    name: cookieNameSchema.describe('Which cookie.'),
  }),
  z.strictObject({
    from: z.literal('uri').describe('The path of the request, up to its "?".'),
    depth: z.int().min(1).optional().describe('How many directories count: with 1, /a/b/c gives /a. Default: all.'),
    length: z.int().min(1).optional().describe('How many characters count. Default: all.'),
    pathOnly: z.boolean().prefault(false).describe('Whether a scheme and a host before the path are left out.'),
    whole: z.boolean().prefault(false).describe('Whether what follows the "?" counts as well.'),
  }),
])

/** What every keyed algorithm has besides its own options. */
const keyedShape = {
  key: keySchema
    .prefault({ from: 'source' })
    .describe('What of a request decides where it goes: the same key goes to the same target, also after a restart.'),
  boundedLoad: z
    .number()
    .min(100)
    .optional()
    .describe(
      `Percent of its fair share of the requests under way that a target may have, from 100; a key that is much asked for then goes elsewhere. ${keyedDefaults.factorPercent} is usual. Default: no bound.`,
    ),
}

interface KeyedValues {
  readonly key: RequestKeyOptions
  readonly boundedLoad?: number | undefined
}

/** Joins an algorithm with its key, where the package takes the bound. */
function keyed<Own extends KeyedAlgorithmConfig>(own: Own, { key, boundedLoad: percent }: KeyedValues, context: z.RefinementCtx) {
  if (percent === undefined) return { ...own, key }
  const bound: BoundedLoadOptions = { factorPercent: percent }
  const judge = () => boundedLoad(rendezvous(), bound)
  return acceptedBy(judge, ['factorPercent'], context, { factorPercent: 'boundedLoad' }) ? { ...own, key, boundedLoad: bound } : z.NEVER
}

const durationKey = (fallbackMs: number) => durationBetween(1, LONGEST_DELAY_MS).prefault(formatDuration(fallbackMs))

const balanceMappingSchema: z.ZodType<BalanceConfig, { readonly algorithm: AlgorithmName }> = z.discriminatedUnion('algorithm', [
  z
    .strictObject({
      algorithm: named('least-request', 'Of a few targets drawn by chance, the one with the fewest requests under way.'),
      choices: z.int().min(1).prefault(poolDefaults.choices).describe('How many are drawn, 2 to 10.'),
      activeRequestBias: z
        .number()
        .min(0)
        .prefault(poolDefaults.activeRequestBias)
        .describe('How much requests under way count where weights differ; 0: not at all.'),
    })
    .transform(({ algorithm, ...options }, context) =>
      acceptedBy(() => leastRequest(options), Object.keys(options), context) ? { algorithm, options } : z.NEVER,
    ),
  z
    .strictObject({
      algorithm: named('peak-ewma', 'Of two targets drawn by chance, the one where a request will probably wait less.'),
      decay: durationKey(poolDefaults.decayMs).describe('What was measured so long ago counts e times less.'),
      initialLatency: durationKey(poolDefaults.initialLatencyMs).describe('What is assumed of a target that has not answered yet.'),
      penalty: durationKey(poolDefaults.penaltyMs).describe('A failure counts as an answer that took at least so long.'),
    })
    .transform(({ algorithm, decay: decayMs, initialLatency: initialLatencyMs, penalty: penaltyMs }, context) => {
      const options = { decayMs, initialLatencyMs, penaltyMs }
      return acceptedBy(() => peakEwma(options), Object.keys(options), context) ? { algorithm, options } : z.NEVER
    }),
  z.strictObject({ algorithm: named('round-robin', 'Each in turn, by weight, evenly interleaved.') }),
  z.strictObject({ algorithm: named('edf', 'Each when it is due by its weight; who comes back is at its share at once.') }),
  z.strictObject({ algorithm: named('random', 'Any, by weight.') }),
  z.strictObject({ algorithm: named('first-available', 'The first of the list that has room, for targets with a limit.') }),
  z
    .strictObject({
      algorithm: named('ring-hash', 'By key, on a hash ring: when a target is out, its keys alone move.'),
      function: z.enum(['xxhash', 'ketama']).prefault('xxhash').describe("Whose ring: `xxhash` as Envoy's, `ketama` as libketama's."),
      minimumRingSize: z
        .int()
        .min(1)
        .prefault(keyedDefaults.minimumRingSize)
        .describe('So many points at least: more of them share more evenly.'),
      maximumRingSize: z.int().min(1).prefault(keyedDefaults.maximumRingSize).describe('So many points at most.'),
      ...keyedShape,
    })
    .transform(({ algorithm, key, boundedLoad: bound, ...options }, context) =>
      acceptedBy(() => ringHash(options), Object.keys(options), context)
        ? keyed({ algorithm, options }, { key, boundedLoad: bound }, context)
        : z.NEVER,
    ),
  z
    .strictObject({
      algorithm: named('maglev', 'By key, in a Maglev table: the most even of the tables, and the quickest.'),
      size: z.int().min(1).prefault(keyedDefaults.maglevSize).describe('Slots of the table, a prime.'),
      ...keyedShape,
    })
    .transform(({ algorithm, key, boundedLoad: bound, ...options }, context) =>
      acceptedBy(() => maglev(options), Object.keys(options), context)
        ? keyed({ algorithm, options }, { key, boundedLoad: bound }, context)
        : z.NEVER,
    ),
  z
    .strictObject({
      algorithm: named('rendezvous', 'By key, where key and target hash best together: exact weights, no table.'),
      ...keyedShape,
    })
    .transform(({ algorithm, ...rest }, context) => keyed({ algorithm }, rest, context)),
  z
    .strictObject({
      algorithm: named('jump', 'By key, by the place in the list: append targets, and take them off at the end.'),
      ...keyedShape,
    })
    .transform(({ algorithm, ...rest }, context) => keyed({ algorithm }, rest, context)),
])

const ALGORITHMS = [
  'round-robin',
  'least-request',
  'peak-ewma',
  'edf',
  'random',
  'first-available',
  'ring-hash',
  'maglev',
  'rendezvous',
  'jump',
] as const satisfies readonly AlgorithmName[]

export const balanceSchema: z.ZodType<BalanceConfig, BalanceInput> = z.union([
  z.enum(ALGORITHMS).transform((algorithm): BalanceConfig => balanceMappingSchema.parse({ algorithm })),
  balanceMappingSchema,
])

import { clipDetail, HotspareError } from '@hotspare/core'
import type { Outcome, StepAction } from '@hotspare/core/plan'
import { z } from 'zod'
import type { NodeReport, ServiceReport } from './facts.ts'

// What peers say is read tolerantly: a newer version may say more. Lengths are bounded: it is kept and shown.

const LONGEST_TEXT = 500
const MOST_SERVICES = 1_000
export const MOST_IDENTITIES = 64
/** An hour for a step, and a day for all others together: beyond that something is wrong. */
const LONGEST_STEP_MS = 3_600_000
const LONGEST_PLAN_MS = 86_400_000

const text = z.string().transform(wireText)
const name = z.string().min(1).max(256)
/** What is put together from names. */
const longName = z.string().min(1).max(1_000)

const serviceReportSchema: z.ZodType<ServiceReport> = z.object({
  role: z.enum(['active', 'taking', 'leaving', 'keeping', 'standby']),
  token: z.number().optional(),
  check: z.object({ state: z.enum(['up', 'degraded', 'down', 'unknown']), because: text }),
  served: z.enum(['yes', 'no', 'unknown']).optional(),
  clear: z.boolean().optional(),
  unfit: text.optional(),
})

const nodeReportSchema: z.ZodType<NodeReport> = z.object({
  hold: z.object({ since: z.number(), because: text }).optional(),
  maintenance: text.optional(),
  identities: z.array(name).max(MOST_IDENTITIES),
  services: z
    .record(name, serviceReportSchema)
    .refine((services) => Object.keys(services).length <= MOST_SERVICES, { error: `at most ${MOST_SERVICES} services` }),
})

/** One step of a plan that the asking node runs, to be done by the one that is asked. */
export interface PerformRequest {
  readonly service: string
  /** Names the run of the plan, so that two of them are not mixed. */
  readonly run: string
  readonly action: StepAction
  readonly allowedMs: number
  /** What other nodes may take before this one is asked for its next step. */
  readonly untilNextMs: number
  /** Whether no further step of this plan will be asked for. */
  readonly last: boolean
  /** The steps that follow directly and are this node's as well: it may go ahead with them before it is asked for them. */
  readonly next?: readonly { readonly action: StepAction; readonly allowedMs: number }[] | undefined
  /** With `take-lease`: what the asking node has handed over. */
  readonly handover?: unknown
  /** Whether the asking node was certain that no other member holds anything. */
  readonly cleared?: boolean | undefined
  /** The resources that the asking node had when it made the plan; what it did not have may be a stranger's. */
  readonly held?: readonly string[] | undefined
}

/** How such a step went. */
export type PerformAnswer = Outcome & {
  /** With `prepare`: for what the asking node may hand its right over. */
  readonly invitation?: unknown
}

const actionSchema: z.ZodType<StepAction> = z.union([
  z.object({ type: z.enum(['prepare', 'take-lease', 'give-lease']) }),
  z.object({ type: z.enum(['acquire', 'release']), resource: longName }),
])

const performRequestSchema: z.ZodType<PerformRequest> = z.object({
  service: name,
  run: longName,
  action: actionSchema,
  allowedMs: z.number().positive().max(LONGEST_STEP_MS),
  untilNextMs: z.number().nonnegative().max(LONGEST_PLAN_MS),
  last: z.boolean(),
  next: z
    .array(z.object({ action: actionSchema, allowedMs: z.number().positive().max(LONGEST_STEP_MS) }))
    .max(1_000)
    .optional(),
  handover: z.unknown().optional(),
  cleared: z.boolean().optional(),
  held: z.array(longName).max(1_000).optional(),
})

/** What people ask of a service. */
export interface Command {
  /** `switchover`: from a node that works; `failover`: from one that is dead, or does not answer. */
  readonly type: 'switchover' | 'failover'
  /** Default: the best candidate. */
  readonly to?: string | undefined
}

/** How a command went. */
export interface CommandResult {
  readonly ok: boolean
  /** One sentence for people. */
  readonly because: string
  /** The steps that were tried. */
  readonly steps: readonly { readonly id: string; readonly ok: boolean; readonly detail: string; readonly tookMs: number }[]
}

const commandRequestSchema: z.ZodType<{ readonly service: string; readonly command: Command }> = z.object({
  service: name,
  command: z.object({ type: z.enum(['switchover', 'failover']), to: name.optional() }),
})

const commandResultSchema: z.ZodType<CommandResult> = z.object({
  ok: z.boolean(),
  because: text,
  steps: z.array(z.object({ id: text, ok: z.boolean(), detail: text, tookMs: z.number() })).max(1_000),
})

const performAnswerSchema: z.ZodType<PerformAnswer> = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), detail: text, invitation: z.unknown().optional() }),
  z.object({ ok: z.literal(false), because: text, retryable: z.boolean() }),
])

export const readReport: (body: unknown) => NodeReport = reader('report', nodeReportSchema)
export const readPerformRequest: (body: unknown) => PerformRequest = reader('request', performRequestSchema)
export const readCommandRequest: (body: unknown) => z.infer<typeof commandRequestSchema> = reader('command', commandRequestSchema)
export const readCommandResult: (body: unknown) => CommandResult = reader('result', commandResultSchema)
export const readPerformAnswer: (body: unknown) => PerformAnswer = reader('outcome', performAnswerSchema)

/** A text of ours, short enough for the peers to read it. */
export function wireText(long: string): string {
  return long.length <= LONGEST_TEXT ? long : `${long.slice(0, LONGEST_TEXT - 3)}...`
}

/** @throws HotspareError `HOTSPARE_FAILOVER_MESSAGE` for what is none */
function reader<Value>(what: string, schema: z.ZodType<Value>): (body: unknown) => Value {
  return (body) => {
    const parsed = schema.safeParse(body)
    if (parsed.success) return parsed.data
    throw new HotspareError({
      code: 'HOTSPARE_FAILOVER_MESSAGE',
      message: `failover: the peer's ${what} cannot be read: ${clipDetail(z.prettifyError(parsed.error))}`,
    })
  }
}

import type { HealthState } from '@hotspare/core'
import { z } from 'zod'
import type { StatedVerdict } from './cluster-contract.ts'

// What is said of everything that is watched, targets and checks alike. Read tolerantly: a newer daemon may say more.

const verdict = { state: z.string(), since: z.number(), because: z.string() }
const healthState: z.ZodType<HealthState> = z.enum(['up', 'degraded', 'down', 'unknown'])

/** It is down or unknown because something is that it leans on. */
export interface Unreachable {
  readonly because: string
  /** Where the fault is, by name. */
  readonly rootCause: readonly string[]
}

export const unreachableSchema: z.ZodType<Unreachable> = z.object({ because: z.string(), rootCause: z.array(z.string()) })

/** One look, and what it showed. */
export interface ProbeRun {
  readonly at: number
  /** `pass`, `degraded`, `fail` or `inconclusive`. */
  readonly outcome: string
  /** Why it failed, in one word: `refused`, `timeout`. */
  readonly reason?: string | undefined
  readonly detail: string
  readonly durationMs: number
  /** The parts that have ended: name lookup, connection, TLS, first byte, transfer. */
  readonly phases?: readonly { readonly name: string; readonly tookMs: number }[] | undefined
  /** What was measured, by names that end in their unit. */
  readonly measures?: Readonly<Record<string, number>> | undefined
  readonly warning?: string | undefined
}

export const probeRunSchema: z.ZodType<ProbeRun> = z.object({
  at: z.number(),
  outcome: z.string(),
  reason: z.string().optional(),
  detail: z.string(),
  durationMs: z.number(),
  phases: z.array(z.object({ name: z.string(), tookMs: z.number() })).optional(),
  measures: z.record(z.string(), z.number()).optional(),
  warning: z.string().optional(),
})

/** A limit on what is measured, as it stands. */
export interface ThresholdStatus extends StatedVerdict {
  readonly name: string
  /** What is measured: `duration-ms`. */
  readonly measure: string
  /** Absent while there are too few samples. */
  readonly value?: number | undefined
  /** Beyond this it is exceeded. */
  readonly enter: number
  /** Back at this it is cleared. */
  readonly leave: number
}

/** Why something is in its state, as data: what `explain` says in words. */
export interface WatchExplanation {
  /** What would change its state: one of these is enough. */
  readonly changes: readonly { readonly to: string; readonly what: string; readonly count: number }[]
  readonly counters: {
    readonly consecutivePasses: number
    readonly consecutiveFailures: number
    readonly trafficFailures: number
    readonly fullPassesLeft: number
  }
  /** The longest times until probes notice its death and its return, in milliseconds. */
  readonly detection: { readonly downMs: number; readonly upMs: number }
  /** How restless it was lately, where flapping is damped. */
  readonly flaps?: { readonly isHeld: boolean; readonly flapRatio: number; readonly penalty: number } | undefined
  readonly thresholds: readonly ThresholdStatus[]
  readonly unreachable?: Unreachable | undefined
  readonly warning?: string | undefined
  /** Whether this node can judge at all: `well` or `unwell`. */
  readonly observer: StatedVerdict
}

export const watchExplanationSchema: z.ZodType<WatchExplanation> = z.object({
  changes: z.array(z.object({ to: z.string(), what: z.string(), count: z.number() })),
  counters: z.object({
    consecutivePasses: z.number(),
    consecutiveFailures: z.number(),
    trafficFailures: z.number(),
    fullPassesLeft: z.number(),
  }),
  detection: z.object({ downMs: z.number(), upMs: z.number() }),
  flaps: z.object({ isHeld: z.boolean(), flapRatio: z.number(), penalty: z.number() }).optional(),
  thresholds: z.array(
    z.object({ ...verdict, name: z.string(), measure: z.string(), value: z.number().optional(), enter: z.number(), leave: z.number() }),
  ),
  unreachable: unreachableSchema.optional(),
  warning: z.string().optional(),
  observer: z.object(verdict),
})

/** A job's last report, and how old it is. */
export interface ReportStatus {
  readonly outcome: ReportOutcome
  readonly detail?: string | undefined
  readonly measures?: Readonly<Record<string, number>> | undefined
  readonly ageMs: number
}

/** How a job says that it went. */
export type ReportOutcome = 'pass' | 'degraded' | 'fail'

/** A check as `/api/v1/status` and `/api/v1/checks` show it. */
export interface CheckStatus {
  readonly name: string
  /** `tcp`, `exec`, `push`, ... */
  readonly type: string
  /** What it looks at. */
  readonly address: string
  /** What its probe shows; whether that is its own fault says `unreachable`. */
  readonly state: HealthState
  readonly since: number
  readonly because: string
  readonly unreachable?: Unreachable | undefined
  /** What people should see to, though it works. */
  readonly warning?: string | undefined
  readonly last?: ProbeRun | undefined
  /** Of a job that has to report in, where it has. */
  readonly report?: ReportStatus | undefined
}

export const checkStatusSchema: z.ZodType<CheckStatus> = z.object({
  name: z.string(),
  type: z.string(),
  address: z.string(),
  state: healthState,
  since: z.number(),
  because: z.string(),
  unreachable: unreachableSchema.optional(),
  warning: z.string().optional(),
  last: probeRunSchema.optional(),
  report: z
    .object({
      outcome: z.enum(['pass', 'degraded', 'fail']),
      detail: z.string().optional(),
      measures: z.record(z.string(), z.number()).optional(),
      ageMs: z.number(),
    })
    .optional(),
})

/** `GET /api/v1/checks`: in the order of the file. */
export interface Checks {
  readonly checks: readonly CheckStatus[]
}

export const checksSchema: z.ZodType<Checks> = z.object({ checks: z.array(checkStatusSchema) })

/** `GET /api/v1/checks/{name}`: why a check is in its state, in words and as data. */
export interface CheckExplanation {
  readonly check: CheckStatus
  /** Sentences, in the order to read them. */
  readonly text: readonly string[]
  /** The last probes, oldest first. */
  readonly history: readonly ProbeRun[]
  readonly explanation: WatchExplanation
}

export const checkExplanationSchema: z.ZodType<CheckExplanation> = z.object({
  check: checkStatusSchema,
  text: z.array(z.string()),
  history: z.array(probeRunSchema),
  explanation: watchExplanationSchema,
})

/** `GET /api/v1/services/{name}`: what a member's own check of a service shows on this node. */
export interface ServiceExplanation {
  readonly service: string
  readonly text: readonly string[]
  readonly history: readonly ProbeRun[]
  readonly explanation: WatchExplanation
}

export const serviceExplanationSchema: z.ZodType<ServiceExplanation> = z.object({
  service: z.string(),
  text: z.array(z.string()),
  history: z.array(probeRunSchema),
  explanation: watchExplanationSchema,
})

/** What a job says: `POST /api/v1/checks/{name}/report`, with each of these in the query (`measure=rows-count:312`, repeated). */
export interface JobReport {
  readonly outcome: ReportOutcome
  /** One clause for people: `312 rows copied`. */
  readonly detail?: string | undefined
  /** What the job measured, by names that end in their unit. */
  readonly measures?: Readonly<Record<string, number>> | undefined
}

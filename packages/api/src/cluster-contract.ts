import type { HealthState } from '@hotspare/core'
import { z } from 'zod'
import { type DepartureStatus, departureStatusSchema, type SiteStatus, siteStatusSchema } from './site-contract.ts'

// Read tolerantly, as everything of a daemon: a newer one may say more.

const verdict = { state: z.string(), since: z.number(), because: z.string() }
const word = z.object({ since: z.number(), because: z.string() })

/** What people have said of a node, until they take it back. */
export interface PeopleWord {
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
}

/** Something that is believed, since when, and why. */
export interface StatedVerdict {
  readonly state: string
  readonly since: number
  readonly because: string
}

/** Another node, as this one sees it. */
export interface PeerStatus {
  readonly name: string
  readonly site?: string | undefined
  readonly address: string
  /** By its heartbeat. */
  readonly alive: StatedVerdict & { readonly state: HealthState }
  /** Whether requests reach it. */
  readonly connected: boolean
  /** Whether its configuration and protocol are ours; undefined before it has said so. */
  readonly agrees?: boolean | undefined
  readonly hold?: PeopleWord | undefined
  readonly maintenance?: string | undefined
  /** How late its heartbeats come and how many are lost, on each path; what `hotspare calibrate` goes by. */
  readonly beats?: readonly BeatMeasurement[] | undefined
}

/** Counts since the start of the daemon, of one path. */
export interface BeatMeasurement {
  readonly intervalMs: number
  readonly received: number
  readonly lost: number
  /** Rows of lost beats: fewer than `lost` where several were lost in a row. */
  readonly lostRows: number
  /** How many came later than 1, 1.5, 2, 3, 5, 7, 10, 15, ... ms: six bounds a decade. */
  readonly later: readonly number[]
  readonly worstMs: number
}

/** A step as it was done. */
export interface StepResult {
  readonly id: string
  readonly ok: boolean
  readonly detail: string
  readonly tookMs: number
}

/** A service, as this node sees it. */
export interface ServiceStatus {
  readonly name: string
  /** What this node is for it: `active`, `taking`, `leaving`, `keeping` or `standby`. */
  readonly role: string
  /** Who is active, as far as this node knows. */
  readonly active?: string | undefined
  /** Of its right, where this node has it. */
  readonly token?: number | undefined
  readonly automation: { readonly state: 'on' | 'off'; readonly because: string }
  /** Why it is as it is. */
  readonly because: string
  /** What people should see to. */
  readonly concern?: string | undefined
  readonly lease: StatedVerdict
  /** Its own check on this node. */
  readonly check: StatedVerdict
  /** Whether it answers at its address, as seen from this node: `yes`, `no` or `unknown`. */
  readonly served: StatedVerdict
  readonly resources: readonly (StatedVerdict & { readonly id: string })[]
  /** Every member, and whether it could be active. */
  readonly candidates: readonly { readonly node: string; readonly eligible: boolean; readonly because: string }[]
  readonly movesInLastHour: number
  /** The last plan that this node ran. */
  readonly lastPlan?:
    | {
        readonly purpose: string
        readonly because: string
        readonly ok: boolean
        readonly tookMs: number
        readonly steps: readonly StepResult[]
      }
    | undefined
}

/** The cluster, as one node sees it. */
export interface ClusterStatus {
  /** Where leases are kept: `etcd`, `postgres`, `witness` or `none`. */
  readonly arbiter: string
  readonly hold?: PeopleWord | undefined
  readonly maintenance?: PeopleWord | undefined
  readonly peers: readonly PeerStatus[]
  readonly services: readonly ServiceStatus[]
  /** Where nodes stand in sites. Left out where none does. */
  readonly sites?: readonly SiteStatus[] | undefined
  /** Other nodes that are certain to be off. Left out where no service asks for it. */
  readonly off?: readonly { readonly node: string; readonly because: string; readonly since: number }[] | undefined
  /** What resets this machine when Hotspare cannot. Left out where there is none. */
  readonly watchdog?: WatchdogStatus | undefined
}

/** The watchdog of a node. */
export interface WatchdogStatus {
  readonly path: string
  readonly isArmed: boolean
  /** False for a file or a pipe in its place. */
  readonly isReal: boolean
  readonly timeoutMs: number
  readonly because: string
}

const stepResultSchema: z.ZodType<StepResult> = z.object({ id: z.string(), ok: z.boolean(), detail: z.string(), tookMs: z.number() })

const serviceStatusSchema: z.ZodType<ServiceStatus> = z.object({
  name: z.string(),
  role: z.string(),
  active: z.string().optional(),
  token: z.number().optional(),
  automation: z.object({ state: z.enum(['on', 'off']), because: z.string() }),
  because: z.string(),
  concern: z.string().optional(),
  lease: z.object(verdict),
  check: z.object(verdict),
  served: z.object(verdict),
  resources: z.array(z.object({ id: z.string(), ...verdict })),
  candidates: z.array(z.object({ node: z.string(), eligible: z.boolean(), because: z.string() })),
  movesInLastHour: z.number(),
  lastPlan: z
    .object({ purpose: z.string(), because: z.string(), ok: z.boolean(), tookMs: z.number(), steps: z.array(stepResultSchema) })
    .optional(),
})

const beatMeasurementSchema: z.ZodType<BeatMeasurement> = z.object({
  intervalMs: z.number().positive(),
  received: z.number(),
  lost: z.number(),
  lostRows: z.number(),
  later: z.array(z.number()).max(1_000),
  worstMs: z.number(),
})

export const clusterStatusSchema: z.ZodType<ClusterStatus> = z.object({
  arbiter: z.string(),
  hold: word.optional(),
  maintenance: word.optional(),
  peers: z.array(
    z.object({
      name: z.string(),
      site: z.string().optional(),
      address: z.string(),
      alive: z.object({ ...verdict, state: z.enum(['up', 'degraded', 'down', 'unknown']) }),
      connected: z.boolean(),
      agrees: z.boolean().optional(),
      hold: word.optional(),
      maintenance: z.string().optional(),
      beats: z.array(beatMeasurementSchema).optional(),
    }),
  ),
  services: z.array(serviceStatusSchema),
  sites: z.array(siteStatusSchema).optional(),
  off: z.array(z.object({ node: z.string(), because: z.string(), since: z.number() })).optional(),
  watchdog: z
    .object({ path: z.string(), isArmed: z.boolean(), isReal: z.boolean(), timeoutMs: z.number(), because: z.string() })
    .optional(),
})

/** `POST /api/v1/services/{name}/switchover` and `/failover`, with `?to=NODE`: how it went. */
export interface CommandResult {
  readonly ok: boolean
  /** One sentence for people. */
  readonly because: string
  /** The steps that were tried. */
  readonly steps: readonly StepResult[]
}

export const commandResultSchema: z.ZodType<CommandResult> = z.object({
  ok: z.boolean(),
  because: z.string(),
  steps: z.array(stepResultSchema),
})

/** A step of a plan, as people read it. */
export interface PlannedStep {
  readonly id: string
  readonly node: string
  readonly what: string
  /** What people would type instead. */
  readonly manual: readonly string[]
  readonly verification: { readonly command: string; readonly expect: string }
  readonly allowedMs: number
  /** How long it took the last time. */
  readonly tookMs?: number | undefined
}

/** `GET /api/v1/services/{name}/plan`, with `?to=NODE`: what a switchover would do now, and why so. */
export interface PlanAnswer {
  readonly because: string
  /** In which order services are taken over when several are down, and why so. Left out where the file says nothing of it. */
  readonly order?: readonly { readonly service: string; readonly because?: string | undefined }[] | undefined
  /** What nodes would carry then. Left out by a daemon that does not weigh. */
  readonly departure?: DepartureStatus | undefined
  readonly candidates: ServiceStatus['candidates']
  readonly plan?:
    | {
        readonly purpose: string
        readonly from?: string | undefined
        readonly to?: string | undefined
        readonly steps: readonly PlannedStep[]
      }
    | undefined
}

export const planAnswerSchema: z.ZodType<PlanAnswer> = z.object({
  because: z.string(),
  order: z.array(z.object({ service: z.string(), because: z.string().optional() })).optional(),
  departure: departureStatusSchema.optional(),
  candidates: z.array(z.object({ node: z.string(), eligible: z.boolean(), because: z.string() })),
  plan: z
    .object({
      purpose: z.string(),
      from: z.string().optional(),
      to: z.string().optional(),
      steps: z.array(
        z.object({
          id: z.string(),
          node: z.string(),
          what: z.string(),
          manual: z.array(z.string()),
          verification: z.object({ command: z.string(), expect: z.string() }),
          allowedMs: z.number(),
          tookMs: z.number().optional(),
        }),
      ),
    })
    .optional(),
})

/** `PUT` and `DELETE` of `/api/v1/hold` and `/api/v1/maintenance`: whether the word stood before. */
export interface PeopleWordResult {
  readonly was: boolean
}

export const peopleWordResultSchema: z.ZodType<PeopleWordResult> = z.object({ was: z.boolean() })

import type { TargetState } from '@hotspare/core'
import { z } from 'zod'
import { type ClusterStatus, clusterStatusSchema, type StatedVerdict } from './cluster-contract.ts'
import { type PoolMaintenance, poolMaintenanceSchema } from './pool-contract.ts'
import {
  type CheckStatus,
  checkStatusSchema,
  type ProbeRun,
  probeRunSchema,
  type Unreachable,
  unreachableSchema,
  type WatchExplanation,
  watchExplanationSchema,
} from './watch-contract.ts'

// Answers are read tolerantly: a newer daemon may say more, and a reader takes the fields that it knows.
// Times are milliseconds since the Unix epoch; durations are milliseconds.

const verdictSchema: z.ZodType<StatedVerdict> = z.object({ state: z.string(), since: z.number(), because: z.string() })

const stateSchema: z.ZodType<TargetState> = z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining'])

/** A target as `/api/v1/status` shows it. */
export interface TargetStatus {
  /** `pool/name`. */
  readonly id: string
  readonly name: string
  readonly url: string
  readonly tier: number
  readonly weight: number
  /** What counts: what people have set, else what it asks for itself, else what the health checks say. */
  readonly state: TargetState
  readonly since: number
  readonly because: string
  /** Requests under way. */
  readonly active: number
  /** Requests that were sent there since the start. */
  readonly picks: number
  /** What it asks for itself, through its agent; absent where it asks for nothing. */
  readonly asks?: TargetWish | undefined
  /** What people should see to, though it works. */
  readonly warning?: string | undefined
  readonly unreachable?: Unreachable | undefined
  /** Put aside for a while, for what requests met there. */
  readonly ejected?: { readonly until: number; readonly because: string } | undefined
}

/** What a target says of itself; people stand above it. */
export interface TargetWish {
  /** `draining` or `maintenance`. */
  readonly admin?: StatedVerdict | undefined
  /** The share of its usual weight. */
  readonly weight?: number | undefined
}

export const targetStatusSchema: z.ZodType<TargetStatus> = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  tier: z.number(),
  weight: z.number(),
  state: stateSchema,
  since: z.number(),
  because: z.string(),
  active: z.number(),
  picks: z.number(),
  asks: z.object({ admin: verdictSchema.optional(), weight: z.number().optional() }).optional(),
  warning: z.string().optional(),
  unreachable: unreachableSchema.optional(),
  ejected: z.object({ until: z.number(), because: z.string() }).optional(),
})

/** `GET /api/v1/status`: what the daemon is and what it believes. */
export interface Status {
  readonly node: string
  readonly version: string
  readonly startedAt: number
  readonly ready: boolean
  /** Why it is not ready; empty when it is. */
  readonly notReady: readonly string[]
  readonly pools: readonly PoolStatus[]
  readonly proxies: readonly ProxyStatus[]
  /** Other proxies that follow a pool; a daemon without any says nothing of them. */
  readonly engines?: readonly EngineStatus[] | undefined
  /** What is watched besides targets; a daemon without checks may say nothing of them. */
  readonly checks?: readonly CheckStatus[] | undefined
  /** Whether this node can judge: `well` or `unwell`. */
  readonly observer?: StatedVerdict | undefined
  readonly alerts: { readonly pending: number }
  /** What the daemon is made of; a daemon in one process says nothing of it, and nor did older ones. */
  readonly processes?: readonly ProcessStatus[] | undefined
  /** Where the daemon is a node of a cluster. */
  readonly cluster?: ClusterStatus | undefined
}

/** One process of the daemon. */
export interface ProcessStatus {
  /** `guard`, `control` or `worker`; `worker-retiring-1` and so on: one that drains beside the worker that has followed it. */
  readonly name: string
  /** Absent while it is started again. */
  readonly pid?: number | undefined
  /** When this process was started, or the last one ended. */
  readonly since: number
  /** How often it was started again since the daemon's start. */
  readonly restarts: number
  /** Why the last one ended. */
  readonly because?: string | undefined
}

export interface PoolStatus {
  readonly name: string
  readonly balance: string
  /** Where the next request goes and why, in words. */
  readonly because: string
  readonly targets: readonly TargetStatus[]
  /** Requests that wait for a target; absent where the pool has no queue. */
  readonly waiting?: number | undefined
  /** People work on it; absent: they do not. */
  readonly maintenance?: PoolMaintenance | undefined
}

export interface ProxyStatus {
  readonly name: string
  readonly listen: string
  /** Of a proxy with routes, each that it sends requests to, with commas between. */
  readonly pool: string
  /** Requests and WebSockets under way. */
  readonly active: number
}

/** A HAProxy or an nginx that is kept at what its pool wants. */
export interface EngineStatus {
  readonly name: string
  /** `haproxy` or `nginx`. */
  readonly type: string
  readonly pool: string
  /** `synced`, `failing`, or `waiting` until its targets are judged. */
  readonly state: string
  readonly since: number
  /** Who serves and why, or why it is not as its pool wants it. */
  readonly because: string
}

export const statusSchema: z.ZodType<Status> = z.object({
  node: z.string(),
  version: z.string(),
  startedAt: z.number(),
  ready: z.boolean(),
  notReady: z.array(z.string()),
  pools: z.array(
    z.object({
      name: z.string(),
      balance: z.string(),
      because: z.string(),
      targets: z.array(targetStatusSchema),
      waiting: z.number().optional(),
      maintenance: poolMaintenanceSchema.optional(),
    }),
  ),
  proxies: z.array(z.object({ name: z.string(), listen: z.string(), pool: z.string(), active: z.number() })),
  engines: z
    .array(z.object({ name: z.string(), type: z.string(), pool: z.string(), state: z.string(), since: z.number(), because: z.string() }))
    .optional(),
  checks: z.array(checkStatusSchema).optional(),
  observer: verdictSchema.optional(),
  alerts: z.object({ pending: z.number() }),
  processes: z
    .array(
      z.object({
        name: z.string(),
        pid: z.number().optional(),
        since: z.number(),
        restarts: z.number(),
        because: z.string().optional(),
      }),
    )
    .optional(),
  cluster: clusterStatusSchema.optional(),
})

/** `GET /api/v1/targets/{id}`: why a target is in its state, in words and as data. */
export interface TargetExplanation {
  readonly target: TargetStatus
  /** Sentences, in the order to read them. */
  readonly text: readonly string[]
  /** The last probes, oldest first. */
  readonly history: readonly ProbeRun[]
  readonly counters: {
    readonly consecutivePasses: number
    readonly consecutiveFailures: number
    readonly trafficFailures: number
  }
  /** Older daemons do not have it. */
  readonly explanation?: WatchExplanation | undefined
}

export const targetExplanationSchema: z.ZodType<TargetExplanation> = z.object({
  target: targetStatusSchema,
  text: z.array(z.string()),
  history: z.array(probeRunSchema),
  counters: z.object({ consecutivePasses: z.number(), consecutiveFailures: z.number(), trafficFailures: z.number() }),
  explanation: watchExplanationSchema.optional(),
})

/** One line of the timeline, and one message of `/api/v1/events`. Fields beyond these depend on the type. */
export interface TimelineEntry {
  /** Grows by one with each entry of one run of the daemon. */
  readonly sequence: number
  readonly at: number
  /** Noun, then verb: `target-down`. */
  readonly type: string
  /** The entry as a sentence. */
  readonly text: string
  readonly [field: string]: unknown
}

export const timelineEntrySchema: z.ZodType<TimelineEntry> = z.looseObject({
  sequence: z.number(),
  at: z.number(),
  type: z.string(),
  text: z.string(),
})

/** `GET /api/v1/timeline`, oldest first. */
export interface Timeline {
  readonly entries: readonly TimelineEntry[]
}

export const timelineSchema: z.ZodType<Timeline> = z.object({ entries: z.array(timelineEntrySchema) })

/** What an answer with a status of 400 or more holds. */
export interface Problem {
  readonly error: string
  readonly hint?: string | undefined
}

export const problemSchema: z.ZodType<Problem> = z.object({ error: z.string(), hint: z.string().optional() })

const target = (encodedId: string) => `/api/v1/targets/${encodedId}`
const drain = (encodedId: string) => `${target(encodedId)}/drain`
const switchover = (encodedName: string) => `/api/v1/services/${encodedName}/switchover`
const failover = (encodedName: string) => `/api/v1/services/${encodedName}/failover`
const plan = (encodedName: string) => `/api/v1/services/${encodedName}/plan`
const serviceOf = (encodedName: string) => `/api/v1/services/${encodedName}`
const check = (encodedName: string) => `/api/v1/checks/${encodedName}`
const report = (encodedName: string) => `${check(encodedName)}/report`
const poolExplanation = (encodedName: string) => `/api/v1/pools/${encodedName}/explain`
const siteMaintenance = (encodedName: string) => `/api/v1/sites/${encodedName}/maintenance`
const poolMaintenance = (encodedName: string) => `/api/v1/pools/${encodedName}/maintenance`

/** The paths of the API; an id is percent-encoded. */
export const apiPaths: {
  readonly health: '/healthz'
  readonly ready: '/readyz'
  readonly metrics: '/metrics'
  readonly status: '/api/v1/status'
  readonly timeline: '/api/v1/timeline'
  readonly events: '/api/v1/events'
  readonly target: (id: string) => string
  readonly drain: (id: string) => string
  readonly switchover: (service: string) => string
  readonly failover: (service: string) => string
  readonly plan: (service: string) => string
  readonly service: (name: string) => string
  readonly checks: '/api/v1/checks'
  readonly check: (name: string) => string
  readonly report: (check: string) => string
  readonly poolExplanation: (pool: string) => string
  readonly poolMaintenance: (pool: string) => string
  readonly reload: '/api/v1/reload'
  readonly dnsForce: '/api/v1/dns/force'
  readonly hold: '/api/v1/hold'
  readonly maintenance: '/api/v1/maintenance'
  readonly siteMaintenance: (site: string) => string
  /** The same as patterns for a router, with `:id` and `:name` for what is in the path. */
  readonly routes: {
    readonly target: string
    readonly drain: string
    readonly switchover: string
    readonly failover: string
    readonly plan: string
    readonly service: string
    readonly check: string
    readonly report: string
    readonly poolExplanation: string
    readonly poolMaintenance: string
    readonly siteMaintenance: string
  }
} = {
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  status: '/api/v1/status',
  timeline: '/api/v1/timeline',
  events: '/api/v1/events',
  target: (id) => target(encodeURIComponent(id)),
  drain: (id) => drain(encodeURIComponent(id)),
  switchover: (service) => switchover(encodeURIComponent(service)),
  failover: (service) => failover(encodeURIComponent(service)),
  plan: (service) => plan(encodeURIComponent(service)),
  service: (name) => serviceOf(encodeURIComponent(name)),
  checks: '/api/v1/checks',
  check: (name) => check(encodeURIComponent(name)),
  report: (name) => report(encodeURIComponent(name)),
  poolExplanation: (pool) => poolExplanation(encodeURIComponent(pool)),
  poolMaintenance: (pool) => poolMaintenance(encodeURIComponent(pool)),
  reload: '/api/v1/reload',
  dnsForce: '/api/v1/dns/force',
  hold: '/api/v1/hold',
  maintenance: '/api/v1/maintenance',
  siteMaintenance: (site) => siteMaintenance(encodeURIComponent(site)),
  routes: {
    target: target(':id'),
    drain: drain(':id'),
    switchover: switchover(':name'),
    failover: failover(':name'),
    plan: plan(':name'),
    service: serviceOf(':name'),
    check: check(':name'),
    report: report(':name'),
    poolExplanation: poolExplanation(':name'),
    poolMaintenance: poolMaintenance(':name'),
    siteMaintenance: siteMaintenance(':name'),
  },
}

import type { TargetState } from '@hotspare/core'
import { z } from 'zod'

// Where the requests of a pool go. Read tolerantly: a newer daemon may say more.

/** A part of the traffic of a pool. */
export interface PoolShare {
  readonly tier: number
  /** The reason that its picks carry: `preferred`, `spill tier 0 -> 1`. */
  readonly reason: string
  readonly percent: number
}

/** A target of a pool, and what is in its way, or in its favour. */
export interface PoolMember {
  readonly id: string
  readonly tier: number
  readonly zone?: string | undefined
  /** What it is now. */
  readonly weight: number
  readonly state: TargetState
  /** What its requests show: `available`, `backing-off` or `ejected`. */
  readonly passive: string
  /** Requests under way. */
  readonly active: number
  /** How many it may have at a time; absent where as many as come. */
  readonly limit?: number | undefined
  /** Why requests go there, or not. */
  readonly because: string
}

/** `GET /api/v1/pools/{name}/explain`: where requests go and why; with `?key=`, where that key goes. */
export interface PoolExplanation {
  readonly pool: string
  /** The algorithm. */
  readonly balance: string
  /** What of a request is its key: `the header x-user`; absent for algorithms that look at none. */
  readonly keyFrom?: string | undefined
  /** The key that was asked for. */
  readonly key?: string | undefined
  /** Where it goes; absent without a key that counts, or where nothing can be picked. */
  readonly target?: string | undefined
  /** The tier of that target; without one, the tier with most of the traffic. */
  readonly tier?: number | undefined
  /** The reason that picks there carry. */
  readonly reason?: string | undefined
  readonly because: string
  /** How the traffic divides, the most preferred first; empty where nothing can be picked. */
  readonly shares: readonly PoolShare[]
  readonly targets: readonly PoolMember[]
  /** Requests that wait for a target; absent where none does. */
  readonly waiting?: number | undefined
  /** All of it as sentences, in the order to read them. */
  readonly text: readonly string[]
}

/** People work on a pool: its clients get a page that says so. */
export interface PoolMaintenance {
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
  /** When it ends by itself; absent: when people say so. */
  readonly until?: number | undefined
}

/** `POST` and `DELETE /api/v1/pools/{name}/maintenance`, with `?because=` and `?forMs=`: what holds from now on. */
export interface PoolMaintenanceResult {
  readonly pool: string
  /** Absent: it is not in maintenance. */
  readonly maintenance?: PoolMaintenance | undefined
}

export const poolMaintenanceSchema: z.ZodType<PoolMaintenance> = z.object({
  since: z.number(),
  because: z.string(),
  until: z.number().optional(),
})

export const poolMaintenanceResultSchema: z.ZodType<PoolMaintenanceResult> = z.object({
  pool: z.string(),
  maintenance: poolMaintenanceSchema.optional(),
})

const stateSchema: z.ZodType<TargetState> = z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining'])

export const poolExplanationSchema: z.ZodType<PoolExplanation> = z.object({
  pool: z.string(),
  balance: z.string(),
  keyFrom: z.string().optional(),
  key: z.string().optional(),
  target: z.string().optional(),
  tier: z.number().optional(),
  reason: z.string().optional(),
  because: z.string(),
  shares: z.array(z.object({ tier: z.number(), reason: z.string(), percent: z.number() })),
  targets: z.array(
    z.object({
      id: z.string(),
      tier: z.number(),
      zone: z.string().optional(),
      weight: z.number(),
      state: stateSchema,
      passive: z.string(),
      active: z.number(),
      limit: z.number().optional(),
      because: z.string(),
    }),
  ),
  waiting: z.number().optional(),
  text: z.array(z.string()),
})

/** Longer keys are not asked about; a request has no room for many of them. */
export const LONGEST_KEY_CHARACTERS = 4_096

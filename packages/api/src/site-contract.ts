import { z } from 'zod'

// Read tolerantly, as everything of a daemon: a newer one may say more.

/** A site, as one node sees it. */
export interface SiteStatus {
  readonly name: string
  /** `up`, `partial` (a node is dead, or in maintenance), `drained` (all are in maintenance) or `lost` (all are dead). */
  readonly state: string
  readonly because: string
  readonly nodes: readonly string[]
  /** Services that are active there. */
  readonly services: readonly string[]
}

/** Where a service would go, and why; `to` is left out where nobody could take it. */
export interface ServiceDeparture {
  readonly service: string
  readonly from: string
  readonly to?: string | undefined
  readonly because: string
}

/** What a node would carry, in the units of the file. */
export interface NodeLoad {
  readonly node: string
  readonly load: number
  readonly added: number
  readonly capacity: number
  readonly fits: boolean
}

/** Whether the others would carry what is to leave. */
export interface DepartureStatus {
  readonly departures: readonly ServiceDeparture[]
  /** Of the nodes that stay, and have a capacity in the file. */
  readonly loads: readonly NodeLoad[]
}

/** `PUT` and `DELETE` of `/api/v1/sites/{name}/maintenance`: how it went, also a refusal. */
export interface SiteWordResult {
  readonly site: string
  /** Whether every node of it has the word. */
  readonly ok: boolean
  /** One sentence for people. */
  readonly because: string
  /** What each node answered; empty for a refusal. */
  readonly nodes: readonly { readonly node: string; readonly ok: boolean; readonly because: string }[]
  /** Left out where a word was taken back. */
  readonly departure?: DepartureStatus | undefined
}

export const siteStatusSchema: z.ZodType<SiteStatus> = z.object({
  name: z.string(),
  state: z.string(),
  because: z.string(),
  nodes: z.array(z.string()),
  services: z.array(z.string()),
})

export const departureStatusSchema: z.ZodType<DepartureStatus> = z.object({
  departures: z.array(z.object({ service: z.string(), from: z.string(), to: z.string().optional(), because: z.string() })),
  loads: z.array(z.object({ node: z.string(), load: z.number(), added: z.number(), capacity: z.number(), fits: z.boolean() })),
})

export const siteWordResultSchema: z.ZodType<SiteWordResult> = z.object({
  site: z.string(),
  ok: z.boolean(),
  because: z.string(),
  nodes: z.array(z.object({ node: z.string(), ok: z.boolean(), because: z.string() })),
  departure: departureStatusSchema.optional(),
})
